#include "core/tolerance.h"

#include <algorithm>

namespace callagent {

void WindowedMinimum::add(double now, double value)
{
    while (!candidates_.empty() && candidates_.back().second >= value)
        candidates_.pop_back();
    candidates_.emplace_back(now, value);
    while (candidates_.front().first < now - window_)
        candidates_.pop_front();
}

bool Tolerance::see(double now, double amount, bool eased)
{
    constexpr double kTime = 1.0;    // s, for less of us to show
    constexpr double kHelped = 0.7;  // of what there was before
    constexpr double kMore = 1.6;    // of what there is anyway; room to grow in
    constexpr double kBack = 0.1;    // of the excess, per second
    bool more = false;
    if (!eased || amount < usual_) {
        eased_at_ = -1;
    } else if (eased_at_ < 0) {
        eased_at_ = now;
        before_ = amount;
    } else if (now >= eased_at_ + kTime) {
        more = amount > kHelped * before_ && kMore * amount > limit_;
        if (more)
            limit_ = std::min(most_, kMore * amount);
        eased_at_ = -1;
    }
    const double passed = seen_ < 0 ? 0 : std::min(1.0, now - seen_);
    seen_ = now;
    if (amount < limit_ / 2)
        limit_ -= (limit_ - usual_) * kBack * passed;
    return more;
}

}  // namespace callagent
