#include "media/feedback.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include <gst/rtp/rtp.h>
#include <gst/video/video.h>

#include "core/repeat_limit.h"
#include "media/rtp_count.h"
#include "media/rtp_session.h"

namespace callagent::media {
namespace {

constexpr guint kMaxPacket = 1200;       // bytes
constexpr std::size_t kMaxStreams = 64;  // a peer may invent them
constexpr std::size_t kMaxItems = 200;   // of a NACK, which fit into a packet
constexpr std::chrono::milliseconds kBehind{20};

// Whom the packets come from: as the session says it in its own ones.
struct Identity {
    guint ssrc = 0;
    std::string cname;
};

Identity identity(GstElement *rtpbin)
{
    Identity identity;
    const auto session = internal_session(rtpbin);
    if (!session)
        return identity;
    GstStructure *sdes = nullptr;
    g_object_get(session.get(), "internal-ssrc", &identity.ssrc, "sdes", &sdes, nullptr);
    const auto items = glib::adopt(sdes);
    if (const char *cname = items ? gst_structure_get_string(items.get(), "cname") : nullptr)
        identity.cname = cname;
    return identity;
}

// A receiver report without blocks, who we are, and the feedback (RFC 4585, 3.1): what is
// understood whether or not reduced-size RTCP (RFC 5506) was agreed on. `lost`: of a NACK; empty: a
// PLI.
glib::Ptr<GstBuffer> compound(const Identity &from, std::uint32_t media_ssrc,
                              std::span<const NackBatch::Item> lost)
{
    auto buffer = glib::adopt(gst_rtcp_buffer_new(kMaxPacket));
    GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
    gst_rtcp_buffer_map(buffer.get(), GST_MAP_READWRITE, &rtcp);
    GstRTCPPacket packet;
    gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_RR, &packet);
    gst_rtcp_packet_rr_set_ssrc(&packet, from.ssrc);
    gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_SDES, &packet);
    gst_rtcp_packet_sdes_add_item(&packet, from.ssrc);
    gst_rtcp_packet_sdes_add_entry(
        &packet, GST_RTCP_SDES_CNAME,
        static_cast<guint8>(std::min<std::size_t>(from.cname.size(), 255)),
        reinterpret_cast<const guint8 *>(from.cname.data()));
    gst_rtcp_buffer_add_packet(&rtcp, lost.empty() ? GST_RTCP_TYPE_PSFB : GST_RTCP_TYPE_RTPFB,
                               &packet);
    gst_rtcp_packet_fb_set_type(&packet,
                                lost.empty() ? GST_RTCP_PSFB_TYPE_PLI : GST_RTCP_RTPFB_TYPE_NACK);
    gst_rtcp_packet_fb_set_sender_ssrc(&packet, from.ssrc);
    gst_rtcp_packet_fb_set_media_ssrc(&packet, media_ssrc);
    if (!lost.empty() &&
        gst_rtcp_packet_fb_set_fci_length(&packet, static_cast<guint16>(lost.size()))) {
        guint8 *fci = gst_rtcp_packet_fb_get_fci(&packet);
        for (const auto &item : lost) {
            GST_WRITE_UINT16_BE(fci, item.packet);
            GST_WRITE_UINT16_BE(fci + 2, item.behind);
            fci += 4;
        }
    }
    gst_rtcp_buffer_unmap(&rtcp);
    return buffer;
}

}  // namespace

void Feedback::watch(GstPad *received, const std::shared_ptr<Feedback> &self)
{
    gst_pad_add_probe(
        received, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
        [](GstPad *, GstPadProbeInfo *info, gpointer data) -> GstPadProbeReturn {
            const auto &feedback = *static_cast<std::shared_ptr<Feedback> *>(data);
            return feedback->handle(GST_PAD_PROBE_INFO_EVENT(info)) ? GST_PAD_PROBE_DROP
                                                                    : GST_PAD_PROBE_OK;
        },
        new std::shared_ptr<Feedback>(self),
        [](gpointer data) { delete static_cast<std::shared_ptr<Feedback> *>(data); });
    on_buffer(received, [self](GstBuffer *) { self->arrived(); });
}

void Feedback::arrived()
{
    const std::lock_guard lock(mutex_);
    lost_cause_.arrived(network_time());
}

// Whether it is dealt with; what is not goes on to the session.
bool Feedback::handle(GstEvent *event)
{
    guint ssrc = 0;
    guint sequence_number = 0;
    const GstStructure *request = gst_event_get_structure(event);
    if (!request || !gst_structure_get_uint(request, "ssrc", &ssrc))
        return false;
    if (gst_video_event_is_force_key_unit(event))
        return want_keyframe(ssrc);
    if (!gst_structure_has_name(request, "GstRTPRetransmissionRequest") ||
        !gst_structure_get_uint(request, "seqnum", &sequence_number))
        return false;
    nack(ssrc, static_cast<std::uint16_t>(sequence_number));
    return true;
}

