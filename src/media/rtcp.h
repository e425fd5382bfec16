// What the peer's RTCP says (RFC 3550, 6.4 and 6.6): read by ourselves, because the session keeps
// only the last report block of a source, and a bundled peer reports on our audio and our video in
// one packet.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <gst/gst.h>

namespace callagent::media {

struct ReportBlock {
    std::uint32_t ssrc = 0;  // ours
    double fraction_lost = 0;
    std::int32_t packets_lost = 0;
    std::uint32_t jitter = 0;               // in units of the clock rate
    std::uint32_t last_sr = 0;              // middle 32 bits of our report's NTP time; 0: none yet
    std::uint32_t delay_since_last_sr = 0;  // 1/65536 s
};

struct SenderReport {
    std::uint32_t ssrc = 0;
    std::uint64_t ntp_time = 0;
    std::uint32_t rtp_time = 0;
};

struct Rtcp {
    std::vector<ReportBlock> reports;
    std::vector<SenderReport> sender_reports;
    std::vector<std::uint32_t> byes;
    std::optional<int> remb;  // bit/s (draft-alvestrand-rmcat-remb-03)
};

// Malformed packets yield what could be read.
Rtcp parse_rtcp(GstBuffer *buffer);

// RFC 3550, 6.4.1: seconds, from the 32-bit NTP time of arrival; negative where it cannot be told.
double round_trip_time(const ReportBlock &report, std::uint32_t arrival);

}  // namespace callagent::media
