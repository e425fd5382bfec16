#include "media/rtcp_log.h"

#include <algorithm>

#include <gst/gst.h>

namespace callagent::media {

void RtcpLog::add(GstBuffer *packet)
{
    ++packets_;
    const Rtcp rtcp = parse_rtcp(packet);
    // NTP's middle 32 bits (RFC 3550, 4), by the wall clock that our sender reports carry.
    constexpr std::int64_t kNtpToUnix = 2'208'988'800;
    const std::int64_t now = g_get_real_time();
    const auto seconds = static_cast<std::uint64_t>(now / G_USEC_PER_SEC + kNtpToUnix);
    const auto fraction = static_cast<std::uint64_t>(now % G_USEC_PER_SEC) * 65536 / G_USEC_PER_SEC;
    const auto arrival = static_cast<std::uint32_t>(seconds << 16 | fraction);

    const std::lock_guard lock(mutex_);
    for (const auto &report : rtcp.reports) {
        Heard &heard = reports_[report.ssrc];
        heard.report = report;
        ++heard.count;
        if (const double trip = round_trip_time(report, arrival); trip >= 0 && trip < 60)
            heard.round_trip = trip;
    }
    if (reports_.size() > 64)  // a peer that reports on SSRCs of its invention
        reports_.clear();
    for (const auto &report : rtcp.sender_reports)
        if (clocks_.size() < 64 || clocks_.contains(report.ssrc))
            clocks_[report.ssrc].report(report.ntp_time, report.rtp_time);
    if (rtcp.remb)
        remb_ = rtcp.remb;
    for (const auto ssrc : rtcp.byes)
        if (byes_.size() < 64)
            byes_.push_back(ssrc);
}

std::optional<RemoteInboundRtp> RtcpLog::about(std::uint32_t ssrc, int clock_rate) const
{
    const std::lock_guard lock(mutex_);
    const auto found = reports_.find(ssrc);
    if (found == reports_.end())
        return std::nullopt;
    RemoteInboundRtp stats;
    stats.ssrc = ssrc;
    stats.packets_lost =
        std::max(0, found->second.report.packets_lost);  // duplicates make it negative
    stats.fraction_lost = found->second.report.fraction_lost;
    stats.jitter = static_cast<double>(found->second.report.jitter) / clock_rate;
    if (found->second.round_trip >= 0)
        stats.round_trip_time = found->second.round_trip;
    return stats;
}

std::optional<RtcpLog::Latest> RtcpLog::latest(std::uint32_t ssrc) const
{
    const std::lock_guard lock(mutex_);
    const auto found = reports_.find(ssrc);
    if (found == reports_.end())
        return std::nullopt;
    const Heard &heard = found->second;
    Latest latest{heard.count, heard.report.fraction_lost, {}};
    if (heard.round_trip >= 0)
        latest.round_trip = heard.round_trip;
    return latest;
}

std::optional<double> RtcpLog::captured(std::uint32_t ssrc, std::uint32_t rtp_time,
                                        int clock_rate) const
{
    const std::lock_guard lock(mutex_);
    const auto found = clocks_.find(ssrc);
    return found == clocks_.end() ? std::nullopt : found->second.at(rtp_time, clock_rate);
}

std::optional<int> RtcpLog::remb() const
{
    const std::lock_guard lock(mutex_);
    return remb_;
}

bool RtcpLog::said_bye(std::uint32_t ssrc) const
{
    const std::lock_guard lock(mutex_);
    return std::find(byes_.begin(), byes_.end(), ssrc) != byes_.end();
}

}  // namespace callagent::media
