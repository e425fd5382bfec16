#include "media/session_watch.h"

#include <optional>
#include <string_view>
#include <utility>

#include "media/rate_adaptation.h"

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

void on_pad_added(GstElement *, GstPad *pad, gpointer data)
{
    const auto &self = *static_cast<SessionWatch *>(data);
    const std::string_view name = GST_PAD_NAME(pad);
    if (name == "recv_rtp_sink") {
        FecReceiver::watch_session(pad, self.fec_receiver);
    } else if (name == "recv_rtp_src") {
        Feedback::watch(pad, self.feedback);
    } else if (name == "send_rtp_sink") {
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
