// What round trips, measured again and again, say of the way, and of how long is to be waited on
// it. Pure; times in seconds, any clock; one thread at a time.
#pragma once

#include <algorithm>

#include "core/tolerance.h"

namespace callagent {

class RoundTrips {
public:
    void add(double now, double round_trip)
    {
        if (round_trip <= 0)
            return;
        way_.add(now, round_trip);
        const double passed = last_ < 0 ? kRises : std::max(0.0, now - last_);
        const double share = std::min(1.0, passed / (round_trip > usual_ ? kRises : kFalls));
        usual_ += share * (round_trip - usual_);
        last_ = now;
    }

    // Without queues, which come and go.
    double way() const { return way_.value(); }

    // With the queue that there is most of the time. One that has just filled up is not to be
    // waited for: what it has no room for comes as a keyframe before it comes again.
    double usual() const { return usual_; }

private:
    static constexpr double kRises = 3, kFalls = 12;

    WindowedMinimum way_{30};
    double usual_ = 0, last_ = -1;
};

}  // namespace callagent