void Feedback::nack(std::uint32_t ssrc, std::uint16_t sequence_number)
{
    if (!way_out())
        return;  // the jitter buffer asks again
    double wait = 0;
    bool overflows = false;
    {
        const std::lock_guard lock(mutex_);
        auto *known = stream(ssrc);
        if (!known || lost_cause_.is_useless(sequence_number))
            return;
        overflows = lost_cause_.overflows(sequence_number, network_time());
        if (overflows) {
            known->missing = {};
            lost_cause_.asked();
        } else {
            wait = known->missing.add(sequence_number, network_time());
            if (wait > 0 && std::exchange(known->is_due, true))
                return;
        }
    }
    if (overflows) {
        want_keyframe(ssrc);
        return;
    }
    if (wait <= 0)
        return send_nack(ssrc);
    const auto delay = std::chrono::milliseconds(std::lround(std::ceil(wait * 1000)));
    send_later(&Feedback::due_nacks_, ssrc, delay, &Feedback::send_nack);
}

void Feedback::send_later(Due Feedback::*due, std::uint32_t ssrc, std::chrono::milliseconds delay,
                          void (Feedback::*send)(std::uint32_t))
{
    glib::post([weak = weak_from_this(), due, ssrc, delay, send] {
        if (const auto self = weak.lock())
            ((*self).*due)[ssrc] = glib::after(delay, [weak, ssrc, send] {
                if (const auto there = weak.lock())
                    ((*there).*send)(ssrc);
            });
    });
}

void Feedback::send_nack(std::uint32_t ssrc)
{
    const auto out = way_out();
    std::vector<NackBatch::Item> items;
    {
        const std::lock_guard lock(mutex_);
        auto &stream = streams_[ssrc];
        stream.is_due = false;
        items = stream.missing.take(network_time());
        if (!out || items.empty())
            return;
        ++stream.counts.nacks;
    }
    const auto from = identity(out.rtpbin.get());
    const int times = way_ > RepeatLimit::kLong ? 2 : 1;
    const std::span all(items);
    for (std::size_t at = 0; at < all.size(); at += kMaxItems)
        for (int i = 0; i < times; ++i) {
            const auto some = all.subspan(at, std::min(kMaxItems, all.size() - at));
            gst_pad_push(out.pad.get(), compound(from, ssrc, some).release());
        }
}

bool Feedback::want_keyframe(std::uint32_t ssrc)
{
    if (!way_out())
        return false;
    bool now = true;
    {
        const std::lock_guard lock(mutex_);
        if (auto *known = stream(ssrc)) {
            known->wish.set_round_trip(
                std::chrono::milliseconds(std::lround(1000 * round_trip_.load())));
            now = known->wish.ask(std::chrono::steady_clock::now());
        }
    }
    if (now)
        pli(ssrc);
    return true;
}

void Feedback::remind(std::uint32_t ssrc)
{
    {
        const std::lock_guard lock(mutex_);
        const auto found = streams_.find(ssrc);
        if (found == streams_.end() || !found->second.wish.due(std::chrono::steady_clock::now()))
            return;
    }
    pli(ssrc);
}

void Feedback::keyframe(std::uint32_t ssrc)
{
    const std::lock_guard lock(mutex_);
    if (const auto found = streams_.find(ssrc); found != streams_.end())
        found->second.wish.came();
    lost_cause_.came();
}

// Not at once: where the jitter buffer has just given up a gap, the keyframe may be right behind.
void Feedback::pli(std::uint32_t ssrc)
{
    send_later(&Feedback::due_plis_, ssrc, kBehind, &Feedback::send_pli);
}

void Feedback::send_pli(std::uint32_t ssrc)
{
    const auto out = way_out();
    if (!out)
        return;
    {
        const std::lock_guard lock(mutex_);
        auto *known = stream(ssrc);
        if (known && !known->wish.is_wanted())
            return;
        if (known)
            ++known->counts.plis;
        lost_cause_.asked();
    }
    gst_pad_push(out.pad.get(), compound(identity(out.rtpbin.get()), ssrc, {}).release());
}

Feedback::Counts Feedback::counts(std::uint32_t ssrc) const
{
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(ssrc);
    return found == streams_.end() ? Counts() : found->second.counts;
}

Feedback::WayOut Feedback::way_out()
{
    WayOut out;
    out.rtpbin = glib::adopt(static_cast<GstElement *>(g_weak_ref_get(&rtpbin_)));
    if (!out.rtpbin)
        return out;
    auto pad = glib::adopt(gst_element_get_static_pad(out.rtpbin.get(), "send_rtcp_src_0"));
    // Nothing may flow before the session has opened its stream with its first report.
    const auto segment =
        glib::adopt(pad ? gst_pad_get_sticky_event(pad.get(), GST_EVENT_SEGMENT, 0) : nullptr);
    if (segment)
        out.pad = std::move(pad);
    return out;
}

Feedback::Stream *Feedback::stream(std::uint32_t ssrc)
{
    if (streams_.size() >= kMaxStreams && !streams_.contains(ssrc))
        return nullptr;
    return &streams_[ssrc];
}

}  // namespace callagent::media
