// Which of the packets that a peer misses are sent again (RFC 4585, 6.2.1): each one once in a
// round trip, since it cannot have arrived sooner, and all together no more than a share of what
// the path carries. Where a queue overflows, what is sent again is the next to be lost; without a
// limit nothing else gets through any more. Pure; times in seconds, any clock; one thread at a
// time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "core/tolerance.h"

namespace callagent {

class RepeatLimit {
public:
    // Of everything that we may send, in bit/s; and the round-trip time.
    void set_path(double rate, double round_trip, double now)
    {
        rate_ = rate;
        round_trip_ = round_trip;
        if (round_trip > 0)
            way_.add(now, round_trip);
    }

    // Where a second loss would be noticed too late, what is sent again is sent twice: where the
    // way is long, and not where a queue is, which that would fill.
    bool is_long() const { return way_.value() > kLong; }
    static constexpr double kLong = 0.04;

    // Nothing at all for the moment.
    void set_held(bool held) { held_ = held; }

    // What was sent before this one is of no use any more: a keyframe comes next.
    void begin_anew(std::uint16_t sequence_number, double now)
    {
        first_ = sequence_number;
        begun_ = now;
    }

    // The peer asks for this one.
    bool allow(std::uint16_t sequence_number, double now)
    {
        const bool is_old = static_cast<std::int16_t>(sequence_number - first_) < 0;
        if (held_ || (begun_ >= 0 && now < begun_ + kForget && is_old))
            return false;
        if (last_ >= 0)
            left_ = std::min(kBurst * share(), left_ + (now - last_) * share());
        else
            left_ = kBurst * share();
        last_ = now;
        std::erase_if(sent_, [now](const auto &one) { return now > one.second + kForget; });
        const auto found = sent_.find(sequence_number);
        const bool under_way = found != sent_.end() && now < found->second + round_trip_ * kEarly;
        if (under_way || left_ < kPacket)
            return false;
        left_ -= kPacket;
        sent_[sequence_number] = now;
        return true;
    }

private:
    static constexpr double kShare = 0.4;
    static constexpr double kBurst = 0.3;    // seconds' worth
    static constexpr double kPacket = 9600;  // bits, about
    static constexpr double kForget = 2;
    static constexpr double kEarly = 0.8;  // round trips vary

    double share() const { return kShare * rate_; }

    double rate_ = 1e6, round_trip_ = 0;
    WindowedMinimum way_{30};
    bool held_ = false;
    std::uint16_t first_ = 0;
    double begun_ = -1;
    double left_ = 0, last_ = -1;
    std::map<std::uint16_t, double> sent_;  // again, and when
};

}  // namespace callagent
