#include "core/capture_clock.h"

#include <gtest/gtest.h>

namespace callagent {

constexpr std::uint64_t kNtp1970 = 2'208'988'800;

TEST(CaptureClockTest, NothingBeforeTheFirstReport)
{
    EXPECT_FALSE(CaptureClock().at(0, 90'000));
}

TEST(CaptureClockTest, TheReportsPairAndTheClockRateTellTheRest)
{
    CaptureClock clock;
    clock.report((kNtp1970 + 1000) << 32 | 0x80000000U, 90'000);
    EXPECT_DOUBLE_EQ(*clock.at(90'000, 90'000), 1000.5);
    EXPECT_DOUBLE_EQ(*clock.at(180'000, 90'000), 1001.5);
    EXPECT_DOUBLE_EQ(*clock.at(45'000, 90'000), 1000);
}

TEST(CaptureClockTest, TimestampsWrapAround)
{
    CaptureClock clock;
    clock.report((kNtp1970 + 1000) << 32, 0xffffffffU);
    EXPECT_DOUBLE_EQ(*clock.at(47'999, 48'000), 1001);
}

TEST(CaptureClockTest, TheNewestReportCounts)
{
    CaptureClock clock;
    clock.report((kNtp1970 + 1000) << 32, 0);
    clock.report((kNtp1970 + 2000) << 32, 0);
    EXPECT_DOUBLE_EQ(*clock.at(0, 48'000), 2000);
}

}  // namespace callagent
