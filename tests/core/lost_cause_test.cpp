#include "core/lost_cause.h"

#include <gtest/gtest.h>

namespace callagent {

TEST(LostCauseTest, AFewOfManyCanComeAgain)
{
    LostCause cause;
    for (int i = 0; i < 1000; ++i)
        if (i % 20 == 0)
            EXPECT_FALSE(cause.overflows(static_cast<std::uint16_t>(i), i * 0.005)) << i;
        else
            cause.arrived(i * 0.005);
}

// 2 Mbit/s into a queue of 500 kbit/s: of four packets three get lost.
TEST(LostCauseTest, OfAQueueThatOverflowsMoreThanCanComeAgain)
{
    LostCause cause;
    int overflows = 0;
    double first = 0;
    for (int i = 0; i < 100; ++i) {
        const double now = i * 0.005;
        if (i % 4 == 0) {
            cause.arrived(now);
        } else if (cause.overflows(static_cast<std::uint16_t>(i), now)) {
            first = overflows++ == 0 ? now : first;
        }
    }
    EXPECT_LT(first, 0.2);
    EXPECT_GE(overflows, 1);
    EXPECT_LE(overflows, 4);
}

// A wide path, of which 30 packets are lost in a row, has room for them.
TEST(LostCauseTest, ABurstOnAWidePathCanComeAgain)
{
    LostCause cause;
    for (int i = 0; i < 200; ++i)
        cause.arrived(i * 0.001);
    for (int i = 0; i < 30; ++i)
        EXPECT_FALSE(cause.overflows(static_cast<std::uint16_t>(i), 0.2));
}

TEST(LostCauseTest, BeforeAKeyframeThatWasAskedForNothingIsOfUse)
{
    LostCause cause;
    cause.overflows(65'535, 1);
    EXPECT_FALSE(cause.is_useless(65'535));
    cause.asked();
    EXPECT_TRUE(cause.is_useless(65'535));
    EXPECT_TRUE(cause.is_useless(65'000));
    EXPECT_FALSE(cause.is_useless(0));  // the keyframe's own
    cause.came();
    EXPECT_FALSE(cause.is_useless(65'000));
}

}  // namespace callagent
