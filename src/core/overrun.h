// A path that becomes much narrower all at once: until the feedback tells of it, more was sent than
// it carries in a long time, and its queue overflows. With a little less of everything it stays
// full for seconds, with the losses and the late answers that go with it; and what is lost by then
// takes longer to be repeated than a keyframe. So no picture is sent until the queue has run empty,
// and then one that needs none of those before.
//
// Pure; times in seconds, rates in bit/s.
#pragma once

#include <optional>
#include <span>

#include "core/sent_packet.h"

namespace callagent {

class Overrun {
public:
    // Transport-wide feedback, in the order of sending. `way`: what a packet takes while the queue
    // is empty, between both clocks; `sent`: the rate at which we sent these. What the path
    // carries, where this is where an overrun begins.
    std::optional<double> feedback(std::span<const SentPacket> packets, double way, double sent,
                                   double now);

    bool is_held(double now) const { return now < until_; }

    // Whether feedback on what was sent then says nothing of how it is without the overrun.
    bool covers(double when) const { return when < until_; }

private:
    double until_ = -1;
};

}  // namespace callagent
