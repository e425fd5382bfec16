#include "core/playout.h"

#include <random>

#include <gtest/gtest.h>

namespace callagent {
namespace {

constexpr double kStep = 0.25;  // s, between two looks

// Pictures at 30 and sound at 50 a second, with the lateness that the functions give; the delay at
// the end, and how many of the last `counted` seconds' were later than it was.
struct Playing {
    explicit Playing(PlayoutRange range = {}) : playout(range) {}

    template <typename Picture, typename Sound>
    void go(double seconds, const Picture &picture, const Sound &sound)
    {
        const int ticks = static_cast<int>(seconds * 150);
        pictures = late = 0;
        for (int i = 0; i < ticks; ++i, ++tick) {
            const double now = tick / 150.0;
            if (tick % 5 == 0) {
                const double behind = picture();
                ++pictures;
                late += behind > playout.delay();
                playout.picture(now + behind, behind);
            }
            if (tick % 3 == 0) {
                playout.sound(now + sound(), timestamp, 48'000);
                timestamp += 960;
            }
            if (now >= looked + kStep) {
                looked = now;
                playout.advance(now);
            }
        }
    }

    Playout playout;
    int tick = 0, pictures = 0, late = 0;
    double looked = 0;
    std::uint32_t timestamp = 0xfffff000;  // wraps around
};

double punctual()
{
    return 0.003;
}

TEST(PlayoutTest, OnAGoodPathItIsNextToNothing)
{
    Playing run;
    run.go(20, punctual, punctual);
    EXPECT_LE(run.playout.delay(), 0.006);
}

TEST(PlayoutTest, FewerThanOneInAHundredIsLate)
{
    std::mt19937 random(1);  // NOLINT: the same each time
    std::exponential_distribution<double> jitter(1 / 0.02);
    Playing run;
    const auto jittery = [&] { return std::min(0.2, jitter(random)); };
    run.go(15, jittery, punctual);
    run.go(60, jittery, punctual);
    EXPECT_LT(run.late, run.pictures * 2 / 100);
    // The 99th percentile is 92 ms; no more than what sampling makes of it.
    EXPECT_LT(run.playout.delay(), 0.15);
}

TEST(PlayoutTest, OneInAThousandDoesNotMatter)
{
    Playing run;
    run.go(
        12, [&] { return run.tick % 1000 == 0 ? 0.4 : 0.003; }, punctual);
    EXPECT_LE(run.playout.delay(), 0.006);
}

TEST(PlayoutTest, UpQuicklyDownSlowly)
{
    Playing run;
    run.go(12, punctual, punctual);
    run.go(
        1, [] { return 0.1; }, punctual);
    EXPECT_GE(run.playout.delay(), 0.1);
    run.go(9, punctual, punctual);
    EXPECT_GE(run.playout.delay(), 0.1) << "it may come again";
    run.go(2, punctual, punctual);
    EXPECT_LT(run.playout.delay(), 0.1);
    EXPECT_GT(run.playout.delay(), 0.05);
    run.go(5, punctual, punctual);
    EXPECT_LE(run.playout.delay(), 0.012);
}

TEST(PlayoutTest, SoundThatArrivesUnevenlyCountsAsMuch)
{
    Playing run;
    run.go(15, punctual, [&] { return run.tick % 4 == 0 ? 0.06 : 0.0; });
    EXPECT_NEAR(run.playout.delay(), 0.062, 0.005);
}

TEST(PlayoutTest, ALongerWayIsNoLateness)
{
    Playing run;
    run.go(15, punctual, [] { return 0.5; });
    EXPECT_LE(run.playout.delay(), 0.006);
    run.go(15, punctual, [] { return 0.6; });  // the route is another one now
    run.go(15, punctual, [] { return 0.6; });
    EXPECT_LE(run.playout.delay(), 0.012);
}

TEST(PlayoutTest, AnotherStreamsTimestampsAreNoLateness)
{
    Playing run;
    run.go(5, punctual, punctual);
    run.timestamp += 0x40000000;
    run.go(5, punctual, punctual);
    EXPECT_LE(run.playout.delay(), 0.006);
}

TEST(PlayoutTest, TheLatestSoundIsKnownAfterAWhile)
{
    Playing run;
    const auto now_and_then = [&] { return run.tick % 300 == 0 ? 0.2 : 0.0; };
    run.go(2.9, punctual, now_and_then);
    EXPECT_FALSE(run.playout.latest_sound());
    run.go(5, punctual, now_and_then);
    ASSERT_TRUE(run.playout.latest_sound());
    EXPECT_NEAR(*run.playout.latest_sound(), 0.2, 0.01);
}

TEST(PlayoutTest, TheStartDoesNotCount)
{
    Playing run;
    run.go(
        0.9, [] { return 0.3; }, [] { return 0.0; });
    run.go(3, punctual, punctual);
    EXPECT_LE(run.playout.delay(), 0.006);
}

TEST(PlayoutTest, StaysInItsRange)
{
    Playing fixed({0.1, 0.1});
    fixed.go(
        5, [] { return 0.4; }, punctual);
    EXPECT_EQ(fixed.playout.delay(), 0.1);
    Playing between({0.02, 0.05});
    between.go(5, punctual, punctual);
    EXPECT_EQ(between.playout.delay(), 0.02);
    between.go(
        5, [] { return 0.4; }, punctual);
    EXPECT_EQ(between.playout.delay(), 0.05);
}

}  // namespace
}  // namespace callagent
