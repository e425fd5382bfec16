#include "core/watchdog.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

using Event = Watchdog::Event;
using Events = std::vector<Event>;

Watchdog::Counters counters(std::uint64_t audio, std::uint64_t video)
{
    return {audio, video, audio, video, 0};
}

TEST(WatchdogTest, FlowingMediaIsQuiet)
{
    Watchdog watchdog(true, true, 0);
    for (unsigned i = 1; i < 100; ++i)
        EXPECT_EQ(watchdog.sample(counters(i, i), i * 0.25), Events{});
}

TEST(WatchdogTest, AStallIsToldOnceWithinFiveSecondsAndItsEndAsWell)
{
    Watchdog watchdog(true, true, 0);
    watchdog.sample(counters(1, 1), 1);
    EXPECT_EQ(watchdog.sample(counters(2, 1), 3), Events{});
    EXPECT_EQ(watchdog.sample(counters(3, 1), 4.5),
              (Events{{Event::Kind::Stalled, Medium::Video, {}}}));
    EXPECT_EQ(watchdog.sample(counters(4, 1), 5), Events{});
    EXPECT_EQ(watchdog.sample(counters(5, 2), 6),
              (Events{{Event::Kind::Resumed, Medium::Video, {}}}));
}

TEST(WatchdogTest, AMediumThatDoesNotComeBackIsDeathAfterFifteenSeconds)
{
    Watchdog watchdog(true, true, 0);
    watchdog.sample(counters(1, 1), 1);
    watchdog.sample(counters(2, 1), 15);
    const auto events = watchdog.sample(counters(3, 1), 16.1);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].kind, Event::Kind::Dead);
    EXPECT_NE(events[0].reason.find("video"), std::string::npos);
    EXPECT_EQ(watchdog.sample(counters(4, 1), 99), Events{});
}

TEST(WatchdogTest, WhatWasNegotiatedAndNeverComesIsDeath)
{
    Watchdog watchdog(true, true, 0);
    EXPECT_EQ(watchdog.sample(counters(9, 0), 9.9), Events{});
    EXPECT_EQ(watchdog.sample(counters(10, 0), 10.1).back().kind, Event::Kind::Dead);
}

TEST(WatchdogTest, WhatComesAndCannotBeDecodedIsDeath)
{
    Watchdog watchdog(false, true, 0);
    for (unsigned i = 1; i < 40; ++i)
        EXPECT_EQ(watchdog.sample({0, i, 0, 0, 0}, i * 0.25), Events{});
    const auto events = watchdog.sample({0, 99, 0, 0, 0}, 10.5);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_NE(events[0].reason.find("decoded"), std::string::npos);
}

TEST(WatchdogTest, WithoutIncomingMediaRtcpIsTheSignOfLife)
{
    Watchdog watchdog(false, false, 0);
    EXPECT_EQ(watchdog.sample({0, 0, 0, 0, 1}, 10), Events{});
    EXPECT_EQ(watchdog.sample({0, 0, 0, 0, 1}, 24), Events{});
    EXPECT_EQ(watchdog.sample({0, 0, 0, 0, 1}, 25.1).back().kind, Event::Kind::Dead);
}

TEST(WatchdogTest, APeerThatLeftTheServerIsGoneAfterTwoSilentSeconds)
{
    Watchdog watchdog(true, true, 0);
    watchdog.sample(counters(1, 1), 1);
    watchdog.suspect(true);
    EXPECT_EQ(watchdog.sample(counters(2, 2), 3), Events{});
    EXPECT_EQ(watchdog.sample(counters(2, 2), 5.1).back().kind, Event::Kind::Dead);
}

TEST(WatchdogTest, ASecondWithoutAnythingIsSilenceUntilPacketsFlowAgain)
{
    Watchdog watchdog(true, true, 0);
    watchdog.sample(counters(1, 1), 0.25);
    for (const double now : {0.5, 0.75, 1.0})
        EXPECT_EQ(watchdog.sample(counters(1, 1), now), Events{});
    EXPECT_EQ(watchdog.sample(counters(1, 1), 1.25),
              (Events{{Event::Kind::Silent, Medium::Audio, {}}}));
    EXPECT_EQ(watchdog.sample(counters(1, 1), 2.5), Events{});
    EXPECT_EQ(watchdog.sample(counters(2, 2), 2.75), Events{});  // one that was on its way
    EXPECT_EQ(watchdog.sample(counters(2, 2), 3), Events{});
    EXPECT_EQ(watchdog.sample(counters(3, 3), 3.25), Events{});
    EXPECT_EQ(watchdog.sample(counters(4, 4), 3.5),
              (Events{{Event::Kind::Heard, Medium::Audio, {}}}));
}

TEST(WatchdogTest, ReportsAreASignOfLifeOfThePath)
{
    Watchdog watchdog(true, true, 0);
    for (unsigned i = 1; i < 10; ++i)
        EXPECT_EQ(watchdog.sample({1, 1, 1, 1, i}, i * 0.25), Events{});
}

TEST(WatchdogTest, AProcessThatStoodStillHeardNothingAndThatIsNoSilence)
{
    Watchdog watchdog(true, true, 0);
    watchdog.sample(counters(1, 1), 0.25);
    EXPECT_EQ(watchdog.sample(counters(1, 1), 2.5), Events{});
    EXPECT_EQ(watchdog.sample(counters(1, 1), 2.75), Events{});
}

TEST(WatchdogTest, APathThatIsKnownToBeLostIsHeardOfWhenItIsBack)
{
    Watchdog watchdog(true, true, 0);
    watchdog.sample(counters(1, 1), 0.25);
    watchdog.doubt();
    watchdog.sample(counters(2, 2), 0.5);
    EXPECT_EQ(watchdog.sample(counters(3, 3), 0.75),
              (Events{{Event::Kind::Heard, Medium::Audio, {}}}));
}

}  // namespace
}  // namespace callagent
