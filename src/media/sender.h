// One medium on its way out: raw samples in, RTP out. Lives in a call's pipeline, between the
// capture's feed and webrtcbin.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "core/bit_budget.h"
#include "core/frame_rate.h"
#include "core/keyframe_pace.h"
#include "core/media.h"
#include "core/result.h"
#include "core/stats.h"
#include "media/outgoing.h"
#include "media/pipelines.h"
#include "media/timeline.h"

namespace callagent::media {

class Sender {
public:
    struct Config {
        Medium medium = Medium::Video;
        std::string chain;  // "encode/vp8"
        std::string codec;  // for statistics: "VP8"
        std::string mid;
        int mline = 0;
        int payload_type = 96;
        std::uint32_t ssrc = 0;
        int twcc_id = 0;                 // 0: the peer has no transport-wide feedback
        int bitrate = 1'000'000;         // bit/s
        int channels = 1;                // of sound, at most
        std::shared_ptr<FecSender> fec;  // of video
    };

    // Adds the chain to `pipeline` (which keeps it; the sender must outlive the pipeline's
    // streaming).
    static Result<std::unique_ptr<Sender>> make(const Config &, GstBin *pipeline, const Pipelines &,
                                                const Timeline &);
    ~Sender();

    const Config &config() const { return config_; }

    // RTP comes out here.
    GstPad *pad() const { return pad_.get(); }

    // Any thread. Nothing passes before open(), but the last sample is kept.
    void feed(GstSample *sample);

    // The peer is who its SDP said: let media out, beginning with what was fed last. Any thread.
    void open();

    void set_bitrate(int bitrate);  // bit/s; main loop

    // Pictures get so much smaller, and fewer; where the chain has a capsfilter named "size". Main
    // loop.
    void set_step(const PictureSteps::Step &step);
    int source_width() const { return width_; }
    int source_height() const { return height_; }

    // Pictures are made, which keeps the encoder's account of them as it is, but thrown away; the
    // first one that is not is a keyframe. Main loop.
    void set_held(bool held);

    // To the peer and back, in seconds. Any thread.
    void set_round_trip(double round_trip);

    // Its packets, with what protects them.
    Outgoing &outgoing() { return outgoing_; }

    // Of what is sent, in percent: sound then says again what may be lost (RFC 6716, 2.1.7). Main
    // loop.
    void set_expected_loss(int percent);

    void force_keyframe();  // the next picture; main loop

    // Main loop. `now` in seconds, for frames per second.
    OutboundRtp stats(double now);

private:
    // What browsers keep, too.
    static constexpr std::chrono::milliseconds kKeyframesApart{300};

    // More of what waits for its turn, and pictures are left out.
    static constexpr GstClockTime kLongestWait = 400 * GST_MSECOND;

    // An encoder that makes no keyframe when it is told to goes on without.
    static constexpr int kMostSkipped = 15;

    Sender(const Config &config, const Timeline &timeline)
        : config_(config), timeline_(timeline), outgoing_(config.fec)
    {
    }
    Status build(GstBin *pipeline, const Pipelines &pipelines);
    Status add_waiting_room(GstBin *pipeline, GstElement *chain);
    void push(GstSample *sample);  // with mutex_ held
    void hold_pictures(GstPad *encoded);
    void pace_keyframes();
    void make_due_keyframe();

    const Config config_;
    const Timeline &timeline_;
    Outgoing outgoing_;
    glib::Ptr<GstElement> source_;   // appsrc
    glib::Ptr<GstElement> encoder_;  // may be absent in a user's own chain
    glib::Ptr<GstPad> pad_;

    std::mutex mutex_;  // feed() and open() come from different threads
    bool open_ = false;
    glib::Ptr<GstSample> last_;
    GstClockTime last_pts_ = GST_CLOCK_TIME_NONE;

    glib::Ptr<GstElement> size_;  // capsfilter
    PictureSteps::Step step_;
    std::atomic<bool> held_{false};
    bool begins_anew_ = false;       // streaming thread
    std::atomic<int> skippable_{0};  // pictures, until the keyframe that was asked for
    std::atomic<int> every_{1};
    int skipped_ = 0;  // pictures, since the last that was sent

    std::mutex pace_mutex_;  // requests come on the session's thread
    KeyframePace pace_{kKeyframesApart};

    std::atomic<std::uint64_t> frames_{0}, keyframes_{0};
    std::atomic<int> width_{0}, height_{0}, bitrate_{0};
    FrameRate frame_rate_;
};

}  // namespace callagent::media
