#include "core/fec_share.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

// After 20 s of it.
double share_on(double loss, double round_trip)
{
    FecShare fec;
    double share = 0;
    for (int i = 0; i < 200; ++i)
        share = fec.at(i * 0.1, loss, round_trip);
    return share;
}

}  // namespace

TEST(FecShareTest, OnlyWhereThePathIsLongAndLossy)
{
    EXPECT_EQ(share_on(0.05, 0.02), 0);
    EXPECT_EQ(share_on(0.002, 0.2), 0);
    EXPECT_NEAR(share_on(0.05, 0.1), 0.3, 0.01);
    EXPECT_NEAR(share_on(0.05, 0.2), 0.45, 0.01);
    EXPECT_EQ(share_on(0.011, 0.1), 0.1);
    EXPECT_EQ(share_on(0.3, 0.1), 0.5);
}

TEST(FecShareTest, AQueueMakesNoPathLong)
{
    FecShare fec;
    double share = 0;
    for (int i = 0; i < 200; ++i)  // the queue fills, and is empty again each 5 s
        share = std::max(share, fec.at(i * 0.1, 0.05, i % 50 == 0 ? 0.02 : 0.2));
    EXPECT_EQ(share, 0);
}

TEST(FecShareTest, SomeLossesNowAndThenAreSentAgain)
{
    FecShare fec;
    double share = 0;
    for (int i = 0; i < 600; ++i)
        share = std::max(share, fec.at(i * 0.1, i % 200 == 0 ? 0.2 : 0, 0.1));
    EXPECT_EQ(share, 0);
}

TEST(FecShareTest, AtTheLimitItDoesNotComeAndGo)
{
    FecShare fec;
    int changes = 0;
    bool was_on = false;
    for (int i = 0; i < 600; ++i) {
        const bool is_on = fec.at(i * 0.1, i / 20 % 2 == 0 ? 0.008 : 0.013, 0.1) > 0;
        changes += is_on != was_on ? 1 : 0;
        was_on = is_on;
    }
    EXPECT_EQ(changes, 1);
}

}  // namespace callagent
