#include "media/graph.h"

#include <algorithm>
#include <atomic>
#include <future>

#include "media/fingerprint.h"
#include "media/transceivers.h"

namespace callagent::media {
namespace {

using Matches = bool (*)(const GstPadProbeInfo *);

// Ready when the first thing that matches passes the pad.
std::future<void> once(GstPad *pad, int types, Matches matches)
{
    struct Waiting {
        Matches matches;
        std::promise<void> passed;
        std::atomic<bool> told = false;  // two threads may pass the pad at once (media, SCTP)
    };
    auto *waiting = new Waiting{matches, {}};
    auto passed = waiting->passed.get_future();
    gst_pad_add_probe(
        pad, static_cast<GstPadProbeType>(types),
        [](GstPad *, GstPadProbeInfo *info, gpointer data) -> GstPadProbeReturn {
            auto *self = static_cast<Waiting *>(data);
            if (!self->matches(info))
                return GST_PAD_PROBE_OK;
            if (!self->told.exchange(true))
                self->passed.set_value();
            return GST_PAD_PROBE_REMOVE;
        },
        waiting, [](gpointer data) { delete static_cast<Waiting *>(data); });
    return passed;
}

bool is_eos(const GstPadProbeInfo *info)
{
    return GST_EVENT_TYPE(GST_EVENT(info->data)) == GST_EVENT_EOS;
}

bool any(const GstPadProbeInfo *)
{
    return true;
}

glib::Ptr<GstElement> first_of(GstBin *bin, const char *factory)
{
    auto *all = gst_bin_iterate_all_by_element_factory_name(bin, factory);
    GValue value = G_VALUE_INIT;
    glib::Ptr<GstElement> found;
    if (gst_iterator_next(all, &value) == GST_ITERATOR_OK) {
        found = glib::retain(GST_ELEMENT(g_value_get_object(&value)));
        g_value_unset(&value);
    }
    gst_iterator_free(all);
    return found;
}

RtpTotals repairs(GstElement *rtx, const RtpTally &tally)
{
    GstStructure *raw = nullptr;
    if (rtx)
        g_object_get(rtx, "payload-type-map", &raw, nullptr);
    const auto types = glib::adopt(raw);
    return types ? tally.of_values(types.get()) : RtpTotals();
}

}  // namespace

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

RtpTotals Graph::repairs_sent() const
{
    return repairs(first_of(GST_BIN(webrtc), "rtprtxsend").get(), *left);
}

RtpTotals Graph::repairs_received() const
{
    return repairs(first_of(GST_BIN(webrtc), "rtprtxreceive").get(), *arrived);
}

bool Graph::can_repeat()
{
    if (!rtx_send_)
        rtx_send_ = first_of(GST_BIN(webrtc), "rtprtxsend");
    return rtx_send_ != nullptr;
}

int Graph::repeat_packet()
{
    auto *video = sender(Medium::Video);
    const auto packet = video && can_repeat() ? video->outgoing().recent() : std::nullopt;
    if (!packet)
        return 0;
    repeat(packet->sequence_number);
    return packet->bytes;
}

// As the session does for a NACK.
void Graph::repeat(std::uint16_t sequence_number)
{
    const auto *video = sender(Medium::Video);
    if (!video || !can_repeat())
        return;
    const auto out = glib::adopt(gst_element_get_static_pad(rtx_send_.get(), "src"));
    gst_pad_send_event(
        out.get(),
        gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                             gst_structure_new("GstRTPRetransmissionRequest", "seqnum", G_TYPE_UINT,
                                               guint{sequence_number}, "ssrc", G_TYPE_UINT,
                                               guint{video->config().ssrc}, nullptr)));
}

void Graph::use_first_round_trip() const
{
    const double round_trip = handshake->round_trip();
    if (round_trip <= 0)
        return;
    feedback->set_way(round_trip);
    feedback->set_round_trip(round_trip);
    // Of the jitter buffers to come; those of webrtcbin itself, whose own property takes locks.
    if (const auto rtpbin = glib::adopt(gst_bin_get_by_name(GST_BIN(webrtc), "rtpbin")))
        g_object_set(rtpbin.get(), "latency", Patience::for_round_trip(round_trip), nullptr);
}

void Graph::open()
{
    use_first_round_trip();
    const std::lock_guard lock(members);
    for (auto &[pad, probe] : std::exchange(held_, {}))
        gst_pad_remove_probe(pad.get(), probe);
    for (const auto &sender : senders)
        sender->open();
}

void Graph::say_goodbye(std::chrono::milliseconds at_most)
{
    // Each step has its share: one that does not come must not cost the others their time.
    const auto share = at_most / 3;
    const auto rtpbin = glib::adopt(gst_bin_get_by_name(GST_BIN(webrtc), "rtpbin"));
    const auto reports =
        glib::adopt(rtpbin ? gst_element_get_static_pad(rtpbin.get(), "send_rtcp_src_0") : nullptr);
    if (reports && !senders.empty()) {
        // The session says BYE when all that it sends has ended, and ends its RTCP behind it.
        const auto ended = once(reports.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, is_eos);
        for (const auto &sender : senders)
            if (const auto into = glib::adopt(gst_pad_get_peer(sender->pad())))
                gst_pad_send_event(into.get(), gst_event_new_eos());
        ended.wait_for(share);
    }
    const auto dtls = first_of(GST_BIN(webrtc), "dtlsenc");
    if (!dtls)
        return;
    auto in = glib::adopt(gst_element_get_static_pad(dtls.get(), "sink"));
    if (!in)  // there is one where data channels were asked for
        in = glib::adopt(gst_element_request_pad_simple(dtls.get(), "sink"));
    const auto out = glib::adopt(gst_element_get_static_pad(dtls.get(), "src"));
    const auto alert = once(out.get(), GST_PAD_PROBE_TYPE_BUFFER, any);
    gst_pad_send_event(in.get(), gst_event_new_eos());
    if (alert.wait_for(share) == std::future_status::ready)
        once(out.get(), GST_PAD_PROBE_TYPE_IDLE, any).wait_for(share);  // it has left the pad
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
