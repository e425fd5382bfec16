// Spreads the packets of a large picture, which the queue of a thin path has no room for, over the
// time that they need at some rate; what is small passes at once. Pure: the caller has the clock,
// and waits. One thread at a time.
#pragma once

#include <algorithm>

namespace callagent {

class Pacer {
public:
    // `bytes`: what may pass at once after a pause.
    explicit Pacer(int bytes) : burst_(bytes), left_(bytes) {}

    // bit/s; 0: no limit.
    void set_rate(double rate) { rate_ = rate; }

    // From now on nothing passes at once, until there has been a pause.
    void spend(double now)
    {
        left_ = std::min(left_, 0.0);
        last_ = now;
    }

    // A packet of so many bytes, now (seconds): how long it has to wait.
    double wait(double now, int bytes)
    {
        if (rate_ <= 0)
            return 0;
        if (last_ >= 0)
            left_ = std::min<double>(burst_, left_ + std::max(0.0, now - last_) * rate_ / 8);
        last_ = now;
        left_ -= bytes;
        return left_ >= 0 ? 0 : -left_ * 8 / rate_;
    }

private:
    const int burst_;
    double left_;
    double rate_ = 0;
    double last_ = -1;
};

}  // namespace callagent
