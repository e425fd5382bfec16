#include "core/simulated_link.h"

#include <algorithm>
#include <cmath>

namespace callagent {

double SimulatedLink::Random::next()
{
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    return static_cast<double>(mixed >> 11) * 0x1p-53;
}

SimulatedLink::Fate SimulatedLink::send(std::size_t bytes, Time now)
{
    ++counts_.packets;
    // Drawn for every packet, dropped or not: the n-th number is the n-th packet's.
    const bool lost = losses_.next() < conditions_.loss;
    const double shift = 2 * delays_.next() - 1;
    if (lost) {
        ++counts_.lost;
        return Drop::Lost;
    }

    Time out = now;
    if (conditions_.rate > 0) {
        const Time start = std::max(now, free_);
        if (start - now > conditions_.queue) {
            ++counts_.queue_full;
            return Drop::QueueFull;
        }
        const auto bits = static_cast<std::int64_t>((bytes + kHeaders) * 8);
        free_ = start + Time(bits * std::nano::den / conditions_.rate);
        out = free_;
    }
    out += conditions_.delay;
    out += Time(std::llround(shift * static_cast<double>(conditions_.jitter.count())));
    last_ = std::max(last_, out);
    return last_;
}

}  // namespace callagent
