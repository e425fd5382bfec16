#include "core/rate_limit.h"

#include <gtest/gtest.h>

namespace callagent {

using namespace std::chrono_literals;

constexpr RateLimit::Time kStart{1h};

TEST(RateLimitTest, TwoSecondsWorthAtOnceAndThenTheRate)
{
    RateLimit limit(10);
    int taken = 0;
    while (limit.take(kStart))
        ++taken;
    EXPECT_EQ(taken, 20);
    EXPECT_FALSE(limit.take(kStart + 99ms));
    EXPECT_TRUE(limit.take(kStart + 201ms));
    EXPECT_TRUE(limit.take(kStart + 202ms));
    EXPECT_FALSE(limit.take(kStart + 203ms));
}

TEST(RateLimitTest, APauseIsNotSavedUpForEver)
{
    RateLimit limit(10);
    while (limit.take(kStart)) {
    }
    int taken = 0;
    while (limit.take(kStart + 1h))
        ++taken;
    EXPECT_EQ(taken, 20);
}

TEST(RateLimitTest, NoneIsNone)
{
    RateLimit limit(0);
    for (int i = 0; i < 10'000; ++i)
        ASSERT_TRUE(limit.take(kStart));
}

}  // namespace callagent
