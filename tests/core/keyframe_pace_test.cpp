#include "core/keyframe_pace.h"

#include <gtest/gtest.h>

namespace callagent {

using namespace std::chrono_literals;

constexpr KeyframeWish::Time kStart{1h};

TEST(KeyframeWishTest, TheFirstRequestGoesOutAtOnceAndOthersOnlyAfterAWhile)
{
    KeyframeWish wish(200ms);
    EXPECT_FALSE(wish.due(kStart));
    EXPECT_TRUE(wish.ask(kStart));
    EXPECT_FALSE(wish.ask(kStart + 10ms));
    EXPECT_FALSE(wish.due(kStart + 199ms));
    EXPECT_TRUE(wish.due(kStart + 200ms));
    EXPECT_FALSE(wish.due(kStart + 399ms));
    EXPECT_TRUE(wish.due(kStart + 400ms));
}

TEST(KeyframeWishTest, TheKeyframeEndsIt)
{
    KeyframeWish wish(200ms);
    wish.ask(kStart);
    wish.came();
    EXPECT_FALSE(wish.due(kStart + 1s));
    EXPECT_TRUE(wish.ask(kStart + 1s));
}

TEST(KeyframeWishTest, ALossRightBehindTheKeyframeWaitsForItsTurn)
{
    KeyframeWish wish(200ms);
    wish.ask(kStart);
    wish.came();
    EXPECT_FALSE(wish.ask(kStart + 100ms));
    EXPECT_TRUE(wish.due(kStart + 200ms));
}

TEST(KeyframePaceTest, WhatIsAskedTooSoonIsMadeLater)
{
    KeyframePace pace(300ms);
    EXPECT_TRUE(pace.ask(kStart));
    EXPECT_FALSE(pace.due(kStart + 1ms));
    EXPECT_FALSE(pace.ask(kStart + 100ms));
    EXPECT_FALSE(pace.due(kStart + 299ms));
    EXPECT_TRUE(pace.due(kStart + 300ms));
    EXPECT_FALSE(pace.due(kStart + 1s));
}

TEST(KeyframePaceTest, OneThatTheEncoderMadeByItselfCounts)
{
    KeyframePace pace(300ms);
    pace.made(kStart);
    EXPECT_FALSE(pace.ask(kStart + 100ms));
    pace.made(kStart + 200ms);  // and has given what was asked for
    EXPECT_FALSE(pace.due(kStart + 1s));
}

}  // namespace callagent
