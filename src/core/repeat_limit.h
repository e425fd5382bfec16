// Which of the packets that a peer misses are sent again (RFC 4585, 6.2.1): each one once in a
// round trip, since it cannot have arrived sooner, and all together no more than a share of what
// the path carries. Where a queue overflows, what is sent again is the next to be lost; without a
// limit nothing else gets through any more. Pure; times in seconds, any clock; one thread at a
// time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

namespace callagent {

class RepeatLimit {
public:
    // Of everything that we may send, in bit/s; and the round-trip time.
    void set_path(double rate, double round_trip)
    {
        rate_ = rate;
        round_trip_ = round_trip;
    }

    // Where a second loss would be noticed too late, what is sent again is sent twice.
    bool is_long() const { return round_trip_ > kLong; }
    static constexpr double kLong = 0.04;

    // The peer asks for this one.
    bool allow(std::uint16_t sequence_number, double now)
    {
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
    double left_ = 0, last_ = -1;
    std::map<std::uint16_t, double> sent_;  // again, and when
};

}  // namespace callagent
