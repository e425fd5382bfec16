#include "report/stats_json.h"

#include <gtest/gtest.h>

#include "report/json.h"

namespace callagent::report {
namespace {

Stats sample()
{
    Stats stats;
    InboundRtp video;
    video.ssrc = 4000000000;
    video.kind = Medium::Video;
    video.codec = "VP8";
    video.mid = "1";
    video.packets_received = 100;
    video.frames_decoded = 30;
    video.frame_width = 640;
    video.frame_height = 480;
    video.total_freezes_duration = 0.25;
    video.retransmitted_packets_received = 5;
    video.fec_packets_received = 4;
    video.fec_bytes_received = 900;
    video.fec_packets_discarded = 3;
    stats.inbound.push_back(video);
    InboundRtp audio;
    audio.ssrc = 2;
    audio.codec = "opus";
    audio.audio_level = 0.5;
    stats.inbound.push_back(audio);
    OutboundRtp sent;
    sent.ssrc = 3;
    sent.kind = Medium::Video;
    sent.codec = "VP8";
    sent.bytes_sent = 12345;
    sent.retransmitted_bytes_sent = 67;
    stats.outbound.push_back(sent);
    stats.remote_inbound.push_back({3, Medium::Video, 4, 0.25, 0.001, 0.002});
    stats.pair =
        CandidatePair{{"host", "udp", "192.0.2.1", 1}, {"prflx", "udp", "192.0.2.2", 2}, {}, {}};
    stats.transport.dtls_state = "connected";
    return stats;
}

std::string entry(const Array &all, const std::string &id)
{
    for (const auto &value : all)
        for (const auto &[key, member] : std::get<Object>(value.data))
            if (key == "id" && std::get<std::string>(member.data) == id)
                return to_json(value);
    return "none of that id";
}

}  // namespace

TEST(StatsJsonTest, EntriesHaveTheNamesOfTheStandard)
{
    const auto all = to_array(sample());
    EXPECT_EQ(
        entry(all, "inbound-video-4000000000"),
        R"({"type":"inbound-rtp","id":"inbound-video-4000000000","kind":"video","ssrc":4000000000,)"
        R"("transportId":"transport","codecId":"codec-video-VP8","mid":"1","packetsReceived":100,)"
        R"("bytesReceived":0,"headerBytesReceived":0,"packetsLost":0,"jitter":0,"nackCount":0,)"
        R"("retransmittedPacketsReceived":5,"retransmittedBytesReceived":0,)"
        R"("fecPacketsReceived":4,"fecBytesReceived":900,"fecPacketsDiscarded":3,)"
        R"("pliCount":0,"framesReceived":0,"framesDecoded":30,"keyFramesDecoded":0,)"
        R"("framesPerSecond":0,"freezeCount":0,"totalFreezesDuration":0.25,"frameWidth":640,)"
        R"("frameHeight":480})");
    EXPECT_EQ(
        entry(all, "inbound-audio-2"),
        R"({"type":"inbound-rtp","id":"inbound-audio-2","kind":"audio","ssrc":2,)"
        R"("transportId":"transport","codecId":"codec-audio-opus","packetsReceived":0,)"
        R"("bytesReceived":0,"headerBytesReceived":0,"packetsLost":0,"jitter":0,"nackCount":0,)"
        R"("totalSamplesReceived":0,"totalSamplesDuration":0,"audioLevel":0.5,"totalAudioEnergy":0})");
    EXPECT_EQ(
        entry(all, "outbound-video-3"),
        R"({"type":"outbound-rtp","id":"outbound-video-3","kind":"video","ssrc":3,)"
        R"("transportId":"transport","codecId":"codec-video-VP8","packetsSent":0,"bytesSent":12345,)"
        R"("headerBytesSent":0,"retransmittedPacketsSent":0,"retransmittedBytesSent":67,)"
        R"("nackCount":0,"pliCount":0,)"
        R"("framesEncoded":0,"framesSent":0,"keyFramesEncoded":0,"framesPerSecond":0,)"
        R"("remoteId":"remote-inbound-video-3"})");
    EXPECT_EQ(
        entry(all, "remote-inbound-video-3"),
        R"({"type":"remote-inbound-rtp","id":"remote-inbound-video-3","kind":"video","ssrc":3,)"
        R"("transportId":"transport","localId":"outbound-video-3","packetsLost":4,)"
        R"("fractionLost":0.25,"jitter":0.001,"roundTripTime":0.002})");
    EXPECT_EQ(entry(all, "candidate-pair"),
              R"({"type":"candidate-pair","id":"candidate-pair","transportId":"transport",)"
              R"("localCandidateId":"local-candidate","remoteCandidateId":"remote-candidate",)"
              R"("state":"succeeded","nominated":true})");
    EXPECT_EQ(entry(all, "remote-candidate"),
              R"({"type":"remote-candidate","id":"remote-candidate","transportId":"transport",)"
              R"("candidateType":"prflx","protocol":"udp","address":"192.0.2.2","port":2})");
    EXPECT_EQ(
        entry(all, "transport"),
        R"({"type":"transport","id":"transport","bytesSent":0,"bytesReceived":0,"packetsSent":0,)"
        R"("packetsReceived":0,"dtlsState":"connected","selectedCandidatePairId":"candidate-pair"})");
    EXPECT_EQ(entry(all, "codec-audio-opus"),
              R"({"type":"codec","id":"codec-audio-opus","transportId":"transport",)"
              R"("mimeType":"audio/opus","clockRate":48000,"channels":2})");
    EXPECT_EQ(all.size(), 10u);  // one VP8 for both directions
}

TEST(StatsJsonTest, WhatIsNotKnownIsAbsent)
{
    const auto all = to_array(Stats{});
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(to_json(all[0]),
              R"({"type":"transport","id":"transport","bytesSent":0,"bytesReceived":0,)"
              R"("packetsSent":0,"packetsReceived":0})");
}

}  // namespace callagent::report
