#include "media/stats.h"

#include <algorithm>

#include <gst/webrtc/webrtc.h>

#include "media/rtp_session.h"

namespace callagent::media {
namespace {

template <typename T>
T number(const GstStructure *structure, const char *field)
{
    const GValue *value = gst_structure_get_value(structure, field);
    if (!value)
        return 0;
    if (G_VALUE_HOLDS_UINT64(value))
        return static_cast<T>(g_value_get_uint64(value));
    if (G_VALUE_HOLDS_UINT(value))
        return static_cast<T>(g_value_get_uint(value));
    if (G_VALUE_HOLDS_INT(value))
        return static_cast<T>(g_value_get_int(value));
    return 0;
}

// The session's own count of a source; null where it knows none of that SSRC.
const GstStructure *source(const GstStructure *session, std::uint32_t ssrc)
{
    const GValue *value = gst_structure_get_value(session, "source-stats");
    if (!value)
        return nullptr;
    // GValueArray is deprecated, and what the session has.
    G_GNUC_BEGIN_IGNORE_DEPRECATIONS
    const auto *sources = static_cast<GValueArray *>(g_value_get_boxed(value));
    for (guint i = 0; sources && i < sources->n_values; ++i) {
        const GstStructure *entry = gst_value_get_structure(sources->values + i);
        if (number<std::uint32_t>(entry, "ssrc") == ssrc)
            return entry;
    }
    G_GNUC_END_IGNORE_DEPRECATIONS
    return nullptr;
}

glib::Ptr<GstStructure> session_stats(GstElement *webrtc)
{
    const auto rtpbin = glib::adopt(gst_bin_get_by_name(GST_BIN(webrtc), "rtpbin"));
    const auto session = internal_session(rtpbin.get());
    GstStructure *stats = nullptr;
    if (session)
        g_object_get(session.get(), "stats", &stats, nullptr);
    return glib::adopt(stats);
}

// The receiver counts behind the jitter buffer: what came too late is missing there, and what was
// sent again has taken the place of what was lost.
void add_arrived(InboundRtp &stats, const Graph &graph)
{
    RtpTotals all = graph.arrived->of(stats.ssrc);
    if (all.packets == 0)
        return;  // nothing is to be sent again in this call
    if (stats.kind == Medium::Video) {
        const RtpTotals repairs = graph.repairs_received();
        all += repairs;
        stats.retransmitted_packets_received = repairs.packets;
        stats.retransmitted_bytes_received = repairs.payload_bytes;
        // To the tally a FEC packet has no payload.
        all.payload_bytes += stats.fec_bytes_received;
    }
    stats.packets_received = all.packets;
    stats.bytes_received = all.payload_bytes;
    stats.header_bytes_received = all.header_bytes;
}

// What only the session knows of a stream that comes: everything before the jitter buffer.
void add_session(InboundRtp &stats, const GstStructure *session)
{
    const GstStructure *entry = session ? source(session, stats.ssrc) : nullptr;
    if (!entry)
        return;
    // Our own pads count behind the jitter buffer; a restarted source must not make it less.
    stats.packets_received =
        std::max(stats.packets_received, number<std::uint64_t>(entry, "packets-received"));
    stats.packets_lost = std::max<std::int64_t>(0, number<std::int64_t>(entry, "packets-lost"));
    stats.jitter = number<double>(entry, "jitter") / clock_rate(stats.kind);
    stats.nack_count += number<std::uint32_t>(entry, "sent-nack-count");
    stats.pli_count += number<std::uint32_t>(entry, "sent-pli-count");
}

void add_session(OutboundRtp &stats, const GstStructure *session)
{
    const GstStructure *entry = session ? source(session, stats.ssrc) : nullptr;
    if (!entry)
        return;
    stats.nack_count = number<std::uint32_t>(entry, "recv-nack-count");
    stats.pli_count = number<std::uint32_t>(entry, "recv-pli-count");
}

void add_transport(Stats &stats)
{
    for (const auto &in : stats.inbound) {
        stats.transport.packets_received += in.packets_received;
        stats.transport.bytes_received += in.bytes_received + in.header_bytes_received;
    }
    for (const auto &out : stats.outbound) {
        stats.transport.packets_sent += out.packets_sent;
        stats.transport.bytes_sent += out.bytes_sent + out.header_bytes_sent;
    }
}

}  // namespace

Stats StatsCollector::collect(Graph &graph, const Timeline &timeline)
{
    const double now = static_cast<double>(timeline.now()) / GST_SECOND;
    const auto session = session_stats(graph.webrtc);

    Stats stats;
    const std::lock_guard lock(graph.members);
    for (const auto &receiver : graph.receivers) {
        InboundRtp in = receiver->stats(now);
        const auto feedback = graph.feedback->counts(in.ssrc);
        in.nack_count = feedback.nacks;
        in.pli_count = feedback.plis;
        const auto fec = graph.fec_receiver->counts(in.ssrc);
        in.fec_packets_received = fec.packets;
        in.fec_bytes_received = fec.bytes;
        in.fec_packets_discarded = fec.discarded;
        add_session(in, session.get());
        add_arrived(in, graph);
        if (in.ssrc != 0)
            stats.inbound.push_back(std::move(in));
    }
    std::optional<double> round_trip;
    for (const auto &sender : graph.senders) {
        OutboundRtp out = sender->stats(now);
        add_session(out, session.get());
        const Medium kind = out.kind;
        if (kind == Medium::Video) {  // sound is not sent again
            const RtpTotals repairs = graph.repairs_sent();
            out.retransmitted_packets_sent = repairs.packets;
            out.retransmitted_bytes_sent = repairs.payload_bytes;
            out.packets_sent += repairs.packets;
            out.bytes_sent += repairs.payload_bytes;
            out.header_bytes_sent += repairs.header_bytes;
        }
        if (auto remote = graph.rtcp.about(out.ssrc, clock_rate(kind))) {
            remote->kind = kind;
            if (remote->round_trip_time)
                round_trip = remote->round_trip_time;
            stats.remote_inbound.push_back(*remote);
        }
        stats.outbound.push_back(std::move(out));
    }
    {
        const std::lock_guard pair_lock(graph.pair_mutex);
        stats.pair = graph.pair;
    }
    if (stats.pair)
        stats.pair->current_round_trip_time = round_trip;
    add_transport(stats);
    return stats;
}

}  // namespace callagent::media
