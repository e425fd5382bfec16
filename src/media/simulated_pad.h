// One direction of a simulated network, in front of a sink pad: its packets are dropped, or held
// and handed on when core's SimulatedLink says so, on a thread of its own, within a millisecond.
//
// Serialised events keep their place among the packets. A packet that carries the time of its
// arrival, as those from the network do, carries the later one.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "core/simulated_link.h"
#include "media/timeline.h"

namespace callagent::glib {

template <>
struct Release<GstMiniObject> {
    void operator()(GstMiniObject *p) const noexcept { gst_mini_object_unref(p); }
};

}  // namespace callagent::glib

namespace callagent::media {

class SimulatedPad {
public:
    // Before anything flows.
    SimulatedPad(glib::Ptr<GstPad> sink, const LinkConditions &conditions, std::uint64_t seed);
    // Not while something flows into the pad.
    ~SimulatedPad();
    SimulatedPad(const SimulatedPad &) = delete;
    SimulatedPad &operator=(const SimulatedPad &) = delete;

    // Any thread.
    SimulatedLink::Counts counts() const;

    // Until everything has been handed on that is held now or comes meanwhile; false: not by then.
    bool drain(std::chrono::steady_clock::time_point deadline);

    // What is held, and what comes from now on, is thrown away. Does not wait, so that the pad can
    // be deactivated behind it whatever its element is doing.
    void stop();

private:
    using Time = SimulatedLink::Time;  // of the steady clock
    struct Held {
        glib::Ptr<GstMiniObject> what;  // a buffer or an event
        Time came, goes;
    };

    GstPadProbeReturn pass(const GstPadProbeInfo *info);
    void hold(glib::Ptr<GstBuffer> packet, Time now);
    bool hold(GstEvent *event, Time now);
    void hand_on(Held held);
    void run();

    const glib::Ptr<GstPad> sink_;
    gulong probe_ = 0;
    mutable std::mutex mutex_;  // over what follows; not held while something is handed on
    std::condition_variable changed_;
    SimulatedLink link_;
    std::deque<Held> held_;  // the first one stays, empty, while it is handed on
    bool stopped_ = false;
    std::thread thread_;  // last: it uses the others
};

}  // namespace callagent::media
