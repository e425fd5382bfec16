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
    EXPECT_FALSE(wish.due(kStart + 599ms));
    EXPECT_TRUE(wish.due(kStart + 600ms));
    EXPECT_FALSE(wish.due(kStart + 1399ms));
    EXPECT_TRUE(wish.due(kStart + 1400ms));
}

TEST(KeyframeWishTest, AfterAWhileItBeginsAnew)
{
    KeyframeWish wish(200ms);
    wish.ask(kStart);
    wish.due(kStart + 200ms);
    wish.came();
    EXPECT_TRUE(wish.ask(kStart + 10s));
    EXPECT_FALSE(wish.due(kStart + 10s + 199ms));
    EXPECT_TRUE(wish.due(kStart + 10s + 200ms));
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

TEST(KeyframeWishTest, NoneCanComeSoonerThanInARoundTrip)
{
    KeyframeWish wish(200ms);
    wish.set_round_trip(400ms);
    wish.ask(kStart);
    EXPECT_FALSE(wish.due(kStart + 599ms));
    EXPECT_TRUE(wish.due(kStart + 600ms));
}

TEST(KeyframePaceTest, ARequestThatWasOnItsWayIsMetByTheLastOne)
{
    KeyframePace pace(300ms);
    pace.set_round_trip(400ms);
    pace.made(kStart, 100ms);
    EXPECT_FALSE(pace.ask(kStart + 499ms));
    EXPECT_FALSE(pace.due(kStart + 1s));
    EXPECT_TRUE(pace.ask(kStart + 500ms));
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
