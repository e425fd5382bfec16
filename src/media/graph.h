// A connection's elements and what runs on their threads: the part of an endpoint that lives until
// GStreamer has stopped, which can be after the endpoint itself is gone.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/sdp.h"
#include "core/stats.h"
#include "media/fec.h"
#include "media/feedback.h"
#include "media/handshake.h"
#include "media/ice.h"
#include "media/patience.h"
#include "media/receiver.h"
#include "media/repeats.h"
#include "media/rtcp_log.h"
#include "media/rtp_count.h"
#include "media/sender.h"
#include "media/simulated_network.h"
#include "media/texts.h"
#include "media/timeline.h"

namespace callagent::media {

// The gate between webrtcbin and everything else. Shut until the peer's certificate was found to be
// the one that its SDP promised (RFC 8827, 6.5); webrtcbin 1.22 never looks. Any thread.
class Gate {
public:
    enum class State { Shut, Open, Refused };

    void promise(std::vector<sdp::Fingerprint> fingerprints);

    // DTLS is connected: compares, opens or refuses, once. What a refusal tells is in
    // `presented()`.
    State check(const std::string &pem);
    State state() const { return state_; }
    std::string presented() const;  // sha-256 of what the peer showed

private:
    mutable std::mutex mutex_;
    std::vector<sdp::Fingerprint> promised_;
    std::string presented_;
    std::atomic<State> state_{State::Shut};
};

struct Graph {
    Graph() = default;
    Graph(const Graph &) = delete;
    Graph &operator=(const Graph &) = delete;
    ~Graph();

    Tunnels tunnels;  // after the pipeline is gone
    glib::Ptr<GstElement> pipeline;
    GstElement *webrtc = nullptr;                  // the pipeline's
    std::vector<std::unique_ptr<Sender>> senders;  // main loop adds, streaming threads read after
    std::vector<std::unique_ptr<Receiver>> receivers;  // the descriptions are set
    std::mutex members;                                // guards the two
    Gate gate;
    RtcpLog rtcp;
    // With what is sent again, and before that takes the place of what was lost; empty where
    // nothing is to be sent again.
    const std::shared_ptr<RtpTally> left = std::make_shared<RtpTally>();
    const std::shared_ptr<RtpTally> arrived = std::make_shared<RtpTally>();
    const std::shared_ptr<Handshake> handshake = std::make_shared<Handshake>();
    const std::shared_ptr<RepeatGate> repeats = std::make_shared<RepeatGate>();
    const std::shared_ptr<Feedback> feedback = std::make_shared<Feedback>();
    const std::shared_ptr<FecSender> fec_sender = std::make_shared<FecSender>();
    const std::shared_ptr<FecReceiver> fec_receiver = std::make_shared<FecReceiver>();
    Patience patience;
    std::mutex pair_mutex;
    std::optional<CandidatePair> pair;
    std::unique_ptr<Texts> texts;                 // from the beginning
    std::shared_ptr<SimulatedNetwork> simulated;  // where one was asked for
    std::vector<glib::Connection> connections;

    Sender *sender(Medium medium);
    Receiver *receiver(Medium medium);

    // Of what passed webrtcbin's elements for it: what was sent again, because it was asked for, on
    // SSRCs of its own (RFC 4588), and the padding there, with which browsers probe the path.
    RtpTotals repairs_sent() const;
    RtpTotals repairs_received() const;

    // Sends a packet of our video, one of the last ones, again without being asked; how many bytes
    // it has, or 0 where there is none, or nothing is to be sent again. Main loop.
    int repeat_packet();
    void repeat(std::uint16_t sequence_number);  // this one
    bool can_repeat();

    // The peer is who it said: what webrtcbin delivers goes on, and what was fed goes out, as well
    // protected as the way needs it by what the handshake told.
    void open();

    // Tells the peer on the media path that we go, for where signaling does not reach it: RTCP BYE
    // (RFC 3550, 6.6) and DTLS close_notify (RFC 6347, 4.1). Returns when both are out, at the
    // latest after `at_most`. A thread that may wait; while the pipeline plays.
    void say_goodbye(std::chrono::milliseconds at_most);

    // webrtcbin's new source pad, on its thread: linked to the receiver of its m-line, held until
    // the gate opens. Anything that was not negotiated is thrown away.
    void take(GstPad *pad);

private:
    void use_first_round_trip() const;

    glib::Ptr<GstElement> rtx_send_;  // where packets are sent again, once it was looked for
    std::vector<std::pair<glib::Ptr<GstPad>, gulong>> held_;
};

}  // namespace callagent::media
