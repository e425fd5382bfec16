// Video's losses made good without asking (core/fec.h), past webrtcbin, which knows nothing of it:
// it sees one medium with numbers in a row.
//
// FEC packets get their numbers behind the payloader, and RED is put around what is sent where the
// session takes it, behind where packets are kept for sending again. RED is taken off what comes
// before the session looks at it; a FEC packet is an empty one for everybody from there on. What is
// worked out goes into the jitter buffer beside what came.
//
// Any thread; the pads' probes keep what they need.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <gst/gst.h>

#include "core/fec.h"
#include "core/fec_gaps.h"
#include "core/media.h"
#include "core/sdp.h"
#include "media/timeline.h"

namespace callagent::media {

class FecSender {
public:
    // Both sides can do it. Before anything is sent.
    void agree(const sdp::VideoChoice &video);

    // Of all of our video, 0 … 0.5; core/fec_share.h. Nothing happens where it was not agreed on.
    void set_share(double share) { share_ = share; }
    bool agreed() const { return agreed_; }

    // A packet of ours, in order: what is to be sent in its place.
    std::vector<glib::Ptr<GstBuffer>> protect(glib::Ptr<GstBuffer> packet);

    // Where the session takes what is sent.
    static void watch(GstPad *session, const std::shared_ptr<FecSender> &self);

private:
    glib::Ptr<GstBuffer> wrapped(glib::Ptr<GstBuffer> packet) const;

    std::atomic<bool> agreed_ = false;
    std::atomic<double> share_ = 0;
    sdp::VideoChoice video_;
    fec::Encoder encoder_;        // the sender's streaming thread
    std::uint16_t inserted_ = 0;  // FEC packets so far
};

class FecReceiver {
public:
    struct Counts {
        std::uint64_t packets = 0, bytes = 0;  // of FEC: W3C's fecPacketsReceived, fecBytesReceived
        std::uint64_t discarded = 0;           // fecPacketsDiscarded
    };

    // Both sides can do it. Before anything comes.
    void agree(const sdp::VideoChoice &video);

    // Where the session takes what comes, and where a jitter buffer does.
    static void watch_session(GstPad *session, const std::shared_ptr<FecReceiver> &self);
    static void watch_jitterbuffer(GstPad *buffer, const std::shared_ptr<FecReceiver> &self);

    // Takes the empty packets out of what a jitter buffer gives, and their numbers: to a
    // depayloader one would be a packet that is broken, or lost, in the middle of a picture.
    static void close_gaps(GstPad *pad);

    Counts counts(std::uint32_t ssrc) const;

private:
    // A stream of ours has one SSRC; a peer may change it.
    struct Stream {
        std::uint32_t ssrc = 0;
        fec::Decoder decoder;
        FecGaps gaps;
        std::uint64_t bytes = 0;
    };

    glib::Ptr<GstBuffer> unwrapped(glib::Ptr<GstBuffer> packet);
    std::vector<glib::Ptr<GstBuffer>> found_with(GstBuffer *packet);
    Stream &stream(std::uint32_t ssrc);  // with mutex_ held

    std::atomic<bool> agreed_ = false;
    std::atomic<bool> seen_ = false;  // RED: until then there is nothing to do
    sdp::VideoChoice video_;
    mutable std::mutex mutex_;
    Stream stream_;
};

}  // namespace callagent::media
