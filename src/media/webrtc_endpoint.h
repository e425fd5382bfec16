// The one implementation of Endpoint. webrtc_endpoint.cpp negotiates, webrtc_watch.cpp listens to
// what webrtcbin, DTLS and RTCP say on threads of their own.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/negotiation.h"
#include "glib/loop.h"
#include "media/endpoint.h"
#include "media/graph.h"
#include "media/stats.h"

namespace callagent::media {

class WebRtcEndpoint final : public Endpoint {
public:
    WebRtcEndpoint(const Config &config, const Timeline &timeline, const Pipelines &pipelines,
                   Handlers handlers)
        : config_(config),
          timeline_(timeline),
          pipelines_(pipelines),
          handlers_(std::move(handlers)),
          rate_(config.video_bitrate, config.audio_bitrate, config.pictures,
                [this](const RateAdaptation::Change &change) {
                    if (handlers_.bitrate)
                        handlers_.bitrate(change);
                })
    {
    }
    ~WebRtcEndpoint() override
    {
        if (graph_)
            close(Farewell::None, std::chrono::seconds(5), [](bool) {});
    }
    WebRtcEndpoint(const WebRtcEndpoint &) = delete;
    WebRtcEndpoint &operator=(const WebRtcEndpoint &) = delete;

    Status build();
    void offer(GotSdp done) override;
    void accept(const Sdp &answer, std::function<void(Status)> done) override;
    void answer(const Sdp &offer, GotSdp done) override;
    void add_candidate(const Candidate &candidate) override;
    const Negotiated &negotiated() const override { return negotiated_; }
    void feed(Medium medium, GstSample *sample) override
    {
        if (auto *sender = graph_->sender(medium))
            sender->feed(sample);
    }
    void set_sound_patience(std::chrono::milliseconds patience) override;
    void set_video_bitrate(int bitrate) override
    {
        const auto &range = config_.video_bitrate;
        rate_.set_range({std::min(range.min, bitrate), std::min(range.start, bitrate), bitrate});
    }
    Status say(const std::string &text) override
    {
        if (graph_->gate.state() != Gate::State::Open)
            return Error{"the call does not stand yet"};
        return graph_->texts->say(text);
    }
    void send_keyframe() override
    {
        if (auto *sender = graph_->sender(Medium::Video))
            sender->force_keyframe();
    }
    void request_keyframe() override
    {
        if (auto *receiver = graph_->receiver(Medium::Video))
            receiver->request_keyframe();
    }
    Progress progress() const override;
    Stats stats() override { return collector_.collect(*graph_, timeline_); }
    std::optional<CandidatePair> selected_pair() const override
    {
        const std::lock_guard lock(graph_->pair_mutex);
        return graph_->pair;
    }
    std::optional<SimulatedNetwork::Counts> simulated() const override
    {
        return simulated_ ? std::optional(simulated_->counts()) : std::nullopt;
    }
    void close(Farewell farewell, std::chrono::milliseconds deadline,
               std::function<void(bool)> done) override;

private:
    using Weak = std::weak_ptr<WebRtcEndpoint *>;
    // Runs on the main loop, if this endpoint is still there then.
    template <typename Callable>
    auto later(Callable callable)
    {
        return [weak = Weak(alive_), callable](auto... values) {
            glib::post([weak, callable, values...] {
                if (const auto self = weak.lock())
                    callable(**self, values...);
            });
        };
    }
    // For what is on the main loop already.
    template <typename Callable>
    auto here(Callable callable)
    {
        return [weak = Weak(alive_), callable](auto... values) {
            if (const auto self = weak.lock())
                callable(**self, values...);
        };
    }

    bool sends(Medium medium) const
    {
        return medium == Medium::Audio ? config_.send_audio : config_.send_video;
    }
    void fail(Exit exit, std::string reason);
    void watch();
    void simulate();
    void watch_texts();
    void watch_dtls();
    void on_dtls_state(const std::shared_ptr<Graph> &graph, GObject *transport);
    void watch_rtcp();
    Wanted wanted() const;
    std::string with_certificate(const std::string &description) const;
    Status prepare(const sdp::Description &peer);
    Status add(Medium medium, const std::string &encode, const std::string &decode,
               const std::string &codec, const Sender::Config &sending);
    Status link_senders();
    void set_description(const char *signal, const Sdp &sdp,
                         const std::function<void(Status)> &done);
    void on_bus(GstMessage *message);

    Config config_;
    const Timeline &timeline_;
    const Pipelines &pipelines_;
    Handlers handlers_;
    std::shared_ptr<Graph> graph_;
    std::shared_ptr<SimulatedNetwork> simulated_;  // the graph's, or none
    std::shared_ptr<WebRtcEndpoint *> alive_ = std::make_shared<WebRtcEndpoint *>(this);
    std::string offer_;  // ours, as sent
    Plan plan_;
    Negotiated negotiated_;
    std::uint32_t audio_ssrc_ = g_random_int();
    std::uint32_t video_ssrc_ = g_random_int();
    StatsCollector collector_;
    RateAdaptation rate_;
    bool failed_ = false;
};

}  // namespace callagent::media
