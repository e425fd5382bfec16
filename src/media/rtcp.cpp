#include "media/rtcp.h"

#include <cstring>

#include <gst/rtp/rtp.h>

namespace callagent::media {
namespace {

ReportBlock report_block(const GstRTCPPacket *packet, guint index)
{
    ReportBlock block;
    guint8 fraction = 0;
    guint32 highest = 0;
    // The accessors take the packet as non-const, and change nothing.
    auto copy = *packet;
    gst_rtcp_packet_get_rb(&copy, index, &block.ssrc, &fraction, &block.packets_lost, &highest,
                           &block.jitter, &block.last_sr, &block.delay_since_last_sr);
    block.fraction_lost = fraction / 256.0;
    return block;
}

// Its identifier, the number of SSRCs, and the bitrate as a floating-point number.
std::optional<int> remb(GstRTCPPacket *packet)
{
    constexpr auto kApplicationLayer = static_cast<GstRTCPFBType>(15);
    if (gst_rtcp_packet_fb_get_type(packet) != kApplicationLayer ||
        gst_rtcp_packet_fb_get_fci_length(packet) < 2)
        return std::nullopt;
    const guint8 *fci = gst_rtcp_packet_fb_get_fci(packet);
    if (std::memcmp(fci, "REMB", 4) != 0)
        return std::nullopt;
    const std::uint64_t mantissa =
        (fci[5] & 3U) << 16U | static_cast<unsigned>(fci[6]) << 8U | fci[7];
    const unsigned exponent = fci[5] >> 2U;
    constexpr std::uint64_t kMost = 2'000'000'000;
    const bool more = exponent > 31 || (mantissa << exponent) > kMost;
    return static_cast<int>(more ? kMost : mantissa << exponent);
}

void read(GstRTCPPacket *packet, Rtcp &rtcp)
{
    switch (gst_rtcp_packet_get_type(packet)) {
        case GST_RTCP_TYPE_SR: {
            SenderReport report;
            gst_rtcp_packet_sr_get_sender_info(packet, &report.ssrc, &report.ntp_time,
                                               &report.rtp_time, nullptr, nullptr);
            rtcp.sender_reports.push_back(report);
            [[fallthrough]];
        }
        case GST_RTCP_TYPE_RR:
            for (guint i = 0; i < gst_rtcp_packet_get_rb_count(packet); ++i)
                rtcp.reports.push_back(report_block(packet, i));
            break;
        case GST_RTCP_TYPE_PSFB:
            if (const auto limit = remb(packet))
                rtcp.remb = limit;
            break;
        case GST_RTCP_TYPE_BYE:
            for (guint i = 0; i < gst_rtcp_packet_bye_get_ssrc_count(packet); ++i)
                rtcp.byes.push_back(gst_rtcp_packet_bye_get_nth_ssrc(packet, i));
            break;
        default:
            break;
    }
}

}  // namespace

Rtcp parse_rtcp(GstBuffer *buffer)
{
    Rtcp rtcp;
    GstRTCPBuffer mapped = GST_RTCP_BUFFER_INIT;
    if (!gst_rtcp_buffer_validate_reduced(buffer) ||
        !gst_rtcp_buffer_map(buffer, GST_MAP_READ, &mapped))
        return rtcp;
    GstRTCPPacket packet;
    for (gboolean more = gst_rtcp_buffer_get_first_packet(&mapped, &packet); more;
         more = gst_rtcp_packet_move_to_next(&packet))
        read(&packet, rtcp);
    gst_rtcp_buffer_unmap(&mapped);
    return rtcp;
}

double round_trip_time(const ReportBlock &report, std::uint32_t arrival)
{
    if (report.last_sr == 0)
        return -1;
    const auto difference =
        static_cast<std::int32_t>(arrival - report.last_sr - report.delay_since_last_sr);
    constexpr double kUnit = 1.0 / 65536;
    const double seconds = difference * kUnit;
    return seconds < 0 && seconds > -0.005 ? 0 : seconds;  // clocks step by a little
}

}  // namespace callagent::media
