// So many a second, and as many again at once: a token bucket. The caller has the clock.
#pragma once

#include <algorithm>
#include <chrono>

namespace callagent {

class RateLimit {
public:
    using Time = std::chrono::steady_clock::time_point;

    // 0: no limit.
    explicit RateLimit(double a_second) : rate_(a_second), left_(kBurst * a_second) {}

    // One more, now: is that within the limit?
    bool take(Time now)
    {
        if (rate_ <= 0)
            return true;
        if (last_ != Time{})
            left_ += rate_ * std::chrono::duration<double>(now - last_).count();
        left_ = std::min(left_, kBurst * rate_);
        last_ = now;
        if (left_ < 1)
            return false;
        left_ -= 1;
        return true;
    }

private:
    static constexpr double kBurst = 2;  // seconds' worth

    double rate_;
    double left_;
    Time last_{};
};

}  // namespace callagent
