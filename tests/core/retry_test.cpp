#include "core/retry.h"

#include <gtest/gtest.h>

namespace callagent::retry {

using namespace std::chrono_literals;

TEST(RetryTest, BeforeItWasEverConnectedAFewQuickOnes)
{
    EXPECT_EQ(delay(Fault::Passing, {false, 0, 0ms}, 0), 250ms);
    EXPECT_EQ(delay(Fault::Passing, {false, 1, 250ms}, 0), 500ms);
    EXPECT_EQ(delay(Fault::Passing, {false, 2, 750ms}, 0), 1000ms);
    EXPECT_EQ(delay(Fault::Passing, {false, 3, 1750ms}, 0), 2000ms);
    EXPECT_EQ(delay(Fault::Passing, {false, 4, 3750ms}, 0), std::nullopt);
}

TEST(RetryTest, AnAttemptThatTookLongIsNotRepeatedWhileSomebodyWaits)
{
    EXPECT_EQ(delay(Fault::Passing, {false, 0, 5s}, 0), std::nullopt);
}

TEST(RetryTest, ANameThatDoesNotResolveIsLookedUpOnceMore)
{
    EXPECT_EQ(delay(Fault::Doubtful, {false, 0, 0ms}, 0), 250ms);
    EXPECT_EQ(delay(Fault::Doubtful, {false, 1, 250ms}, 0), std::nullopt);
    EXPECT_EQ(delay(Fault::Doubtful, {true, 3, 5s}, 0), 2s) << "the network is down for a while";
}

TEST(RetryTest, WhatCannotHealIsNotTriedAgain)
{
    EXPECT_EQ(delay(Fault::Permanent, {false, 0, 0ms}, 0), std::nullopt);
    EXPECT_EQ(delay(Fault::Permanent, {true, 0, 0ms}, 0), std::nullopt);
}

TEST(RetryTest, OnceItWasConnectedForAMinuteEverMoreSlowly)
{
    History history{true, 0, 0ms};
    int attempts = 0;
    while (const auto wait = delay(Fault::Passing, history, 0)) {
        EXPECT_LE(*wait, kMaxDelay);
        history.spent += *wait;
        ++history.failures;
        ++attempts;
    }
    EXPECT_GE(history.spent, kGiveUpAfter);
    EXPECT_LT(history.spent, kGiveUpAfter + kMaxDelay);
    EXPECT_EQ(attempts, 16);
}

TEST(RetryTest, JitterSpreadsOverAQuarter)
{
    EXPECT_EQ(delay(Fault::Passing, {true, 2, 0ms}, 0.5), 1125ms);
    EXPECT_EQ(delay(Fault::Passing, {true, 2, 0ms}, 1), 1250ms);
    EXPECT_EQ(delay(Fault::Passing, {true, 2, 0ms}, 7), 1250ms) << "out of range";
    EXPECT_EQ(delay(Fault::Passing, {true, 1000, 0ms}, 0), 5s);
}

}  // namespace callagent::retry
