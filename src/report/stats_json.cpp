#include "report/stats_json.h"

#include <algorithm>
#include <set>

namespace callagent::report {
namespace {

std::string id_of(const char *direction, Medium kind, std::uint32_t ssrc)
{
    return std::string(direction) + "-" + name(kind) + "-" + std::to_string(ssrc);
}

std::string codec_id(Medium kind, const std::string &codec)
{
    return std::string("codec-") + name(kind) + "-" + codec;
}

void append(Object &object, Object more)
{
    for (auto &member : more)
        object.push_back(std::move(member));
}

// What inbound-rtp and outbound-rtp have in common.
template <typename Stream>
Object entry(const char *type, const char *direction, const Stream &stream)
{
    Object object{{"type", type},
                  {"id", id_of(direction, stream.kind, stream.ssrc)},
                  {"kind", name(stream.kind)},
                  {"ssrc", stream.ssrc},
                  {"transportId", "transport"}};
    if (!stream.codec.empty())
        object.emplace_back("codecId", codec_id(stream.kind, stream.codec));
    if (!stream.mid.empty())
        object.emplace_back("mid", stream.mid);
    append(object, measured(stream));
    return object;
}

// RTCCodecStats of the codecs that the streams name.
void add_codecs(Array &all, const Stats &stats)
{
    std::set<std::string> seen;
    const auto add = [&](Medium kind, const std::string &codec) {
        if (codec.empty() || !seen.insert(codec_id(kind, codec)).second)
            return;
        Object object{{"type", "codec"},
                      {"id", codec_id(kind, codec)},
                      {"transportId", "transport"},
                      {"mimeType", std::string(name(kind)) + "/" + codec},
                      {"clockRate", kind == Medium::Video ? 90000 : 48000}};
        if (kind == Medium::Audio)
            object.emplace_back("channels", 2);
        all.emplace_back(std::move(object));
    };
    for (const auto &stream : stats.inbound)
        add(stream.kind, stream.codec);
    for (const auto &stream : stats.outbound)
        add(stream.kind, stream.codec);
}

Object entry(const RemoteInboundRtp &report)
{
    Object object{{"type", "remote-inbound-rtp"},
                  {"id", id_of("remote-inbound", report.kind, report.ssrc)},
                  {"kind", name(report.kind)},
                  {"ssrc", report.ssrc},
                  {"transportId", "transport"},
                  {"localId", id_of("outbound", report.kind, report.ssrc)},
                  {"packetsLost", report.packets_lost},
                  {"fractionLost", report.fraction_lost},
                  {"jitter", report.jitter}};
    if (report.round_trip_time)
        object.emplace_back("roundTripTime", *report.round_trip_time);
    return object;
}

Object candidate_entry(const char *type, const IceCandidate &candidate)
{
    Object object{{"type", type}, {"id", type}, {"transportId", "transport"}};
    append(object, to_object(candidate));
    return object;
}

void add_pair(Array &all, const CandidatePair &pair)
{
    Object object{{"type", "candidate-pair"},
                  {"id", "candidate-pair"},
                  {"transportId", "transport"},
                  {"localCandidateId", "local-candidate"},
                  {"remoteCandidateId", "remote-candidate"},
                  {"state", "succeeded"},
                  {"nominated", true}};
    if (pair.current_round_trip_time)
        object.emplace_back("currentRoundTripTime", *pair.current_round_trip_time);
    if (pair.available_outgoing_bitrate)
        object.emplace_back("availableOutgoingBitrate", *pair.available_outgoing_bitrate);
    all.emplace_back(std::move(object));
    all.emplace_back(candidate_entry("local-candidate", pair.local));
    all.emplace_back(candidate_entry("remote-candidate", pair.remote));
}

Object entry(const TransportStats &transport, bool has_pair)
{
    Object object{{"type", "transport"},
                  {"id", "transport"},
                  {"bytesSent", transport.bytes_sent},
                  {"bytesReceived", transport.bytes_received},
                  {"packetsSent", transport.packets_sent},
                  {"packetsReceived", transport.packets_received}};
    if (!transport.dtls_state.empty())
        object.emplace_back("dtlsState", transport.dtls_state);
    if (!transport.ice_state.empty())
        object.emplace_back("iceState", transport.ice_state);
    if (has_pair)
        object.emplace_back("selectedCandidatePairId", "candidate-pair");
    return object;
}

}  // namespace

Object to_object(const IceCandidate &candidate)
{
    return {{"candidateType", candidate.type},
            {"protocol", candidate.protocol},
            {"address", candidate.address},
            {"port", candidate.port}};
}

Object measured(const InboundRtp &stream)
{
    Object object{{"packetsReceived", stream.packets_received},
                  {"bytesReceived", stream.bytes_received},
                  {"headerBytesReceived", stream.header_bytes_received},
                  {"packetsLost", stream.packets_lost},
                  {"jitter", stream.jitter},
                  {"nackCount", stream.nack_count}};
    if (stream.kind == Medium::Audio) {
        append(object, {{"totalSamplesReceived", stream.total_samples_received},
                        {"totalSamplesDuration", stream.total_samples_duration},
                        {"audioLevel", stream.audio_level},
                        {"totalAudioEnergy", stream.total_audio_energy}});
        return object;
    }
    append(object, {{"retransmittedPacketsReceived", stream.retransmitted_packets_received},
                    {"retransmittedBytesReceived", stream.retransmitted_bytes_received},
                    {"fecPacketsReceived", stream.fec_packets_received},
                    {"fecBytesReceived", stream.fec_bytes_received},
                    {"fecPacketsDiscarded", stream.fec_packets_discarded},
                    {"pliCount", stream.pli_count},
                    {"framesReceived", stream.frames_received},
                    {"framesDecoded", stream.frames_decoded},
                    {"keyFramesDecoded", stream.key_frames_decoded},
                    {"framesPerSecond", stream.frames_per_second},
                    {"freezeCount", stream.freeze_count},
                    {"totalFreezesDuration", stream.total_freezes_duration}});
    if (stream.frame_width > 0)  // before the first frame there is no size
        append(object, {{"frameWidth", stream.frame_width}, {"frameHeight", stream.frame_height}});
    return object;
}

Object measured(const OutboundRtp &stream)
{
    Object object{{"packetsSent", stream.packets_sent},
                  {"bytesSent", stream.bytes_sent},
                  {"headerBytesSent", stream.header_bytes_sent},
                  {"retransmittedPacketsSent", stream.retransmitted_packets_sent},
                  {"retransmittedBytesSent", stream.retransmitted_bytes_sent},
                  {"nackCount", stream.nack_count}};
    if (stream.target_bitrate > 0)
        object.emplace_back("targetBitrate", stream.target_bitrate);
    if (stream.kind == Medium::Audio)
        return object;
    append(object, {{"pliCount", stream.pli_count},
                    {"framesEncoded", stream.frames_encoded},
                    {"framesSent", stream.frames_sent},
                    {"keyFramesEncoded", stream.key_frames_encoded},
                    {"framesPerSecond", stream.frames_per_second}});
    if (stream.frame_width > 0)
        append(object, {{"frameWidth", stream.frame_width}, {"frameHeight", stream.frame_height}});
    return object;
}

Array to_array(const Stats &stats)
{
    Array all;
    for (const auto &stream : stats.inbound)
        all.emplace_back(entry("inbound-rtp", "inbound", stream));
    for (const auto &stream : stats.outbound) {
        auto object = entry("outbound-rtp", "outbound", stream);
        const bool reported =
            std::any_of(stats.remote_inbound.begin(), stats.remote_inbound.end(),
                        [&](const RemoteInboundRtp &report) { return report.ssrc == stream.ssrc; });
        if (reported)
            object.emplace_back("remoteId", id_of("remote-inbound", stream.kind, stream.ssrc));
        all.emplace_back(std::move(object));
    }
    for (const auto &report : stats.remote_inbound)
        all.emplace_back(entry(report));
    if (stats.pair)
        add_pair(all, *stats.pair);
    all.emplace_back(entry(stats.transport, stats.pair.has_value()));
    add_codecs(all, stats);
    return all;
}

}  // namespace callagent::report
