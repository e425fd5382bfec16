#include "core/quality.h"

#include <cmath>

#include <gtest/gtest.h>

namespace callagent {
namespace {

constexpr std::uint32_t kOurs = 77;
constexpr double kStart = 1764046085.0;

// A sender of 30 pictures a second, and the way to us.
class QualityTest : public testing::Test {
protected:
    FrameMark mark(std::uint32_t number, std::uint32_t clock = kOurs) const
    {
        return {number % FrameMark::kNumbers, FrameMark::time_of(kStart + number / 30.0), clock,
                640, 480};
    }
    void show(std::uint32_t number, double latency = 0.050, std::uint32_t clock = kOurs)
    {
        meter.picture(kStart + number / 30.0 + latency, mark(number, clock), 40);
    }
    void show_all(std::uint32_t from, std::uint32_t to, double latency = 0.050)
    {
        for (auto number = from; number < to; ++number)
            show(number, latency);
    }
    void ticks(int from, int to, double latency, double jitter = 0)
    {
        for (int second = from; second < to; ++second) {
            const double at = second + (second % 2 == 0 ? jitter : 0);
            meter.tick({at, kStart + at + latency});
        }
    }

    QualityMeter meter{kOurs};
};

TEST_F(QualityTest, WithoutMarksThereIsNothing)
{
    for (int i = 0; i < 100; ++i)
        meter.picture(kStart + i / 30.0, std::nullopt);
    meter.sound({1, 0.5, 0.1});
    const auto quality = meter.take();
    EXPECT_FALSE(quality.video);
    EXPECT_FALSE(quality.audio);
    EXPECT_FALSE(quality.av_skew);
}

TEST_F(QualityTest, AWholeSequenceHasNothingLost)
{
    show_all(1000, 1031);
    const auto video = meter.take().video;
    ASSERT_TRUE(video);
    EXPECT_EQ(video->frames, 30U);  // the first introduces the source
    EXPECT_EQ(video->lost, 0U);
    EXPECT_EQ(video->repeated, 0U);
    EXPECT_EQ(video->late, 0U);
    EXPECT_FALSE(video->clock_differs);
    ASSERT_EQ(video->latencies.size(), 30U);
    for (const double latency : video->latencies)
        EXPECT_NEAR(latency, 0.050, 1e-4);
    EXPECT_EQ(video->psnrs, std::vector<double>(30, 40));
}

TEST_F(QualityTest, OneMarkMayBeChance)
{
    show(1000);
    for (int i = 0; i < 10; ++i)
        meter.picture(kStart + i, std::nullopt);
    show(1100, 0.05, kOurs + 1);
    EXPECT_FALSE(meter.take().video);
}

TEST_F(QualityTest, AFalseMarkInBetweenChangesNothing)
{
    show_all(0, 10);
    meter.picture(kStart + 10 / 30.0 + 0.05, FrameMark{99999, 0, 12, 17, 19});
    show_all(11, 20);
    const auto video = meter.take().video;
    ASSERT_TRUE(video);
    EXPECT_EQ(video->frames, 18U);
    EXPECT_EQ(video->lost, 0U);
    EXPECT_FALSE(video->clock_differs);
}

TEST_F(QualityTest, SkippedNumbersAreLost)
{
    show_all(0, 10);
    show_all(13, 20);
    show_all(21, 30);
    const auto video = meter.take().video;
    ASSERT_TRUE(video);
    EXPECT_EQ(video->lost, 4U);
    EXPECT_EQ(video->frames, 25U);
}

TEST_F(QualityTest, TheSameNumberAgainIsRepeated)
{
    show_all(0, 10);
    show(9, 0.083);
    show(9, 0.116);
    show_all(10, 20);
    const auto video = meter.take().video;
    ASSERT_TRUE(video);
    EXPECT_EQ(video->repeated, 2U);
    EXPECT_EQ(video->lost, 0U);
    EXPECT_EQ(video->frames, 19U);
    EXPECT_EQ(video->latencies.size(), 19U);
}

TEST_F(QualityTest, PicturesWithoutAMarkAreNotLost)
{
    show_all(0, 10);
    for (int i = 10; i < 40; ++i)  // muted: black
        meter.picture(kStart + i / 30.0, std::nullopt);
    show_all(40, 50);
    EXPECT_EQ(meter.take().video->lost, 0U);
}

TEST_F(QualityTest, NumbersGoOnBehindTheLastOne)
{
    show_all(FrameMark::kNumbers - 5, FrameMark::kNumbers + 5);
    const auto video = meter.take().video;
    ASSERT_TRUE(video);
    EXPECT_EQ(video->frames, 9U);
    EXPECT_EQ(video->lost, 0U);
}

TEST_F(QualityTest, ASourceThatBeganAnewHasLostNothing)
{
    show_all(1000, 1010);
    show_all(0, 10);
    const auto video = meter.take().video;
    ASSERT_TRUE(video);
    EXPECT_EQ(video->lost, 0U);
    EXPECT_EQ(video->frames, 19U);
}

TEST_F(QualityTest, LateIsLaterThanTheQuickestOfTheLastSeconds)
{
    show_all(0, 30);
    show(30, 0.149);
    show(31, 0.160);
    show(32, 0.400);
    show_all(33, 40);
    EXPECT_EQ(meter.take().video->late, 2U);
}

TEST_F(QualityTest, ALongerWayIsTheUsualOneAfterAWhile)
{
    show_all(0, 30, 0.050);
    show_all(30, 30 + 30 * 12, 0.250);
    const auto late = meter.take().video->late;
    EXPECT_GE(late, 280U);  // ten seconds of them
    EXPECT_LE(late, 300U);
}

TEST_F(QualityTest, AnotherMachinesClockTellsNoLatency)
{
    for (std::uint32_t i = 0; i < 10; ++i)
        show(i, 2.5, kOurs + 1);
    ticks(0, 5, 2.4);
    meter.sound({1, 0, 0.1});
    const auto quality = meter.take();
    ASSERT_TRUE(quality.video);
    EXPECT_TRUE(quality.video->clock_differs);
    EXPECT_TRUE(quality.video->latencies.empty());
    EXPECT_EQ(quality.video->frames, 9U);
    ASSERT_TRUE(quality.audio);
    EXPECT_TRUE(quality.audio->clock_differs);
    EXPECT_TRUE(quality.audio->latencies.empty());
    ASSERT_TRUE(quality.av_skew);  // both are the same clock's
    EXPECT_NEAR(*quality.av_skew, 0.1, 1e-4);
}

TEST_F(QualityTest, OfAnotherClockTheRoundTripGivesAnEstimate)
{
    for (std::uint32_t i = 0; i < 10; ++i)
        show(i, 2.5, kOurs + 1);
    EXPECT_FALSE(meter.take().video->estimate);  // nobody knows a round trip
    for (std::uint32_t i = 10; i < 20; ++i)
        show(i, 2.56, kOurs + 1);
    const auto quality = meter.take(0.08);
    EXPECT_TRUE(quality.video->latencies.empty());
    ASSERT_TRUE(quality.video->estimate);
    EXPECT_NEAR(*quality.video->estimate, 0.04 + 0.06, 1e-4);
}

TEST_F(QualityTest, WithOneClockNothingIsEstimated)
{
    show_all(0, 30);
    EXPECT_FALSE(meter.take(0.08).video->estimate);
}

TEST_F(QualityTest, TicksAreHeardWhateverLipSyncDoesToTheirTimestamps)
{
    show_all(0, 30);
    double second = 0;
    for (const double wander : {-0.03, 0.02, 0.06, 0.16, -0.02})
        meter.tick({second + wander, kStart + second++ + 0.2});
    const auto quality = meter.take();
    ASSERT_TRUE(quality.audio);
    ASSERT_FALSE(quality.audio->latencies.empty());
    EXPECT_NEAR(quality.audio->latencies.back(), 0.2, 1e-3);
}

TEST_F(QualityTest, SoundHasALatencyWhereThePictureSaysWhoseClockTicks)
{
    ticks(0, 5, 0.030);
    const auto alone = meter.take();
    ASSERT_TRUE(alone.audio);
    EXPECT_TRUE(alone.audio->latencies.empty());
    EXPECT_FALSE(alone.audio->clock_differs);

    show_all(0, 30);
    ticks(5, 8, 0.030);
    const auto quality = meter.take();
    ASSERT_EQ(quality.audio->latencies.size(), 3U);
    EXPECT_NEAR(quality.audio->latencies[0], 0.030, 1e-4);
    EXPECT_NEAR(*quality.av_skew, 0.020, 1e-4);
}

TEST_F(QualityTest, SkewKnowsBothDirectionsAndTheTurnOfTheSecond)
{
    for (const auto &[picture, sound] :
         {std::pair{0.3, 0.1}, {0.1, 0.3}, {0.99, 1.02}, {1.02, 0.98}}) {
        QualityMeter fresh(kOurs);
        for (std::uint32_t i = 0; i < 30; ++i)
            fresh.picture(kStart + i / 30.0 + picture, mark(i));
        for (int i = 0; i < 5; ++i)
            fresh.tick({1.0 * i, kStart + i + sound});
        EXPECT_NEAR(*fresh.take().av_skew, picture - sound, 1e-4);
    }
}

TEST_F(QualityTest, TicksAreBelievedWhenTheyHaveBeenRegular)
{
    meter.tick({0.0, kStart + 0.02});
    meter.tick({1.0, kStart + 1.02});
    meter.sound({1, 0.5, 0.1});
    EXPECT_FALSE(meter.take().audio);
    meter.tick({2.001, kStart + 2.02});
    EXPECT_TRUE(meter.take().audio);
}

TEST_F(QualityTest, ClicksAtAnyTimeAreNoTicks)
{
    for (const double at : {0.0, 1.0, 1.7, 2.7, 2.9, 4.1, 5.1})
        meter.tick({at, kStart + at});
    meter.sound({5, 0, 0.1});
    EXPECT_FALSE(meter.take().audio);
}

TEST_F(QualityTest, TicksMayBeMissing)
{
    ticks(0, 4, 0.03);
    ticks(9, 12, 0.03);
    show_all(0, 30);
    EXPECT_EQ(meter.take().audio->latencies.size(), 5U);
}

TEST_F(QualityTest, GapsCountWhileTheToneShouldSound)
{
    meter.sound({1, 0.2, 0.1});  // not known to be ours
    ticks(0, 4, 0.03);
    meter.sound({1, 0, 0.03125});
    meter.sound({1, 0.3, 0.03125});
    const auto audio = meter.take().audio;
    ASSERT_TRUE(audio);
    EXPECT_NEAR(audio->gap, 0.3, 1e-9);
    EXPECT_NEAR(audio->seconds, 2, 1e-9);
    EXPECT_NEAR(*audio->level, -15.05, 0.01);
}

TEST_F(QualityTest, ATakeBeginsAnew)
{
    show_all(0, 10);
    show_all(12, 20);
    ticks(0, 4, 0.03);
    meter.take();
    const auto nothing = meter.take();
    EXPECT_FALSE(nothing.video);
    EXPECT_FALSE(nothing.audio);
    EXPECT_FALSE(nothing.av_skew);
    show_all(20, 25);
    const auto more = meter.take();
    EXPECT_EQ(more.video->frames, 5U);
    EXPECT_EQ(more.video->lost, 0U);
}

TEST_F(QualityTest, WithoutMarksTheSendersReportsTellTheLatency)
{
    for (int i = 0; i < 30; ++i)
        meter.reported(Medium::Video, kStart + i / 30.0 + 0.070, kStart + i / 30.0, true);
    for (int i = 0; i < 50; ++i)
        meter.reported(Medium::Audio, kStart + i / 50.0 + 0.040, kStart + i / 50.0, true);
    const auto quality = meter.take(0.02);
    ASSERT_TRUE(quality.video && quality.audio);
    EXPECT_TRUE(quality.video->from_reports && quality.audio->from_reports);
    EXPECT_EQ(quality.video->latencies.size(), 30U);
    EXPECT_NEAR(quality.video->latencies.back(), 0.070, 1e-6);
    EXPECT_NEAR(quality.audio->latencies.back(), 0.040, 1e-6);
    EXPECT_FALSE(quality.video->clock_differs || quality.video->estimate);
    EXPECT_FALSE(meter.take().video);
}

TEST_F(QualityTest, OfAnotherMachinesReportsThereIsAnEstimate)
{
    for (int i = 0; i < 30; ++i)
        meter.reported(Medium::Video, kStart + i / 30.0 + (i == 3 ? 0 : 0.010), i / 30.0, false);
    const auto quality = meter.take(0.04);
    ASSERT_TRUE(quality.video);
    EXPECT_TRUE(quality.video->clock_differs && quality.video->latencies.empty());
    EXPECT_NEAR(*quality.video->estimate, 0.02 + 0.010 * 29 / 30, 1e-6);
}

TEST_F(QualityTest, MarksKnowBetterThanReports)
{
    show_all(0, 30, 0.050);
    meter.reported(Medium::Video, kStart + 0.5, kStart, true);
    const auto quality = meter.take();
    ASSERT_TRUE(quality.video);
    EXPECT_FALSE(quality.video->from_reports);
    EXPECT_NEAR(quality.video->latencies.back(), 0.050, 0.002);
}

TEST_F(QualityTest, AClockThatIsNotSetTellsNothing)
{
    meter.reported(Medium::Video, kStart, kStart - 3600, true);
    meter.reported(Medium::Video, kStart, kStart + 1, true);
    EXPECT_FALSE(meter.take().video);
}

TEST(SpreadTest, KnowsExtremesMeanAndPercentiles)
{
    Spread spread;
    EXPECT_TRUE(spread.empty());
    for (int i = 1; i <= 100; ++i)
        spread.add(i);
    EXPECT_EQ(spread.min(), 1);
    EXPECT_EQ(spread.max(), 100);
    EXPECT_EQ(spread.mean(), 50.5);
    EXPECT_EQ(spread.percentile(0.95), 95);
    EXPECT_EQ(spread.percentile(0), 1);
    EXPECT_EQ(spread.percentile(1), 100);
}

TEST(SpreadTest, StaysSmallAndTrueOverALongCall)
{
    Spread spread;
    for (int i = 0; i < 3'000'000;
         ++i)  // a day at 30 a second, each hour worse than the one before
        spread.add(i);
    EXPECT_EQ(spread.max(), 2'999'999);
    EXPECT_NEAR(spread.mean(), 1'499'999.5, 1e-3);
    EXPECT_NEAR(spread.percentile(0.95), 2'850'000, 1000);
    EXPECT_NEAR(spread.percentile(0.05), 150'000, 1000);
}

TEST(QualityTotalsTest, AddUp)
{
    QualityTotals totals;
    Quality first, second;
    first.video = VideoQuality{10, 1, 2, 3, false, {}, {0.1, 0.3}, {30}};
    second.video = VideoQuality{20, 2, 0, 1, false, {}, {0.2}, {40}};
    second.audio = AudioQuality{};
    second.audio->latencies = {0.05};
    second.audio->gap = 0.25;
    second.audio->seconds = 1;
    second.av_skew = 0.1;
    totals.add(first);
    totals.add({});
    totals.add(second);
    ASSERT_TRUE(totals.video);
    EXPECT_EQ(totals.video->frames, 30U);
    EXPECT_EQ(totals.video->lost, 3U);
    EXPECT_EQ(totals.video->repeated, 2U);
    EXPECT_EQ(totals.video->late, 4U);
    EXPECT_NEAR(totals.video->latency.mean(), 0.2, 1e-9);
    EXPECT_EQ(totals.video->psnr.min(), 30);
    ASSERT_TRUE(totals.audio);
    EXPECT_EQ(totals.audio->gap, 0.25);
    EXPECT_EQ(totals.av_skew.mean(), 0.1);
}

}  // namespace
}  // namespace callagent
