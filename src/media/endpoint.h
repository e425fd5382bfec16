// One end of one WebRTC connection: a pipeline with one webrtcbin in it. Descriptions and
// candidates go in and come out as text; raw samples go in, raw and encoded samples come out. A new
// connection, be it for another call or for the same one over another path, is a new endpoint.
//
// Built on the main loop and used from there, except feed(). No media leaves it, in either
// direction, before the peer's certificate was found to be the one that its SDP promised.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/exit.h"
#include "core/media.h"
#include "core/message.h"
#include "core/result.h"
#include "core/sdp.h"
#include "core/simulated_link.h"
#include "core/stats.h"
#include "core/watchdog.h"
#include "media/ice.h"
#include "media/pipelines.h"
#include "media/rate_adaptation.h"
#include "media/simulated_network.h"
#include "media/timeline.h"

namespace callagent::media {

// What an m-line came to.
struct NegotiatedMedium {
    std::string codec;
    int payload_type = -1;
    sdp::Direction direction = sdp::Direction::Inactive;  // ours
};

struct Negotiated {
    std::optional<NegotiatedMedium> audio;
    std::optional<NegotiatedMedium> video;
    std::vector<std::string>
        not_taken;  // sentences: what we meant to send and the peer does not take
};

class Endpoint {
public:
    struct Config {
        bool send_audio = true;  // there is a source
        bool send_video = true;
        std::vector<VideoCodec> video_codecs;  // in the order of preference
        BitrateRange video_bitrate;
        double pictures = 30;        // a second, of what is fed
        int audio_bitrate = 48'000;  // bit/s
        bool allow_one_way = false;  // a medium that the peer does not take is no error
        IceConfig ice;
        std::string certificate;             // PEM, with its key; empty: the process's own
        std::optional<Simulation> simulate;  // a network that is worse than the real one
    };

    // On the main loop, unless said otherwise.
    struct Handlers {
        std::function<void(Candidate)> candidate;
        std::function<void(const std::string &)> ice_state;   // RTCIceConnectionState
        std::function<void(const std::string &)> dtls_state;  // RTCDtlsTransportState
        std::function<void()> verified;  // connected, and the certificate is the promised one
        std::function<void(const Failure &)> failed;
        // No TLS to "turns://host:port", and why; the call may have other ways.
        std::function<void(const std::string &server, const std::string &why)> turn_failed;
        std::function<void()> left;  // RTCP BYE or DTLS close: the peer hung up without a word
        std::function<void(const std::string &)> text;                // the peer wrote something
        std::function<void(const RateAdaptation::Change &)> bitrate;  // of our video
        std::function<void(Medium)> first_packet;
        std::function<void(Medium)> first_frame;
        // Streaming threads; nothing comes before `verified`.
        std::function<void(Medium, GstSample *)> encoded;
        std::function<void(std::uint32_t)> sound;  // a packet of it has come: its RTP timestamp
        // With when it was captured, by the peer's wall clock (seconds since 1970), where its
        // sender reports tell.
        std::function<void(Medium, GstSample *, std::optional<double>)> raw;
    };

    // What has arrived so far, for the watchdog.
    using Progress = Watchdog::Counters;

    // An error is the peer's description, or that nothing was agreed. What fails on our side (a
    // pipeline file, an element) is told through `failed` instead, and `done` is not called.
    using GotSdp = std::function<void(Result<Sdp>)>;

    static Result<std::unique_ptr<Endpoint>> make(const Config &, const Timeline &,
                                                  const Pipelines &, Handlers);
    virtual ~Endpoint() = default;

    // The offerer's way: offer(), then accept() with the peer's answer.
    virtual void offer(GotSdp done) = 0;
    virtual void accept(const Sdp &answer, std::function<void(Status)> done) = 0;

    // The answerer's way.
    virtual void answer(const Sdp &offer, GotSdp done) = 0;

    // A candidate that core/sdp has checked. Any time; early ones are kept.
    virtual void add_candidate(const Candidate &) = 0;

    // What was negotiated; empty before.
    virtual const Negotiated &negotiated() const = 0;

    // Any thread; not any more when close() is called.
    virtual void feed(Medium, GstSample *) = 0;

    // Of our video, from now on; at most, where the path carries less.
    virtual void set_video_bitrate(int bitrate) = 0;

    // How long sound that is missing is waited for.
    virtual void set_sound_patience(std::chrono::milliseconds patience) = 0;

    // Writes to the peer, over a data channel that an offer of ours brings along.
    virtual Status say(const std::string &text) = 0;

    // Of our video; and of the peer's, which is asked for one. Nothing where there is none.
    virtual void send_keyframe() = 0;
    virtual void request_keyframe() = 0;

    virtual Progress progress() const = 0;
    virtual Stats stats() = 0;
    virtual std::optional<CandidatePair> selected_pair() const = 0;

    // What became of the packets so far, where a network is simulated; after close() as well.
    virtual std::optional<SimulatedNetwork::Counts> simulated() const = 0;

    // What the peer is told on the media path when we go.
    enum class Farewell {
        None,     // something went wrong: signaling says what
        Goodbye,  // a hang-up, which the peer learns even where signaling does not reach it
    };

    // Stops everything, on a thread of its own, since GStreamer's NULL can block; `done(false)`
    // when it did not come back within `deadline`: what hangs is left behind. The endpoint may be
    // destroyed at once after the call.
    virtual void close(Farewell farewell, std::chrono::milliseconds deadline,
                       std::function<void(bool)> done) = 0;
};

// Makes the process's DTLS certificate and loads webrtcbin's plugins, once. Call it first, on a
// thread of its own, beside the signaling handshake.
void warm_up();

}  // namespace callagent::media
