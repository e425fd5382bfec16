#include "core/bit_budget.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

constexpr BitDemand kBoth{};

// 640x480 at 30 a second, told that bitrate five times a second for so long.
PictureSteps::Step run(PictureSteps &steps, double &now, double seconds, int bitrate)
{
    PictureSteps::Step step;
    for (int i = 0; i < static_cast<int>(seconds * 5); ++i) {
        now += 0.2;
        step = steps.at(now, bitrate, 640, 480, 30);
    }
    return step;
}

using Step = PictureSteps::Step;

}  // namespace

TEST(BitBudgetTest, SoundComesFirst)
{
    EXPECT_EQ(divide(1'000'000, kBoth).audio, 48'000);
    EXPECT_EQ(divide(150'000, kBoth).audio, 32'000);
    EXPECT_EQ(divide(50'000, kBoth).audio, 16'000);
    EXPECT_EQ(divide(10'000, kBoth).audio, 16'000);
    EXPECT_EQ(divide(10'000, kBoth).video, 0);
}

TEST(BitBudgetTest, WhatIsDividedFitsOnTheWire)
{
    for (int total = 250'000; total < 5'000'000; total += 37'000) {
        const auto budget = divide(total, kBoth);
        const int wire = on_the_wire(budget.video, kBoth);
        EXPECT_LE(wire, total + 14'000) << total;  // a packet a picture more
        EXPECT_GE(wire, total - 30'000) << total;
    }
}

TEST(BitBudgetTest, WhatIsLostIsSentAgain)
{
    BitDemand lossy = kBoth;
    lossy.loss = 0.1;
    EXPECT_NEAR(divide(1'000'000, lossy).video, 0.9 * divide(1'000'000, kBoth).video, 20'000);
}

TEST(BitBudgetTest, FecTakesItsShareOfVideo)
{
    BitDemand guarded = kBoth;
    guarded.fec = 0.4;
    EXPECT_EQ(divide(1'000'000, guarded).audio, divide(1'000'000, kBoth).audio);
    EXPECT_NEAR(divide(1'000'000, guarded).video, 0.6 * divide(1'000'000, kBoth).video, 20'000);
    for (int total = 250'000; total < 5'000'000; total += 37'000) {
        const int wire = on_the_wire(divide(total, guarded).video, guarded);
        EXPECT_LE(wire, total + 25'000) << total;  // a packet a picture more, and its FEC
        EXPECT_GE(wire, total - 50'000) << total;
    }
}

TEST(BitBudgetTest, WhatIsNotSentGetsNothing)
{
    EXPECT_EQ(divide(1'000'000, {false, true}).video, 0);
    EXPECT_EQ(divide(1'000'000, {true, false}).audio, 0);
    EXPECT_GT(divide(1'000'000, {true, false}).video, divide(1'000'000, kBoth).video);
}

TEST(PictureStepsTest, ALowRateForAWhileMakesThePictureSmaller)
{
    PictureSteps steps;
    double now = 100;
    EXPECT_EQ(steps.at(now, 100'000, 640, 480, 30), (Step{1, 1, 1}));
    EXPECT_EQ(steps.at(now + 1.9, 100'000, 640, 480, 30), (Step{1, 1, 1}));
    EXPECT_EQ(steps.at(now + 2, 100'000, 640, 480, 30), (Step{3, 4, 1}));
    EXPECT_EQ(run(steps, now, 30, 30'000), (Step{1, 2, 2}));
}

TEST(PictureStepsTest, AndBackWhenThereIsEnoughForTheNext)
{
    PictureSteps steps;
    double now = 100;
    EXPECT_EQ(run(steps, now, 10, 60'000), (Step{1, 2, 1}));
    EXPECT_EQ(run(steps, now, 10, 110'000), (Step{1, 2, 1}));  // enough for 3/4, but hardly
    EXPECT_EQ(run(steps, now, 15, 1'000'000), (Step{1, 1, 1}));
}

TEST(PictureStepsTest, AShortDipChangesNothing)
{
    PictureSteps steps;
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(steps.at(100 + i * 0.5, i % 4 ? 50'000 : 500'000, 640, 480, 30), (Step{1, 1, 1}));
}

TEST(PictureStepsTest, ASmallPictureStaysAsItIs)
{
    PictureSteps steps;
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(steps.at(100 + i * 0.5, 1'000, 176, 144, 15), (Step{1, 1, 1}));
}

}  // namespace callagent
