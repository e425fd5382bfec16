#include "media/rtp_count.h"

#include <set>
#include <utility>

#include <gst/rtp/rtp.h>

namespace callagent::media {
namespace {

using Seen = std::function<void(GstBuffer *)>;

GstPadProbeReturn probe(GstPad *, GstPadProbeInfo *info, gpointer data) noexcept
{
    auto &seen = *static_cast<Seen *>(data);
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
        seen(GST_PAD_PROBE_INFO_BUFFER(info));
    } else if (GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST(info)) {
        for (guint i = 0; i < gst_buffer_list_length(list); ++i)
            seen(gst_buffer_list_get(list, i));
    }
    return GST_PAD_PROBE_OK;
}

}  // namespace

void on_buffer(GstPad *pad, Seen seen)
{
    constexpr auto kBuffers =
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
    gst_pad_add_probe(pad, kBuffers, probe, new Seen(std::move(seen)),
                      [](gpointer data) { delete static_cast<Seen *>(data); });
}

void RtpTally::add(const RtpPacket &packet)
{
    const std::lock_guard lock(mutex_);
    const Source source{packet.ssrc, packet.payload_type};
    if (sources_.size() >= kMaxSources && !sources_.contains(source))
        return;
    RtpTotals &totals = sources_[source];
    ++totals.packets;
    totals.header_bytes += packet.header_bytes;
    totals.payload_bytes += packet.payload_bytes;
}

RtpTotals RtpTally::of(std::uint32_t ssrc) const
{
    RtpTotals sum;
    const std::lock_guard lock(mutex_);
    for (const auto &[source, totals] : sources_)
        if (source.first == ssrc)
            sum += totals;
    return sum;
}

RtpTotals RtpTally::of_values(const GstStructure *types) const
{
    std::set<int> wanted;
    for (int i = 0; i < gst_structure_n_fields(types); ++i) {
        guint type = 0;
        if (gst_structure_get_uint(
                types, gst_structure_nth_field_name(types, static_cast<guint>(i)), &type))
            wanted.insert(static_cast<int>(type));
    }
    RtpTotals sum;
    const std::lock_guard lock(mutex_);
    for (const auto &[source, totals] : sources_)
        if (wanted.contains(source.second))
            sum += totals;
    return sum;
}

void look_at_rtp(GstBuffer *packet, const std::function<void(const RtpPacket &)> &seen)
{
    GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
    if (!gst_rtp_buffer_map(packet, GST_MAP_READ, &rtp))
        return;
    const guint payload = gst_rtp_buffer_get_payload_len(&rtp);
    seen({gst_rtp_buffer_get_ssrc(&rtp), gst_rtp_buffer_get_payload_type(&rtp),
          gst_rtp_buffer_get_seq(&rtp), gst_rtp_buffer_get_timestamp(&rtp), GST_BUFFER_PTS(packet),
          gst_rtp_buffer_get_packet_len(&rtp) - payload, payload,
          gst_rtp_buffer_get_marker(&rtp) != FALSE});
    gst_rtp_buffer_unmap(&rtp);
}

void on_rtp(GstPad *pad, std::function<void(const RtpPacket &)> seen)
{
    on_buffer(pad, [seen = std::move(seen)](GstBuffer *buffer) { look_at_rtp(buffer, seen); });
}

}  // namespace callagent::media
