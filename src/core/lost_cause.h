// Which of the packets that are missing are not worth asking for (RFC 4585, 6.2.1): those before a
// keyframe that was asked for, and those of a queue that has overflowed, of which more are missing
// than can come again in time. What is sent again there comes before the keyframe, and fills the
// queue once more. Pure; times in seconds, any clock; one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace callagent {

class LostCause {
public:
    // Something came, of any stream on this path.
    void arrived(double now) { keep(arrived_, now); }

    // This one is missing. Whether so many are that a keyframe comes sooner; tells it once.
    bool overflows(std::uint16_t sequence_number, double now)
    {
        newest_ = sequence_number;
        keep(missing_, now);
        keep(arrived_, now, false);
        if (missing_.size() < kMany || missing_.size() < arrived_.size())
            return false;
        missing_.clear();
        return true;
    }

    // A keyframe is asked for now; it came.
    void asked() { before_ = newest_; }
    void came() { before_.reset(); }

    bool is_useless(std::uint16_t sequence_number) const
    {
        return before_ && static_cast<std::int16_t>(sequence_number - *before_) <= 0;
    }

private:
    static constexpr std::size_t kMany = 20;  // packets
    static constexpr double kWindow = 0.3;    // s, as long as is waited for them on a short way

    static void keep(std::deque<double> &times, double now, bool more = true)
    {
        while (!times.empty() && times.front() < now - kWindow)
            times.pop_front();
        if (more)
            times.push_back(now);
    }

    std::deque<double> arrived_, missing_;
    std::uint16_t newest_ = 0;
    std::optional<std::uint16_t> before_;
};

}  // namespace callagent
