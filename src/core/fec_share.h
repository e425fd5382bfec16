// How much of what is sent is FEC (RFC 5109): where sending again comes too late for the picture,
// because the path is long and loses packets at any rate. Pure; times in seconds, any clock.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/tolerance.h"

namespace callagent {

class FecShare {
public:
    // What was measured, as often as one likes: the share of packets lost lately, the round-trip
    // time. A queue that is full just now makes both larger, but no path long.
    double at(double now, double loss, double round_trip)
    {
        constexpr double kLong = 0.08;   // a picture is shown for a third of it
        constexpr double kLossy = 0.01;  // less is repaired by sending again
        constexpr double kNoMore = 0.7;  // of each, to stop again
        constexpr double kEach = 60;     // FEC for each loss, and second of the round trip: what it
        constexpr double kFewest = 6;    // does not make good comes later by one
        constexpr double kMost = 9;
        constexpr double kLeast = 0.1, kHalf = 0.5;
        constexpr double kTime = 3;  // s, over which the loss is averaged

        if (last_ >= 0)
            loss_ += (loss - loss_) * (1 - std::exp(-std::max(0.0, now - last_) / kTime));
        last_ = now;
        if (round_trip > 0)
            round_trip_.add(now, round_trip);
        const double enough = is_on_ ? kNoMore : 1;
        is_on_ = round_trip_.value() >= enough * kLong && loss_ >= enough * kLossy;
        const double each = std::clamp(kEach * round_trip_.value(), kFewest, kMost);
        return is_on_ ? std::clamp(each * loss_, kLeast, kHalf) : 0;
    }

private:
    WindowedMinimum round_trip_{10};
    double loss_ = 0;
    double last_ = -1;
    bool is_on_ = false;
};

}  // namespace callagent
