#include "media/webrtc_endpoint.h"

#include <algorithm>
#include <thread>

#include <gst/webrtc/webrtc.h>

#include "media/default_certificate.h"
#include "media/fingerprint.h"
#include "media/promise.h"
#include "media/transceivers.h"

namespace callagent::media {
namespace {

// Two packets without a wait in between; more only where a thread of GStreamer's hangs.
constexpr std::chrono::milliseconds kGoodbye{200};

// How long what is still on its way through a simulated network may take.
constexpr std::chrono::milliseconds kLastOnes{2000};

std::string chain_of(const char *stage, VideoCodec codec)
{
    std::string text = std::string(stage) + "/" + name(codec);
    std::transform(text.begin(), text.end(), text.begin(), g_ascii_tolower);
    return text;
}

// The peer's fingerprints, of every m-line: bundled, they share one transport and one certificate.
std::vector<sdp::Fingerprint> fingerprints_of(const sdp::Description &description)
{
    for (const auto &media : description.media)
        if (!media.fingerprints.empty())
            return media.fingerprints;
    return {};
}

}  // namespace

Status WebRtcEndpoint::build()
{
    adopt_certificate();
    graph_ = std::make_shared<Graph>();
    graph_->pipeline = glib::sink(gst_pipeline_new("call"));
    graph_->webrtc = gst_element_factory_make("webrtcbin", nullptr);
    if (!graph_->webrtc)
        return Error{"no webrtcbin: install gstreamer1.0-plugins-bad and gstreamer1.0-nice"};
    gst_util_set_object_arg(G_OBJECT(graph_->webrtc), "bundle-policy", "max-bundle");
    g_object_set(graph_->webrtc, "latency", Patience::kFirst, nullptr);
    gst_bin_add(GST_BIN(graph_->pipeline.get()), graph_->webrtc);
    timeline_.apply(graph_->pipeline.get());
    gst_pipeline_set_latency(GST_PIPELINE(graph_->pipeline.get()), 0);

    watch();
    watch_texts();
    if (config_.simulate)
        simulate();
    auto tunnels = configure_ice(
        graph_->webrtc, config_.ice,
        later([](WebRtcEndpoint &self, const std::string &server, const std::string &why) {
            self.handlers_.turn_failed(server, why);
        }));
    if (!tunnels)
        return Error{tunnels.error()};
    graph_->tunnels = std::move(*tunnels);
    if (gst_element_set_state(graph_->pipeline.get(), GST_STATE_PLAYING) ==
        GST_STATE_CHANGE_FAILURE)
        return Error{
            "webrtcbin does not start: install gstreamer1.0-nice and gstreamer1.0-plugins-good"};
    return Done{};
}

void WebRtcEndpoint::set_description(const char *signal, const Sdp &sdp,
                                     const std::function<void(Status)> &done)
{
    auto description = to_gst(sdp);
    if (!description)
        return done(Error{description.error()});
    g_signal_emit_by_name(graph_->webrtc, signal, description->get(),
                          promise_of(nullptr, [done](const Result<std::string> &result) {
                              if (result)
                                  done(Done{});
                              else
                                  done(Error{result.error()});
                          }));
}

Wanted WebRtcEndpoint::wanted() const
{
    return {config_.send_audio, config_.send_video, config_.video_codecs, config_.allow_one_way};
}

std::string WebRtcEndpoint::with_certificate(const std::string &description) const
{
    if (config_.certificate.empty())
        return description;
    return sdp::with_fingerprint(description,
                                 {"sha-256", certificate_digest(config_.certificate, "sha-256")});
}

void WebRtcEndpoint::offer(GotSdp done)
{
    const auto direction = [](bool send) { return sdp::make_direction(send, true); };
    add_transceiver(graph_->webrtc, Medium::Audio, direction(config_.send_audio),
                    offered_audio(audio_ssrc_).get());
    add_transceiver(graph_->webrtc, Medium::Video, direction(config_.send_video),
                    offered_video(config_.video_codecs, video_ssrc_).get());
    graph_->texts->offer(graph_->webrtc);
    const auto made = here([done](WebRtcEndpoint &self, const Result<std::string> &text) {
        if (!text)
            return done(Error{text.error()});
        const Sdp ours{Sdp::Type::Offer, self.with_certificate(sdp::with_rtx(*text))};
        const Sdp offer{Sdp::Type::Offer, sdp::with_fec(ours.sdp)};
        self.offer_ = offer.sdp;
        self.watch_dtls();
        self.set_description("set-local-description", ours, [done, offer](const Status &set) {
            if (set)
                done(offer);
            else
                done(Error{set.error()});
        });
    });
    g_signal_emit_by_name(graph_->webrtc, "create-offer", nullptr, promise_of("offer", made));
}

void WebRtcEndpoint::accept(const Sdp &answer, std::function<void(Status)> done)
{
    const auto fail = [&done](const std::string &why) {
        done(Error{"the SDP of the peer's answer: " + why});
    };
    const auto description = sdp::parse(answer.sdp);
    if (!description)
        return fail(description.error());
    if (const auto offer = sdp::parse(offer_))
        if (const auto fits = sdp::check_answer(*offer, *description); !fits)
            return fail(fits.error());
    auto planned = plan(*description, Sdp::Type::Answer, wanted());
    if (!planned)
        return fail(planned.error());
    plan_ = std::move(*planned);
    if (const auto prepared = prepare(*description); !prepared)
        return this->fail(Exit::Device, prepared.error());

    const Sdp restricted{Sdp::Type::Answer,
                         sdp::restricted(sdp::normalized(answer.sdp), plan_.audio, plan_.video)};
    set_description(
        "set-remote-description", restricted, here([done](WebRtcEndpoint &self, const Status &set) {
            if (!set)
                return done(Error{"webrtcbin refuses the peer's answer: " + set.error()});
            done(self.link_senders());
        }));
}

void WebRtcEndpoint::answer(const Sdp &offer, GotSdp done)
{
    const auto description = sdp::parse(offer.sdp);
    if (!description)
        return done(Error{"the SDP of the peer's offer: " + description.error()});
    auto planned = plan(*description, Sdp::Type::Offer, wanted());
    if (!planned)
        return done(Error{"the SDP of the peer's offer: " + planned.error()});
    plan_ = std::move(*planned);
    const auto direction = [](bool send) { return sdp::make_direction(send, true); };
    if (plan_.audio)
        add_transceiver(graph_->webrtc, Medium::Audio, direction(config_.send_audio),
                        answered(*plan_.audio, audio_ssrc_).get());
    if (plan_.video)
        add_transceiver(graph_->webrtc, Medium::Video, direction(config_.send_video),
                        answered(*plan_.video, video_ssrc_).get());

    const auto made = here([done](WebRtcEndpoint &self, const Result<std::string> &text) {
        if (!text)
            return done(Error{text.error()});
        const auto ours = sdp::parse(*text);
        if (!ours)
            return done(Error{"our answer: " + ours.error()});
        if (const auto carried = carries(*ours, self.plan_); !carried)
            return done(Error{carried.error()});
        const Sdp ours_alone{Sdp::Type::Answer, self.with_certificate(*text)};
        const Sdp answer{Sdp::Type::Answer, self.plan_.video
                                                ? sdp::with_fec(ours_alone.sdp, *self.plan_.video)
                                                : ours_alone.sdp};
        self.watch_dtls();
        self.set_description("set-local-description", ours_alone,
                             self.here([done, answer](WebRtcEndpoint &me, const Status &set) {
                                 const auto linked = set ? me.link_senders() : set;
                                 if (linked)
                                     done(answer);
                                 else
                                     done(Error{linked.error()});
                             }));
    });
    const Sdp restricted{Sdp::Type::Offer,
                         sdp::restricted(sdp::normalized(offer.sdp), plan_.audio, plan_.video)};
    set_description(
        "set-remote-description", restricted,
        here([done, made, peer = *description](WebRtcEndpoint &self, const Status &set) {
            if (!set)
                return done(Error{"webrtcbin refuses the peer's offer: " + set.error()});
            if (const auto prepared = self.prepare(peer); !prepared)
                return self.fail(Exit::Device, prepared.error());
            g_signal_emit_by_name(self.graph_->webrtc, "create-answer", nullptr,
                                  promise_of("answer", made));
        }));
}

// The chains of what was chosen, before any packet can come.
Status WebRtcEndpoint::prepare(const sdp::Description &peer)
{
    graph_->gate.promise(fingerprints_of(peer));
    if (const auto &audio = plan_.audio) {
        Sender::Config sending;
        sending.mid = audio->mid;
        sending.mline = audio->mline;
        sending.payload_type = audio->payload_type;
        sending.ssrc = audio_ssrc_;
        sending.twcc_id = audio->twcc_id;
        sending.bitrate = config_.audio_bitrate;
        sending.channels = audio->stereo ? 2 : 1;
        if (auto added = add(Medium::Audio, "encode/opus", "decode/opus", "opus", sending); !added)
            return added;
        negotiated_.audio = NegotiatedMedium{"opus", audio->payload_type, plan_.audio_direction};
    }
    if (const auto &video = plan_.video) {
        graph_->fec_sender->agree(*video);
        graph_->fec_receiver->agree(*video);
        Sender::Config sending;
        sending.fec = graph_->fec_sender;
        sending.mid = video->mid;
        sending.mline = video->mline;
        sending.payload_type = video->payload_type;
        sending.ssrc = video_ssrc_;
        sending.twcc_id = video->twcc_id;
        sending.bitrate = config_.video_bitrate.start;
        if (auto added = add(Medium::Video, chain_of("encode", video->codec),
                             chain_of("decode", video->codec), name(video->codec), sending);
            !added)
            return added;
        negotiated_.video =
            NegotiatedMedium{name(video->codec), video->payload_type, plan_.video_direction};
    }
    negotiated_.not_taken = plan_.not_taken;
    return Done{};
}

Status WebRtcEndpoint::add(Medium medium, const std::string &encode, const std::string &decode,
                           const std::string &codec, const Sender::Config &sending)
{
    auto *pipeline = GST_BIN(graph_->pipeline.get());
    if (sdp::sends(plan_.direction(medium))) {
        Sender::Config config = sending;
        config.medium = medium;
        config.chain = encode;
        config.codec = codec;
        auto sender = Sender::make(config, pipeline, pipelines_, timeline_);
        if (!sender)
            return Error{sender.error()};
        const std::lock_guard lock(graph_->members);
        graph_->senders.push_back(std::move(*sender));
    }
    if (sdp::receives(plan_.direction(medium))) {
        const Receiver::Config config{medium, decode, codec, sending.mid, sending.mline};
        auto receiver = Receiver::make(
            config,
            {later([](WebRtcEndpoint &self, Medium which) { self.handlers_.first_packet(which); }),
             later([](WebRtcEndpoint &self, Medium which) { self.handlers_.first_frame(which); }),
             handlers_.encoded, handlers_.raw,
             [weak = std::weak_ptr(graph_)](std::uint32_t ssrc, std::uint32_t rtp_time,
                                            int clock_rate) -> std::optional<double> {
                 const auto graph = weak.lock();
                 return graph ? graph->rtcp.captured(ssrc, rtp_time, clock_rate) : std::nullopt;
             },
             graph_->feedback},
            pipeline, pipelines_);
        if (!receiver)
            return Error{receiver.error()};
        const std::lock_guard lock(graph_->members);
        graph_->receivers.push_back(std::move(*receiver));
    }
    return Done{};
}

Status WebRtcEndpoint::link_senders()
{
    watch_rtcp();
    if (simulated_ && !simulated_->is_between())
        return Error{"--simulate: this webrtcbin is built in another way than the ones known here"};
    for (const auto &sender : graph_->senders) {
        const auto pad = sending_pad(graph_->webrtc, sender->config().mline);
        if (!pad || gst_pad_link(sender->pad(), pad.get()) != GST_PAD_LINK_OK)
            return Error{std::string("webrtcbin does not send our ") +
                         name(sender->config().medium) +
                         ": the codec parameters of the peer do not match ours"};
    }
    rate_.start(graph_);
    graph_->patience.watch(graph_);
    return Done{};
}

void WebRtcEndpoint::add_candidate(const Candidate &candidate)
{
    // The end marker must not reach 1.22, which takes anything odd for it, and needs none.
    if (candidate.candidate.empty())
        return;
    const auto text =
        candidate.candidate.starts_with("a=") ? candidate.candidate.substr(2) : candidate.candidate;
    const guint mline = candidate.mline >= 0 ? static_cast<guint>(candidate.mline) : 0;
    g_signal_emit_by_name(graph_->webrtc, "add-ice-candidate", mline, text.c_str());
}

void WebRtcEndpoint::set_sound_patience(std::chrono::milliseconds patience)
{
    graph_->patience.set_sound(patience);
}

Endpoint::Progress WebRtcEndpoint::progress() const
{
    Progress progress;
    progress.rtcp_packets = graph_->rtcp.packets();
    if (const auto *audio = graph_->receiver(Medium::Audio)) {
        progress.audio_packets = audio->packets();
        progress.audio_frames = audio->frames();
    }
    if (const auto *video = graph_->receiver(Medium::Video)) {
        progress.video_packets = video->packets();
        progress.video_frames = video->frames();
    }
    return progress;
}

void WebRtcEndpoint::close(Farewell farewell, std::chrono::milliseconds deadline,
                           std::function<void(bool)> done)
{
    if (!graph_)
        return done(true);
    alive_.reset();  // nothing that is still on its way here arrives
    struct Closing {
        std::function<void(bool)> done;
        glib::Source deadline;
    };
    auto closing = std::make_shared<Closing>();
    closing->done = std::move(done);
    const auto finish = [closing](bool in_time) {
        closing->deadline.cancel();
        if (const auto tell = std::exchange(closing->done, nullptr))
            tell(in_time);
    };
    closing->deadline = glib::after(deadline, [finish] { finish(false); });
    // Where this never returns, the thread keeps the graph: better a leak than a hang.
    std::thread([graph = std::exchange(graph_, nullptr), farewell, finish]() mutable {
        if (farewell == Farewell::Goodbye)
            graph->say_goodbye(kGoodbye);
        if (graph->simulated) {
            if (farewell == Farewell::Goodbye)
                graph->simulated->drain(kLastOnes);
            graph->simulated->stop();
        }
        gst_element_set_state(graph->pipeline.get(), GST_STATE_NULL);
        glib::post([graph = std::move(graph), finish] { finish(true); });
    }).detach();
}

Result<std::unique_ptr<Endpoint>> Endpoint::make(const Config &config, const Timeline &timeline,
                                                 const Pipelines &pipelines, Handlers handlers)
{
    auto endpoint =
        std::make_unique<WebRtcEndpoint>(config, timeline, pipelines, std::move(handlers));
    if (const auto built = endpoint->build(); !built)
        return Error{built.error()};
    return std::unique_ptr<Endpoint>(std::move(endpoint));
}

void warm_up()
{
    adopt_certificate();
    for (const char *name : {"webrtcbin", "nicesrc", "srtpenc", "rtpbin"})
        if (GstElement *element = gst_element_factory_make(name, nullptr))
            gst_object_unref(gst_object_ref_sink(element));
}

}  // namespace callagent::media
