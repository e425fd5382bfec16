#include "core/call_meter.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

// A call that is sampled once a second, from second 10 on.
class CallMeterTest : public testing::Test {
protected:
    void SetUp() override
    {
        meter.connected(10, 80);
        meter.first_frame(Medium::Video, 10, 95);
        stats.inbound.resize(2);
        stats.inbound[0].kind = Medium::Video;
        stats.inbound[1].kind = Medium::Audio;
        stats.inbound[1].ssrc = 2;
        stats.inbound[0].frames_decoded = 1;
    }
    InboundRtp &video() { return stats.inbound[0]; }
    InboundRtp &audio() { return stats.inbound[1]; }

    void second(double length = 1)
    {
        stats.t += length;
        meter.sample(stats);
    }
    double value(const std::string &name, Aggregate aggregate)
    {
        const auto all = meter.measurements(stats.t);
        const auto found = all.find(name);
        return found == all.end() ? -999 : found->second.value(aggregate).value_or(-998);
    }

    CallMeter meter;
    Stats stats{10, {}, {}, {}, {}, {}};
};

TEST_F(CallMeterTest, RatesAreTakenFromOneSampleToTheNext)
{
    for (int i = 0; i < 4; ++i) {
        video().frames_decoded += i == 2 ? 12 : 30;
        video().bytes_received += 100'000;
        audio().bytes_received += 5'000;
        second();
    }
    EXPECT_EQ(value("video.fps", Aggregate::Min), 12);
    EXPECT_EQ(value("video.fps", Aggregate::Max), 30);
    EXPECT_EQ(value("video.fps", Aggregate::Mean), 25.5);
    EXPECT_EQ(value("video.frames", Aggregate::Last), 103);
    EXPECT_EQ(value("video.bitrate.in", Aggregate::Mean), 800);
    EXPECT_EQ(value("bitrate.in", Aggregate::Mean), 840);
    EXPECT_EQ(value("setup", Aggregate::Last), 80);
    EXPECT_EQ(value("video.first", Aggregate::Last), 95);
    EXPECT_EQ(value("duration", Aggregate::Last), 4);
}

TEST_F(CallMeterTest, AFreezeThatIsLongerThanTheSampleThatTellsOfItLosesNothing)
{
    video().frames_decoded += 30;
    second();
    video().frames_decoded += 1;  // the picture stands from here on, for 1.9 s
    second();
    video().frames_decoded += 1;
    video().freeze_count = 1;
    video().total_freezes_duration = 1.9;
    second();
    video().frames_decoded += 30;
    second();
    EXPECT_NEAR(value("video.freeze", Aggregate::Mean), 47.5, 1e-6);
}

TEST_F(CallMeterTest, AFreezeIsCountedOnceWhileItLastsAndNotAgainWhenItIsTold)
{
    video().frames_decoded += 30;
    second();
    second();  // nothing comes for two seconds …
    second();
    video().frames_decoded += 30;
    video().freeze_count = 1;
    video().total_freezes_duration = 2.1;  // … and a little
    second();
    EXPECT_NEAR(value("video.freeze", Aggregate::Mean), 52.5, 1e-6);
    EXPECT_NEAR(value("video.freeze", Aggregate::Max), 100, 1e-6);
    EXPECT_EQ(value("video.freezes", Aggregate::Last), 1);
    EXPECT_EQ(value("video.fps", Aggregate::Min), 0);
}

TEST_F(CallMeterTest, WhatIsSentAgainIsNoneOfThePacketsThatCanBeLost)
{
    second();
    stats.outbound.resize(1);
    stats.remote_inbound.resize(1);
    second();
    video().packets_received += 120;  // with the 10 that were lost, and 20 of padding
    video().retransmitted_packets_received += 30;
    video().packets_lost += 10;
    stats.outbound[0].packets_sent += 105;
    stats.outbound[0].retransmitted_packets_sent += 5;
    stats.remote_inbound[0].packets_lost += 5;
    second();
    EXPECT_NEAR(value("video.loss", Aggregate::Max), 10, 1e-9);
    EXPECT_NEAR(value("loss.out", Aggregate::Max), 5, 1e-9);
}

TEST_F(CallMeterTest, LossIsThatOfAllPackets)
{
    video().packets_received = 90;
    video().packets_lost = 10;
    audio().packets_received = 100;
    second();
    video().packets_received = 180;
    audio().packets_received = 200;
    second();
    EXPECT_NEAR(value("video.loss", Aggregate::Max), 10, 1e-9);
    EXPECT_NEAR(value("loss", Aggregate::Max), 5, 1e-9);
    EXPECT_NEAR(value("loss", Aggregate::Mean), 100 * 10.0 / 390, 1e-9);
    EXPECT_EQ(value("audio.loss", Aggregate::Max), 0);
}

TEST_F(CallMeterTest, SilenceIsTheLowestLevel)
{
    audio().total_samples_duration = 1;
    second();
    EXPECT_EQ(value("audio.level", Aggregate::Last), -127);
    audio().total_samples_duration = 2;
    audio().total_audio_energy = 0.01;
    second();
    EXPECT_NEAR(value("audio.level", Aggregate::Last), -20, 1e-9);
}

TEST_F(CallMeterTest, WhatThePeerSaysOfUs)
{
    stats.outbound.resize(1);
    stats.outbound[0].kind = Medium::Video;
    stats.remote_inbound.resize(1);
    for (int i = 0; i < 2; ++i) {
        stats.outbound[0].packets_sent += 100;
        stats.outbound[0].frames_sent += 30;
        stats.outbound[0].bytes_sent += 50'000;
        stats.remote_inbound[0].packets_lost += i == 0 ? 0 : 8;
        stats.remote_inbound[0].round_trip_time = 0.04;
        second();
    }
    EXPECT_NEAR(value("loss.out", Aggregate::Max), 8, 1e-9);
    EXPECT_NEAR(value("rtt", Aggregate::Mean), 40, 1e-9);
    EXPECT_EQ(value("video.fps.out", Aggregate::Mean), 30);
    EXPECT_EQ(value("bitrate.out", Aggregate::Mean), 400);
}

TEST_F(CallMeterTest, TheRoundTripIsIcesWhereThereIsNoReport)
{
    stats.pair.emplace().current_round_trip_time = 0.002;
    second();
    EXPECT_NEAR(value("rtt", Aggregate::Mean), 2, 1e-9);
}

TEST_F(CallMeterTest, WhatIsNotThereIsNotMeasured)
{
    stats.inbound.clear();
    second();
    for (const char *name : {"video.fps", "audio.level", "loss", "rtt", "bitrate.in"})
        EXPECT_EQ(value(name, Aggregate::Mean), -999) << name;
}

TEST_F(CallMeterTest, TheEndRightAfterASampleIsNoRate)
{
    video().frames_decoded += 30;
    second();
    second(0.001);
    EXPECT_EQ(value("video.fps", Aggregate::Min), 30);
}

TEST_F(CallMeterTest, EachMetricIsKnownByItsName)
{
    stats.outbound.resize(1);
    stats.outbound[0].kind = Medium::Video;
    stats.pair.emplace().current_round_trip_time = 0.002;
    video().packets_received = audio().packets_received = 1;
    second();
    for (const auto &[name, series] : meter.measurements(stats.t))
        EXPECT_NE(find_metric(name), nullptr) << name;
}

}  // namespace
}  // namespace callagent
