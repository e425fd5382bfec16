#include "core/pacer.h"

#include <gtest/gtest.h>

namespace callagent {

TEST(PacerTest, WhatIsSmallPassesAtOnce)
{
    Pacer pacer(8000);
    pacer.set_rate(800'000);
    for (int i = 0; i < 6; ++i)
        EXPECT_EQ(pacer.wait(10, 1200), 0);
}

TEST(PacerTest, WhatIsLargeTakesTheTimeThatItNeedsAtTheRate)
{
    Pacer pacer(8000);
    pacer.set_rate(800'000);
    double now = 10;
    for (int sent = 0; sent < 28'000; sent += 1000)
        now += pacer.wait(now, 1000);
    EXPECT_NEAR(now, 10.2, 1e-6);  // 20 kB
}

TEST(PacerTest, APauseFillsItUpAgainAndNoMore)
{
    Pacer pacer(8000);
    pacer.set_rate(800'000);
    pacer.wait(10, 8000);
    EXPECT_GT(pacer.wait(10.001, 8000), 0.07);
    EXPECT_EQ(pacer.wait(100, 8000), 0);
    EXPECT_NEAR(pacer.wait(100, 1000), 0.01, 1e-6);
}

TEST(PacerTest, WhatIsSpentHasToComeAgain)
{
    Pacer pacer(8000);
    pacer.set_rate(800'000);
    pacer.spend(10);
    EXPECT_NEAR(pacer.wait(10, 1000), 0.01, 1e-6);
    EXPECT_EQ(pacer.wait(100, 8000), 0);
}

TEST(PacerTest, WithoutARateNothingWaits)
{
    Pacer pacer(10);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(pacer.wait(10, 100'000), 0);
}

}  // namespace callagent
