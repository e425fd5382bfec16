#include "media/session_watch.h"

#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "media/rate_adaptation.h"
#include "media/rtp_count.h"
#include "media/rtp_session.h"

namespace callagent::media {
namespace {

GstPadProbeReturn look_upstream(GstPad *, GstPadProbeInfo *info, gpointer data) noexcept
{
    const auto &self = *static_cast<SessionWatch *>(data);
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    std::optional<std::uint16_t> twice;
    if (self.repeats->refuses(event, twice))
        return GST_PAD_PROBE_DROP;
    if (twice)
        self.repeat(*twice);
    auto packets = RateAdaptation::feedback_of(event);
    if (!packets.empty())
        self.take(std::move(packets));
    return GST_PAD_PROBE_OK;
}

// A session has to know the clock rates of the streams that it reports on (RFC 3550, 6.4.1), and
// webrtcbin's funnel keeps the payloaders' caps to itself. Where it has to ask, 1.22 lets go of its
// lock in the middle of its table of sources, which a stream of the peer then changes under it; and
// nobody would answer for RED.
void introduce_streams(GstPad *session, std::uint32_t sound)
{
    auto known = std::make_shared<std::set<std::uint32_t>>();
    on_rtp(session, [session, sound, known](const RtpPacket &packet) {
        if (!known->insert(packet.ssrc).second)
            return;
        const auto caps = glib::adopt(gst_pad_get_current_caps(session));
        if (!caps)
            return;
        auto with = glib::adopt(gst_caps_copy(caps.get()));
        const auto medium = packet.ssrc == sound ? Medium::Audio : Medium::Video;
        gst_caps_set_simple(with.get(), "ssrc", G_TYPE_UINT, packet.ssrc, "payload", G_TYPE_INT,
                            packet.payload_type, "clock-rate", G_TYPE_INT, clock_rate(medium),
                            nullptr);
        gst_pad_send_event(session, gst_event_new_caps(with.get()));
    });
}

void on_pad_added(GstElement *, GstPad *pad, gpointer data)
{
    const auto &self = *static_cast<SessionWatch *>(data);
    const std::string_view name = GST_PAD_NAME(pad);
    if (name == "recv_rtp_sink") {
        FecReceiver::watch_session(pad, self.fec_receiver);
    } else if (name == "recv_rtp_src") {
        Feedback::watch(pad, self.feedback);
    } else if (name == "send_rtp_sink") {
        introduce_streams(pad, self.sound);
        FecSender::watch(pad, self.fec_sender);
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, look_upstream,
                          new SessionWatch(self),
                          [](gpointer watch) { delete static_cast<SessionWatch *>(watch); });
    }
}

}  // namespace

void watch_session(GstElement *session, const SessionWatch &watch)
{
    g_signal_connect_data(
        session, "pad-added", G_CALLBACK(on_pad_added), new SessionWatch(watch),
        [](gpointer data, GClosure *) { delete static_cast<SessionWatch *>(data); },
        static_cast<GConnectFlags>(0));
}

}  // namespace callagent::media
