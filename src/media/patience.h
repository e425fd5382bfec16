// How long the video's jitter buffer waits for what is lost and sent again: as long as several
// requests take at the usual round-trip time, and no longer, since everything behind it waits, too.
// What comes in order does not wait at all.
//
// Sound is not sent again; its buffer waits for what comes late, as long as playout does.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include <gst/gst.h>

#include "core/media.h"
#include "core/round_trips.h"
#include "glib/loop.h"
#include "media/rtp_count.h"
#include "media/timeline.h"

namespace callagent::media {

struct Graph;

class Patience {
public:
    // At first, in milliseconds: the moment in which a call is set up is when both machines are
    // busiest, and packets are late.
    static constexpr guint kFirst = 200;

    // For that round-trip time, in seconds; milliseconds.
    static guint for_round_trip(double round_trip);

    // The session has a new jitter buffer; `seen` is told of each packet that goes into it, on a
    // streaming thread. Any thread.
    void take(GstElement *jitterbuffer, std::uint32_t ssrc,
              std::function<void(const RtpPacket &)> seen);

    // How long sound that is missing is waited for. Main loop.
    void set_sound(std::chrono::milliseconds patience);

    // Main loop: looks from now on, as long as it lives.
    void watch(const std::shared_ptr<Graph> &graph);

private:
    void look();
    glib::Ptr<GstElement> buffer(Medium medium);

    std::weak_ptr<Graph> graph_;
    glib::Source looking_;
    std::chrono::milliseconds sound_{kFirst};
    RoundTrips round_trips_;
    std::mutex mutex_;
    std::map<std::uint32_t, glib::Ptr<GstElement>> buffers_;
};

}  // namespace callagent::media
