#include "core/frame_rate.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

TEST(FrameRateTest, IsMeasuredSinceTheLastLook)
{
    FrameRate rate;
    rate.at(10, 5.0);
    EXPECT_DOUBLE_EQ(rate.at(40, 6.0), 30);
    EXPECT_DOUBLE_EQ(rate.at(70, 8.0), 15);
}

TEST(FrameRateTest, ALookTooSoonSeesTheRateOfBefore)
{
    FrameRate rate;
    rate.at(0, 0);
    rate.at(30, 1.0);
    EXPECT_DOUBLE_EQ(rate.at(30, 1.02), 30);
    EXPECT_DOUBLE_EQ(rate.at(60, 2.0), 30);
}

}  // namespace
}  // namespace callagent
