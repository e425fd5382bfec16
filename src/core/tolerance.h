// What a rate control compares its measurements with. Pure; times in seconds.
#pragma once

#include <deque>
#include <utility>

namespace callagent {

// The smallest of the last so many seconds.
class WindowedMinimum {
public:
    explicit WindowedMinimum(double window) : window_(window) {}

    void add(double now, double value);
    double value() const { return candidates_.empty() ? 0 : candidates_.front().second; }
    void clear() { candidates_.clear(); }

private:
    double window_;
    std::deque<std::pair<double, double>> candidates_;  // rising values, each later than the last
};

// How much of something is borne; more where less of us did not help.
class Tolerance {
public:
    Tolerance(double usual, double most) : usual_(usual), most_(most), limit_(usual) {}

    double limit() const { return limit_; }

    // So much there is now. `eased`: we send much less than when it began. Where that does not
    // help, more is borne: then true, once. Goes back to the usual while there is little.
    bool see(double now, double amount, bool eased);

private:
    double usual_, most_;
    double limit_;
    double eased_at_ = -1, before_ = 0;
    double seen_ = -1;
};

}  // namespace callagent
