// When what carries an RTP timestamp was captured, by the sender's wall clock: from the pair of
// times in its sender reports (RFC 3550, 6.4.1). Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace callagent {

class CaptureClock {
public:
    // NTP time as the report has it: seconds since 1900 in the upper 32 bits, fractions below.
    void report(std::uint64_t ntp_time, std::uint32_t rtp_time)
    {
        constexpr double kFraction = 4294967296.0;      // 2^32
        constexpr double kNtpToUnix = 2'208'988'800.0;  // seconds
        wall_ = static_cast<double>(ntp_time) / kFraction - kNtpToUnix;
        rtp_time_ = rtp_time;
    }

    // Seconds since 1970; none before the first report.
    std::optional<double> at(std::uint32_t rtp_time, int clock_rate) const
    {
        if (!wall_)
            return std::nullopt;
        const auto ticks = static_cast<std::int32_t>(rtp_time - rtp_time_);  // wraps around
        return *wall_ + static_cast<double>(ticks) / clock_rate;
    }

private:
    std::optional<double> wall_;
    std::uint32_t rtp_time_ = 0;
};

}  // namespace callagent
