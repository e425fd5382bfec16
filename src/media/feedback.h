// What a receiver has to say at once: which packets are missing (generic NACK, RFC 4585, 6.2.1) and
// that a keyframe is needed (PLI, 6.3.1).
//
// Sent by ourselves, in compound packets of our own (RFC 3550, 6.1) between those of the session.
// The session of 1.22 lets one early packet pass in each regular interval, which transport-wide
// feedback takes, so that a NACK waits for up to half a second; and while it arranges for NACKs it
// walks its table of sources without its lock, which a new source then changes under it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include <gst/gst.h>

#include "core/keyframe_pace.h"
#include "core/lost_cause.h"
#include "core/nack_batch.h"
#include "glib/loop.h"
#include "media/timeline.h"

namespace callagent::media {

class Feedback : public std::enable_shared_from_this<Feedback> {
public:
    struct Counts {
        std::uint32_t nacks = 0, plis = 0;  // packets sent, as W3C's nackCount and pliCount
    };

    Feedback() { g_weak_ref_init(&rtpbin_, nullptr); }
    ~Feedback() { g_weak_ref_clear(&rtpbin_); }
    Feedback(const Feedback &) = delete;
    Feedback &operator=(const Feedback &) = delete;

    // Whose RTCP it goes out with. Any thread.
    void attach(GstElement *rtpbin) { g_weak_ref_set(&rtpbin_, rtpbin); }

    // Takes over what is asked of the session, at the pad where its RTP goes on: behind
    // rtprtxreceive, which learns from the requests what belongs together; and counts what comes.
    // The pad keeps `self`.
    // Any thread.
    static void watch(GstPad *received, const std::shared_ptr<Feedback> &self);

    // Where a request that gets lost is noticed late, it is sent twice: `way` is the round trip in
    // seconds, without queues. Any thread.
    void set_way(double way) { way_ = way; }

    // With them, before which no keyframe can have come. Any thread.
    void set_round_trip(double round_trip) { round_trip_ = round_trip; }

    // A keyframe of this stream came. Any thread.
    void keyframe(std::uint32_t ssrc);

    // Something of this stream came: asks again for the keyframe that did not. Any thread.
    void remind(std::uint32_t ssrc);

    Counts counts(std::uint32_t ssrc) const;

private:
    struct Stream {
        Counts counts;
        KeyframeWish wish{kKeyframeAgain};
        NackBatch missing;
        bool is_due = false;  // take()
    };

    // A round trip and what the encoder takes, on most paths.
    static constexpr std::chrono::milliseconds kKeyframeAgain{300};

    bool handle(GstEvent *event);
    void nack(std::uint32_t ssrc, std::uint16_t sequence_number);
    using Due = std::map<std::uint32_t, glib::Source>;
    void send_later(Due Feedback::*due, std::uint32_t ssrc, std::chrono::milliseconds delay,
                    void (Feedback::*send)(std::uint32_t));
    void send_nack(std::uint32_t ssrc);
    void arrived();
    bool want_keyframe(std::uint32_t ssrc);
    void pli(std::uint32_t ssrc);
    void send_pli(std::uint32_t ssrc);

    // Null: there is none yet.
    struct WayOut {
        glib::Ptr<GstElement> rtpbin;
        glib::Ptr<GstPad> pad;
        explicit operator bool() const { return pad != nullptr; }
    };
    WayOut way_out();

    Stream *stream(std::uint32_t ssrc);  // with mutex_ held; null: a peer invents them

    mutable std::mutex mutex_;  // not held while something is sent
    std::atomic<double> way_{0}, round_trip_{0};
    GWeakRef rtpbin_;  // weak, since its own pads' probes hold us
    std::map<std::uint32_t, Stream> streams_;
    LostCause lost_cause_;      // of video, of which there is one stream: nobody asks for sound
    Due due_nacks_, due_plis_;  // main loop
};

}  // namespace callagent::media
