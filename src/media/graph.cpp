#include "media/graph.h"

#include <algorithm>

#include "media/fingerprint.h"
#include "media/transceivers.h"

namespace callagent::media {

void Gate::promise(std::vector<sdp::Fingerprint> fingerprints)
{
    const std::lock_guard lock(mutex_);
    promised_ = std::move(fingerprints);
}

Gate::State Gate::check(const std::string &pem)
{
    const std::lock_guard lock(mutex_);
    if (state_ != State::Shut)
        return state_;
    presented_ = certificate_digest(pem, "sha-256");
    const bool kept = sdp::matches(
        promised_, [&pem](const std::string &hash) { return certificate_digest(pem, hash); });
    state_ = kept ? State::Open : State::Refused;
    return state_;
}

std::string Gate::presented() const
{
    const std::lock_guard lock(mutex_);
    return presented_;
}

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
        if (const double trip = round_trip_time(report, arrival); trip >= 0 && trip < 60)
            heard.round_trip = trip;
    }
    if (reports_.size() > 64)  // a peer that reports on SSRCs of its invention
        reports_.clear();
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

bool RtcpLog::said_bye(std::uint32_t ssrc) const
{
    const std::lock_guard lock(mutex_);
    return std::find(byes_.begin(), byes_.end(), ssrc) != byes_.end();
}

Graph::~Graph()
{
    connections.clear();
}

Sender *Graph::sender(Medium medium)
{
    const std::lock_guard lock(members);
    for (const auto &sender : senders)
        if (sender->config().medium == medium)
            return sender.get();
    return nullptr;
}

Receiver *Graph::receiver(Medium medium)
{
    const std::lock_guard lock(members);
    for (const auto &receiver : receivers)
        if (receiver->config().medium == medium)
            return receiver.get();
    return nullptr;
}

void Graph::open()
{
    const std::lock_guard lock(members);
    for (auto &[pad, probe] : std::exchange(held_, {}))
        gst_pad_remove_probe(pad.get(), probe);
    for (const auto &sender : senders)
        sender->open();
}

void Graph::take(GstPad *pad)
{
    const std::lock_guard lock(members);
    const int mline = mline_of(pad);
    const auto owner =
        std::find_if(receivers.begin(), receivers.end(),
                     [mline](const auto &receiver) { return receiver->config().mline == mline; });
    if (owner == receivers.end() || !(*owner)->link(pad)) {
        GstElement *nowhere = gst_element_factory_make("fakesink", nullptr);
        g_object_set(nowhere, "sync", FALSE, "async", FALSE, nullptr);
        gst_bin_add(GST_BIN(pipeline.get()), nowhere);
        const auto sink = glib::adopt(gst_element_get_static_pad(nowhere, "sink"));
        gst_element_sync_state_with_parent(nowhere);
        gst_pad_link(pad, sink.get());
        return;
    }
    if (gate.state() != Gate::State::Open)
        held_.emplace_back(glib::retain(pad), gst_pad_add_probe(
                                                  pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
                                                  [](GstPad *, GstPadProbeInfo *, gpointer) {
                                                      return GST_PAD_PROBE_OK;
                                                  },
                                                  nullptr, nullptr));
}

}  // namespace callagent::media
