// What the peer's RTCP has told so far: reports on our streams, the clocks of its own, who has
// left. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "core/capture_clock.h"
#include "core/stats.h"
#include "media/rtcp.h"

namespace callagent::media {

class RtcpLog {
public:
    void add(GstBuffer *packet);

    std::uint64_t packets() const { return packets_; }
    std::optional<RemoteInboundRtp> about(std::uint32_t ssrc, int clock_rate) const;
    bool said_bye(std::uint32_t ssrc) const;

    // The last report on a stream of ours; `count`: which one it is.
    struct Latest {
        std::uint64_t count = 0;
        double fraction_lost = 0;
        std::optional<double> round_trip;  // seconds
    };
    std::optional<Latest> latest(std::uint32_t ssrc) const;

    // When the peer captured what has that RTP timestamp, by its own clock; seconds since 1970.
    std::optional<double> captured(std::uint32_t ssrc, std::uint32_t rtp_time,
                                   int clock_rate) const;

    // What the peer thinks that it can receive, in bit/s.
    std::optional<int> remb() const;

private:
    struct Heard {
        ReportBlock report;
        double round_trip = -1;
        std::uint64_t count = 0;
    };
    std::atomic<std::uint64_t> packets_{0};
    mutable std::mutex mutex_;
    std::map<std::uint32_t, Heard> reports_;
    std::vector<std::uint32_t> byes_;
    std::optional<int> remb_;
    std::map<std::uint32_t, CaptureClock> clocks_;
};

}  // namespace callagent::media
