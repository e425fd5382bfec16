// One medium on its way in: RTP in, raw samples out. Lives in a call's pipeline, between webrtcbin
// and whoever takes the samples.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/frame_rate.h"
#include "core/media.h"
#include "core/result.h"
#include "core/stats.h"
#include "media/feedback.h"
#include "media/pipelines.h"
#include "media/rtp_count.h"
#include "media/timeline.h"

namespace callagent::media {

class Receiver {
public:
    struct Config {
        Medium medium = Medium::Video;
        std::string chain;  // "decode/vp8"
        std::string codec;
        std::string mid;
        int mline = 0;
    };

    // All on streaming threads; PTS is the timeline's running time.
    struct Taps {
        std::function<void(Medium)> first_packet;
        std::function<void(Medium)> first_frame;
        std::function<void(Medium, GstSample *)> encoded;  // a whole frame, as it was sent
        // Decoded, with when it was captured by the sender's wall clock, where that is known.
        std::function<void(Medium, GstSample *, std::optional<double>)> raw;
        // Of a stream, by the sender's reports: SSRC, RTP timestamp, clock rate.
        std::function<std::optional<double>(std::uint32_t, std::uint32_t, int)> captured;
        std::shared_ptr<Feedback> feedback;  // told of packets and keyframes
    };

    // Adds the chain to `pipeline` (which keeps it; the receiver must outlive the pipeline's
    // streaming).
    static Result<std::unique_ptr<Receiver>> make(const Config &, Taps, GstBin *pipeline,
                                                  const Pipelines &);
    ~Receiver();

    const Config &config() const { return config_; }

    // RTP goes in here. Called from webrtcbin's pad-added, on its thread; false where it does not
    // link.
    bool link(GstPad *rtp);

    // Asks the peer for a keyframe (RTCP PLI). Main loop.
    void request_keyframe();

    // Packets that have come so far, for the watchdog. Any thread.
    std::uint64_t packets() const { return packets_; }
    std::uint64_t frames() const { return frames_; }
    std::uint32_t ssrc() const { return ssrc_; }

    // Main loop. `now` in seconds, for frames per second.
    InboundRtp stats(double now);

private:
    Receiver(const Config &config, Taps taps) : config_(config), taps_(std::move(taps)) {}
    Status build(GstBin *pipeline, const Pipelines &pipelines);
    void on_encoded(GstPad *pad, GstBuffer *buffer);
    void on_raw(GstSample *sample);
    std::optional<double> captured(const GstBuffer *buffer);
    void remember(const RtpPacket &packet);
    void measure_video(GstSample *sample);
    void measure_audio(GstSample *sample);

    const Config config_;
    const Taps taps_;
    glib::Ptr<GstPad> pad_;

    std::atomic<std::uint64_t> packets_{0}, bytes_{0}, header_bytes_{0};
    std::atomic<std::uint64_t> frames_received_{0}, keyframes_{0}, frames_{0};
    std::atomic<std::uint32_t> ssrc_{0};

    std::mutex mutex_;  // for what follows
    int width_ = 0, height_ = 0;
    std::uint64_t samples_ = 0;
    double duration_ = 0, energy_ = 0, level_ = 0;
    std::deque<std::pair<GstClockTime, std::uint32_t>> timestamps_;  // PTS, RTP timestamp
    FrameRate frame_rate_;
};

}  // namespace callagent::media
