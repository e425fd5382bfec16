// Statistics of a call at one moment: the W3C's webrtc-stats entries that we can tell truly, with
// its names and units (seconds, bytes), keyed by SSRC. What is not known is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/media.h"

namespace callagent {

// RTCInboundRtpStreamStats: what the peer sends and we receive.
struct InboundRtp {
    std::uint32_t ssrc = 0;
    Medium kind = Medium::Audio;
    std::string codec;  // "VP8", "opus"
    std::string mid;
    // All that came for it, on its SSRC and on that of its retransmissions (RFC 4588), where
    // browsers also send padding.
    std::uint64_t packets_received = 0;
    std::uint64_t bytes_received = 0;         // payload, without RTP headers and padding
    std::uint64_t header_bytes_received = 0;  // and those
    // Of these, what came on the latter.
    std::uint64_t retransmitted_packets_received = 0;
    std::uint64_t retransmitted_bytes_received = 0;
    // And what was FEC (RFC 5109); discarded where there was nothing to be made good with it.
    std::uint64_t fec_packets_received = 0;
    std::uint64_t fec_bytes_received = 0;
    std::uint64_t fec_packets_discarded = 0;
    std::int64_t packets_lost = 0;
    double jitter = 0;  // seconds
    std::uint32_t nack_count = 0;
    std::uint32_t pli_count = 0;
    // Video
    std::uint64_t frames_received = 0;
    std::uint64_t frames_decoded = 0;
    std::uint64_t key_frames_decoded = 0;
    int frame_width = 0;
    int frame_height = 0;
    double frames_per_second = 0;
    std::uint32_t freeze_count = 0;
    double total_freezes_duration = 0;  // seconds
    // Audio
    std::uint64_t total_samples_received = 0;
    double total_samples_duration = 0;  // seconds
    double audio_level = 0;             // 0…1, linear
    double total_audio_energy = 0;
};

// RTCOutboundRtpStreamStats: what we send.
struct OutboundRtp {
    std::uint32_t ssrc = 0;
    Medium kind = Medium::Audio;
    std::string codec;
    std::string mid;
    std::uint64_t packets_sent = 0;  // with what was sent again; likewise the bytes
    std::uint64_t bytes_sent = 0;
    std::uint64_t header_bytes_sent = 0;
    std::uint64_t retransmitted_packets_sent = 0;
    std::uint64_t retransmitted_bytes_sent = 0;
    std::uint32_t nack_count = 0;
    std::uint32_t pli_count = 0;
    double target_bitrate = 0;  // bit/s
    // Video
    std::uint64_t frames_encoded = 0;
    std::uint64_t frames_sent = 0;
    std::uint64_t key_frames_encoded = 0;
    int frame_width = 0;
    int frame_height = 0;
    double frames_per_second = 0;
};

// RTCRemoteInboundRtpStreamStats: what the peer says of what we send (RTCP receiver reports).
struct RemoteInboundRtp {
    std::uint32_t ssrc = 0;
    Medium kind = Medium::Audio;
    std::int64_t packets_lost = 0;
    double fraction_lost = 0;               // 0…1
    double jitter = 0;                      // seconds
    std::optional<double> round_trip_time;  // seconds
};

struct IceCandidate {
    std::string type;      // host, srflx, prflx, relay
    std::string protocol;  // udp, tcp
    std::string address;
    int port = 0;
    std::string base = {};  // of a local one: the address of this machine that it sends from

    bool operator==(const IceCandidate &) const = default;
};

// RTCIceCandidatePairStats of the selected pair, with its two candidates.
struct CandidatePair {
    IceCandidate local;
    IceCandidate remote;
    std::optional<double> current_round_trip_time;  // seconds
    std::optional<double> available_outgoing_bitrate;
};

// RTCTransportStats of the one (bundled) transport.
struct TransportStats {
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t packets_sent = 0;
    std::uint64_t packets_received = 0;
    std::string dtls_state;
    std::string ice_state;
};

// What losses are counted of (RFC 3550): without what was sent again.
inline std::uint64_t first_received(const InboundRtp &stream)
{
    return stream.packets_received - stream.retransmitted_packets_received;
}

inline std::uint64_t first_sent(const OutboundRtp &stream)
{
    return stream.packets_sent - stream.retransmitted_packets_sent;
}

struct Stats {
    double t = 0;  // seconds since the process started
    std::vector<InboundRtp> inbound;
    std::vector<OutboundRtp> outbound;
    std::vector<RemoteInboundRtp> remote_inbound;
    std::optional<CandidatePair> pair;
    TransportStats transport;
};

}  // namespace callagent
