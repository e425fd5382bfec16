#include <string_view>

#include <gst/webrtc/webrtc.h>

#include "media/handshake.h"
#include "media/rtp_session.h"
#include "media/session_watch.h"
#include "media/webrtc_endpoint.h"

namespace callagent::media {
namespace {

// In 1.22 each early packet (RFC 4585, 3.5) puts the next regular one off, and transport-wide
// feedback is early after every picture: reports, and with them round-trip times, loss and lip
// sync, then stop coming altogether. How often both may come follows from the session's bandwidth,
// which 1.22 takes to be 64 kbit/s unless it is told.
constexpr GstClockTime kFeedbackInterval = 100 * GST_MSECOND;
constexpr GstClockTime kReportInterval = 100 * GST_MSECOND;
constexpr double kSessionBandwidth = 4'000'000;  // bit/s

const char *nick(GType type, gint value)
{
    auto *all = static_cast<GEnumClass *>(g_type_class_ref(type));
    const GEnumValue *found = g_enum_get_value(all, value);
    const char *text = found ? found->value_nick : "";
    g_type_class_unref(all);
    return text;  // static: the enums are registered for good
}

void count(GstElement *element, const char *name, const std::shared_ptr<RtpTally> &tally)
{
    if (const auto pad = glib::adopt(gst_element_get_static_pad(element, name)))
        on_rtp(pad.get(), [tally](const RtpPacket &packet) { tally->add(packet); });
}

}  // namespace

void WebRtcEndpoint::watch()
{
    auto &connections = graph_->connections;
    GstElement *webrtc = graph_->webrtc;
    const std::weak_ptr<Graph> weak = graph_;

    connections.push_back(glib::connect<void(GstElement *, guint, char *)>(
        webrtc, "on-ice-candidate",
        [deliver = later([](WebRtcEndpoint &self, const Candidate &candidate) {
             self.handlers_.candidate(candidate);
         })](GstElement *, guint mline, const char *text) {
            deliver(Candidate{text, {}, static_cast<int>(mline)});
        }));
    connections.push_back(glib::connect<void(GObject *, GParamSpec *)>(
        webrtc, "notify::ice-connection-state",
        [deliver = later([](WebRtcEndpoint &self, const char *state) {
             self.handlers_.ice_state(state);
         })](GObject *object, GParamSpec *) {
            gint state = 0;
            g_object_get(object, "ice-connection-state", &state, nullptr);
            deliver(nick(GST_TYPE_WEBRTC_ICE_CONNECTION_STATE, state));
        }));
    connections.push_back(glib::connect<void(GstElement *, GstPad *)>(
        webrtc, "pad-added", [weak](GstElement *, GstPad *pad) {
            // webrtcbin's thread: linked on the spot, or the first packets are lost.
            if (const auto graph = weak.lock(); graph && GST_PAD_IS_SRC(pad))
                graph->take(pad);
        }));
    // webrtcbin puts a clocksync into each sending stream, which would hold every buffer back until
    // its time has come; live sources have done that already. And it puts a jitter buffer into each
    // that comes in, which would hold the first packet back for the whole latency, and which
    // guesses when the next packet is due: one that its sender only sends late would be asked for
    // again and then given up as lost, with a freeze until the next keyframe. A gap in the numbers
    // is a loss.
    connections.push_back(glib::connect<void(GstBin *, GstBin *, GstElement *)>(
        webrtc, "deep-element-added",
        [left = graph_->left, arrived = graph_->arrived, handshake = graph_->handshake,
         certificate = config_.certificate,
         session = SessionWatch{
             graph_->feedback, graph_->fec_sender, graph_->fec_receiver, graph_->repeats,
             later([](WebRtcEndpoint &self, const std::vector<SentPacket> &packets) {
                 self.rate_.feedback(packets);
             }),
             later([](WebRtcEndpoint &self, std::uint16_t number) { self.graph_->repeat(number); }),
             audio_ssrc_}](GstBin *, GstBin *, GstElement *element) {
            GstElementFactory *factory = gst_element_get_factory(element);
            const std::string_view name = factory ? GST_OBJECT_NAME(factory) : "";
            if (name == "clocksync")
                g_object_set(element, "sync", FALSE, nullptr);
            else if (name == "rtpjitterbuffer")
                g_object_set(element, "faststart-min-packets", 1U, "rtx-next-seqnum", FALSE,
                             "rtx-delay", 0, nullptr);
            else if (name == "rtpsession")
                watch_session(element, session);
            else if (name == "dtlsenc")
                Handshake::send_twice(glib::adopt(gst_element_get_static_pad(element, "src")).get(),
                                      handshake);
            else if (name == "dtlsdec") {
                Handshake::watch(glib::adopt(gst_element_get_static_pad(element, "sink")).get(),
                                 handshake);
                if (!certificate.empty())
                    g_object_set(element, "pem", certificate.c_str(), nullptr);
            } else if (name == "rtprtxsend")
                count(element, "src", left);
            else if (name == "rtprtxreceive")
                count(element, "sink", arrived);
        }));
    if (const auto rtpbin = glib::adopt(gst_bin_get_by_name(GST_BIN(webrtc), "rtpbin"))) {
        // The times in our sender reports are those of capture: what a peer's lip sync and its
        // latency are told by. With the time of sending, the default, the session waits for a
        // latency that nobody tells it in a pipeline that plays already, and the RTP times that it
        // reports run at twice their speed.
        g_object_set(rtpbin.get(), "rtcp-sync-send-time", FALSE, nullptr);
        connections.push_back(glib::connect<void(GstElement *, GstElement *, guint, guint)>(
            rtpbin.get(), "new-jitterbuffer",
            [weak, sound = handlers_.sound](GstElement *, GstElement *buffer, guint, guint ssrc) {
                const auto graph = weak.lock();
                if (!graph)
                    return;
                if (const auto pad = glib::adopt(gst_element_get_static_pad(buffer, "sink")))
                    FecReceiver::watch_jitterbuffer(pad.get(), graph->fec_receiver);
                graph->patience.take(buffer, ssrc, [weak, sound](const RtpPacket &packet) {
                    const auto there = weak.lock();
                    const auto *audio = there ? there->receiver(Medium::Audio) : nullptr;
                    if (audio && sound && audio->ssrc() == packet.ssrc)
                        sound(packet.timestamp);
                });
            }));
    }
    connections.push_back(on_selected_pair(webrtc, [weak](CandidatePair pair) {
        if (const auto graph = weak.lock()) {
            const std::lock_guard lock(graph->pair_mutex);
            graph->pair = std::move(pair);
        }
    }));

    const auto bus = glib::adopt(gst_element_get_bus(graph_->pipeline.get()));
    gst_bus_set_sync_handler(
        bus.get(),
        [](GstBus *, GstMessage *message, gpointer data) -> GstBusSyncReply {
            if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
                (*static_cast<std::function<void(GstMessage *)> *>(data))(message);
            gst_message_unref(message);
            return GST_BUS_DROP;
        },
        new std::function<void(GstMessage *)>([weak_self = Weak(alive_)](GstMessage *message) {
            glib::post([weak_self, held = std::shared_ptr<GstMessage>(gst_message_ref(message),
                                                                      gst_message_unref)] {
                if (const auto self = weak_self.lock())
                    (*self)->on_bus(held.get());
            });
        }),
        [](gpointer data) { delete static_cast<std::function<void(GstMessage *)> *>(data); });
}

void WebRtcEndpoint::simulate()
{
    simulated_ = std::make_shared<SimulatedNetwork>(*config_.simulate);
    graph_->simulated = simulated_;
    graph_->connections.push_back(glib::connect<void(GstBin *, GstBin *, GstElement *)>(
        graph_->webrtc, "deep-element-added",
        [network = simulated_](GstBin *, GstBin *, GstElement *element) {
            network->take(element);
        }));
}

void WebRtcEndpoint::watch_texts()
{
    const std::weak_ptr<Graph> weak = graph_;
    // A flood must not become a heap of work for the main loop.
    const auto waiting = std::make_shared<std::atomic<int>>(0);
    const auto deliver = later([waiting](WebRtcEndpoint &self, const std::string &text) {
        --*waiting;
        if (self.handlers_.text)
            self.handlers_.text(text);
    });
    graph_->texts = std::make_unique<Texts>(
        Texts::Handlers{[weak] {
                            const auto graph = weak.lock();
                            return graph && graph->gate.state() == Gate::State::Open;
                        },
                        [waiting, deliver](const std::string &text) {
                            if (++*waiting > Texts::kMaxWaiting)
                                --*waiting;
                            else
                                deliver(text);
                        }});
    graph_->connections.push_back(glib::connect<void(GstElement *, GObject *)>(
        graph_->webrtc, "on-data-channel", [weak](GstElement *, GObject *channel) {
            if (const auto graph = weak.lock())
                graph->texts->take(channel);
        }));
}

void WebRtcEndpoint::on_bus(GstMessage *message)
{
    GError *raw = nullptr;
    char *raw_details = nullptr;
    gst_message_parse_error(message, &raw, &raw_details);
    const auto error = glib::adopt(raw);
    const auto details = glib::adopt(raw_details);
    const auto path = glib::adopt(gst_object_get_path_string(GST_MESSAGE_SRC(message)));
    const std::string where = path.get();
    // The association of the data channels, not the call: a peer that goes ends it first, and how
    // the call ends is told by what carries the media.
    if (where.find("/GstSctp") != std::string::npos)
        return graph_->texts->fail();
    if (where.find("dtls") != std::string::npos)
        fail(Exit::Dtls, std::string("DTLS with the peer failed: ") + error->message);
    else if (where.find("webrtcbin") != std::string::npos)
        fail(Exit::Internal, "webrtcbin: " + where + ": " + error->message);
    else
        fail(Exit::Device, "media: " + where + ": " + error->message);
}

void WebRtcEndpoint::fail(Exit exit, std::string reason)
{
    if (!std::exchange(failed_, true))
        handlers_.failed(Failure{exit, std::move(reason)});
}

void WebRtcEndpoint::watch_dtls()
{
    // Bundled, every transceiver has the same transport.
    GArray *transceivers = nullptr;
    g_signal_emit_by_name(graph_->webrtc, "get-transceivers", &transceivers);
    GObject *receiver = nullptr;
    GObject *transport = nullptr;
    if (transceivers && transceivers->len > 0)
        g_object_get(g_array_index(transceivers, GObject *, 0), "receiver", &receiver, nullptr);
    if (receiver)
        g_object_get(receiver, "transport", &transport, nullptr);
    if (transceivers)
        g_array_unref(transceivers);
    const auto keep_receiver = glib::adopt(receiver);
    const auto keep_transport = glib::adopt(transport);
    if (!transport)
        return;

    const auto state = later([](WebRtcEndpoint &self, const char *dtls, Gate::State gate) {
        self.handlers_.dtls_state(dtls);
        if (gate == Gate::State::Open && g_str_equal(dtls, "connected"))
            self.handlers_.verified();
        else if (gate == Gate::State::Refused)
            self.fail(Exit::Dtls,
                      "the peer's certificate (sha-256 " + self.graph_->gate.presented() +
                          ") is not the one whose fingerprint its SDP promised: somebody on the "
                          "way changes the signaling, or sits in the media path");
        else if (g_str_equal(dtls, "failed"))
            self.fail(Exit::Dtls, "the DTLS handshake with the peer failed");
        else if (g_str_equal(dtls, "closed"))
            self.handlers_.left();
    });
    graph_->connections.push_back(glib::connect<void(GObject *, GParamSpec *)>(
        transport, "notify::state",
        [weak = std::weak_ptr<Graph>(graph_), state](GObject *dtls, GParamSpec *) {
            const auto graph = weak.lock();
            if (!graph)
                return;
            gint value = 0;
            char *pem = nullptr;
            g_object_get(dtls, "state", &value, "remote-certificate", &pem, nullptr);
            const auto certificate = glib::adopt(pem);
            // On DTLS' own thread, so that nothing can pass in between.
            if (value == GST_WEBRTC_DTLS_TRANSPORT_STATE_CONNECTED &&
                graph->gate.check(pem ? pem : "") == Gate::State::Open)
                graph->open();
            state(nick(GST_TYPE_WEBRTC_DTLS_TRANSPORT_STATE, value), graph->gate.state());
        }));
}

void WebRtcEndpoint::watch_rtcp()
{
    const auto rtpbin = glib::adopt(gst_bin_get_by_name(GST_BIN(graph_->webrtc), "rtpbin"));
    const auto session = internal_session(rtpbin.get());
    if (!session)
        return;
    graph_->feedback->attach(rtpbin.get());
    g_object_set(session.get(), "bandwidth", kSessionBandwidth, "twcc-feedback-interval",
                 guint64{kFeedbackInterval}, "rtcp-min-interval", guint64{kReportInterval},
                 nullptr);
    const auto left = later([](WebRtcEndpoint &self) { self.handlers_.left(); });
    graph_->connections.push_back(glib::connect<void(GObject *, GstBuffer *)>(
        session.get(), "on-receiving-rtcp",
        [weak = std::weak_ptr<Graph>(graph_), left](GObject *, GstBuffer *packet) {
            const auto graph = weak.lock();
            if (!graph)
                return;
            graph->rtcp.add(packet);
            // Every stream that came has ended: the peer has closed its connection.
            bool all = false;
            {
                const std::lock_guard lock(graph->members);
                for (const auto &receiver : graph->receivers)
                    if (receiver->packets() > 0) {
                        all = graph->rtcp.said_bye(receiver->ssrc());
                        if (!all)
                            break;
                    }
            }
            if (all)
                left();
        }));
}

}  // namespace callagent::media
