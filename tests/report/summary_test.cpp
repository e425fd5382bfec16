#include "report/summary.h"

#include <gtest/gtest.h>

#include "report/json.h"

namespace callagent::report {
namespace {

// A second of a call at 30 frames and 100 kB/s in each direction.
Stats at(int second)
{
    const auto n = static_cast<std::uint64_t>(second);
    Stats stats;
    stats.t = 10 + second;
    InboundRtp in;
    in.ssrc = 1;
    in.kind = Medium::Video;
    in.codec = "VP8";
    in.packets_received = 90 * n;
    in.packets_lost = std::int64_t{10} * second;
    in.bytes_received = 100'000 * n;
    in.frames_decoded = 30 * n;
    in.frames_per_second = 30;
    stats.inbound.push_back(in);
    OutboundRtp out;
    out.ssrc = 2;
    out.kind = Medium::Video;
    out.codec = "H264";
    out.packets_sent = 100 * n;
    out.bytes_sent = 50'000 * n;
    out.frames_encoded = 15 * n;
    stats.outbound.push_back(out);
    stats.remote_inbound.push_back(
        {2, Medium::Video, std::int64_t{5} * second, 0.05, 0.001, 0.010 * second});
    stats.pair = CandidatePair{{"host", "udp", "a", 1}, {"srflx", "udp", "b", 2}, 0.5, {}};
    return stats;
}

Value find(const Object &object, std::string_view path)
{
    const auto dot = path.find('.');
    for (const auto &[key, value] : object)
        if (key == path.substr(0, dot))
            return dot == std::string_view::npos
                       ? value
                       : find(std::get<Object>(value.data), path.substr(dot + 1));
    return "absent";
}

}  // namespace

TEST(SummaryTest, OfACall)
{
    Summary summary;
    summary.connected(10.5, 84);
    summary.first_frame(Medium::Video, 110);
    summary.first_frame(Medium::Video, 999);  // only the first
    for (int second = 0; second <= 4; ++second)
        summary.sample(at(second));
    summary.warned();
    summary.stalled();
    summary.stalled();
    summary.snapshot("last-2.png");
    const auto result = summary.object(14.5);

    const struct {
        const char *path, *value;
    } cases[] = {{"duration_s", "4"},
                 {"setup_ms", "84"},
                 {"warnings", "1"},
                 {"stalls", "2"},
                 {"snapshot", "\"last-2.png\""},
                 {"rtt_mean_ms", "20"},  // RTCP's: 0, 10 … 40 ms; not ICE's half second
                 {"rtt_max_ms", "40"},
                 {"pair.local.candidateType", "\"host\""},
                 {"pair.remote.address", "\"b\""},
                 {"video.received.codec", "\"VP8\""},
                 {"video.received.first_frame_ms", "110"},
                 {"video.received.fps_mean", "30"},
                 {"video.received.bitrate_mean", "800000"},
                 {"video.received.loss_fraction", "0.1"},
                 {"video.received.framesDecoded", "120"},
                 {"video.received.packetsReceived", "360"},
                 {"video.received.framesPerSecond", "\"absent\""},
                 {"video.sent.codec", "\"H264\""},
                 {"video.sent.fps_mean", "15"},
                 {"video.sent.bitrate_mean", "400000"},
                 {"video.sent.packetsLost", "20"},
                 {"video.sent.loss_fraction", "0.05"},
                 {"video.sent.framesEncoded", "60"},
                 {"audio", "\"absent\""}};
    for (const auto &one : cases)
        EXPECT_EQ(to_json(find(result, one.path)), one.value) << one.path;
}

TEST(SummaryTest, MeansBeginWithTheMediaNotWithTheFirstLook)
{
    Summary summary;
    for (int second = -3; second <= 4; ++second) {
        auto stats = at(std::max(second, 0));
        stats.t = 10 + second;
        summary.sample(stats);
    }
    EXPECT_EQ(to_json(find(summary.object(14), "video.received.fps_mean")), "30");
}

TEST(SummaryTest, StreamsOfOneMediumAreAddedUp)
{
    Summary summary;
    auto stats = at(1);
    summary.sample(stats);
    stats = at(2);
    stats.inbound[0].ssrc = 7;  // the peer has begun anew
    stats.inbound[0].codec = "VP9";
    summary.sample(stats);
    const auto result = summary.object(12);
    EXPECT_EQ(to_json(find(result, "video.received.framesDecoded")), "90");
    EXPECT_EQ(to_json(find(result, "video.received.packetsLost")), "30");
    EXPECT_EQ(to_json(find(result, "video.received.codec")), "\"VP9\"");
}

TEST(SummaryTest, ForAPersonItIsALine)
{
    Summary summary;
    EXPECT_EQ(summary.sentence(5), "");
    summary.connected(1, 80);
    Stats stats;
    InboundRtp video;
    video.ssrc = 1;
    video.kind = Medium::Video;
    video.frames_decoded = 300;
    video.packets_lost = 2;
    stats.inbound.push_back(video);
    summary.sample(stats);
    EXPECT_EQ(summary.sentence(11), "10.0 s, 300 pictures, 2 packets lost");
}

// RTCP counts what was expected less what came, duplicates included (RFC 3550, 6.4.1).
TEST(SummaryTest, NobodyLosesLessThanNothing)
{
    Summary summary;
    auto stats = at(1);
    stats.inbound[0].packets_lost = -3;
    stats.remote_inbound[0].packets_lost = -1;
    summary.sample(stats);
    const auto result = summary.object(12);
    for (const char *path : {"video.received.packetsLost", "video.received.loss_fraction",
                             "video.sent.packetsLost", "video.sent.loss_fraction"})
        EXPECT_EQ(to_json(find(result, path)), "0") << path;
    summary.connected(10, 80);
    EXPECT_NE(summary.sentence(12).find(", 0 packets lost"), std::string::npos)
        << summary.sentence(12);
}

TEST(SummaryTest, OfACallThatNeverWas)
{
    EXPECT_EQ(to_json(Summary().object(5)), R"({"warnings":0,"stalls":0})");
}

TEST(SummaryTest, WithoutRtcpTheRoundTripIsIces)
{
    Summary summary;
    auto stats = at(1);
    stats.remote_inbound.clear();
    summary.sample(stats);
    const auto result = summary.object(12);
    EXPECT_EQ(to_json(find(result, "rtt_mean_ms")), "500");
    EXPECT_EQ(to_json(find(result, "video.sent.packetsLost")), "\"absent\"");
}

}  // namespace callagent::report
