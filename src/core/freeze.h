// Freezes as the W3C's freezeCount defines them: a frame that comes later after the one before than
// max(3 × mean, mean + 150 ms) of the last 30 intervals. Pure; times in seconds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <numeric>

namespace callagent {

class FreezeDetector {
public:
    void frame(double now)
    {
        if (last_ >= 0) {
            const double interval = now - last_;
            if (!intervals_.empty()) {
                const double mean = std::accumulate(intervals_.begin(), intervals_.end(), 0.0) /
                                    static_cast<double>(intervals_.size());
                if (interval > std::max(3 * mean, mean + 0.150)) {
                    ++count_;
                    total_ += interval;
                }
            }
            intervals_.push_back(interval);
            if (intervals_.size() > 30)
                intervals_.pop_front();
        }
        last_ = now;
    }

    std::uint32_t count() const { return count_; }
    double total() const { return total_; }

private:
    std::deque<double> intervals_;
    double last_ = -1;
    std::uint32_t count_ = 0;
    double total_ = 0;
};

}  // namespace callagent
