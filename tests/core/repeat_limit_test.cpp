#include "core/repeat_limit.h"

#include <gtest/gtest.h>

namespace callagent {

TEST(RepeatLimitTest, APacketIsNotSentAgainWhileItIsOnItsWay)
{
    RepeatLimit limit;
    limit.set_path(1e6, 0.1, 10);
    EXPECT_TRUE(limit.allow(7, 10));
    EXPECT_FALSE(limit.allow(7, 10.04));
    EXPECT_TRUE(limit.allow(8, 10.04));
    EXPECT_TRUE(limit.allow(7, 10.1));
}

TEST(RepeatLimitTest, AllTogetherNoMoreThanAShare)
{
    RepeatLimit limit;
    limit.set_path(500'000, 0.01, 10);
    int sent = 0;
    for (int i = 0; i < 1000; ++i)  // one each 10 ms, which would be 960 kbit/s
        sent += limit.allow(static_cast<std::uint16_t>(i), 10 + i * 0.01) ? 1 : 0;
    EXPECT_NEAR(sent * 9600 / 10.0, 200'000, 10'000);
}

TEST(RepeatLimitTest, AFewLossesAtOnceAreAllMended)
{
    RepeatLimit limit;
    limit.set_path(500'000, 0.01, 10);
    for (std::uint16_t i = 0; i < 6; ++i)
        EXPECT_TRUE(limit.allow(i, 10));
}

TEST(RepeatLimitTest, APauseIsNotSavedUp)
{
    RepeatLimit limit;
    limit.set_path(500'000, 0.01, 10);
    limit.allow(1, 10);
    int sent = 0;
    for (std::uint16_t i = 0; i < 100; ++i)
        sent += limit.allow(i, 100) ? 1 : 0;
    EXPECT_LE(sent, 7);
}

TEST(RepeatLimitTest, OverALongWayASecondLossComesTooLate)
{
    RepeatLimit limit;
    limit.set_path(1e6, 0.1, 10);
    EXPECT_TRUE(limit.is_long());
    limit.set_path(1e6, 0.01, 11);
    EXPECT_FALSE(limit.is_long());
    limit.set_path(1e6, 0.4, 12);  // that is a queue
    EXPECT_FALSE(limit.is_long());
}

TEST(RepeatLimitTest, WhatIsHeldIsNotSentAgain)
{
    RepeatLimit limit;
    limit.set_held(true);
    EXPECT_FALSE(limit.allow(7, 10));
    limit.set_held(false);
    EXPECT_TRUE(limit.allow(7, 10));
}

TEST(RepeatLimitTest, WhatCameBeforeANewBeginningIsOfNoUse)
{
    RepeatLimit limit;
    limit.set_path(1e6, 0.01, 10);
    limit.begin_anew(3, 10);
    EXPECT_FALSE(limit.allow(2, 10.1));
    EXPECT_FALSE(limit.allow(65'530, 10.1));
    EXPECT_TRUE(limit.allow(3, 10.1));
    EXPECT_TRUE(limit.allow(40'000, 13));  // long after it, numbers are others
}

}  // namespace callagent
