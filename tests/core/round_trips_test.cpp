#include "core/round_trips.h"

#include <gtest/gtest.h>

namespace callagent {

TEST(RoundTripsTest, TheFirstIsTheUsualOne)
{
    RoundTrips trips;
    trips.add(10, 0);  // not known yet
    EXPECT_EQ(trips.usual(), 0);
    trips.add(10.25, 0.1);
    EXPECT_EQ(trips.usual(), 0.1);
    EXPECT_EQ(trips.way(), 0.1);
}

TEST(RoundTripsTest, AQueueThatHasJustFilledUpIsNotWaitedFor)
{
    RoundTrips trips;
    trips.add(10, 0.01);
    for (int i = 1; i <= 4; ++i)
        trips.add(10 + 0.25 * i, 0.45);
    EXPECT_LT(trips.usual(), 0.15);
    EXPECT_EQ(trips.way(), 0.01);
}

TEST(RoundTripsTest, OneThatStaysIs)
{
    RoundTrips trips;
    trips.add(10, 0.01);
    for (int i = 1; i <= 40; ++i)
        trips.add(10 + 0.25 * i, 0.45);
    EXPECT_GT(trips.usual(), 0.4);
    for (int i = 41; i <= 81; ++i)
        trips.add(10 + 0.25 * i, 0.01);
    EXPECT_GT(trips.usual(), 0.15);
}

TEST(RoundTripsTest, AWayThatHasBecomeLongIsLong)
{
    RoundTrips trips;
    trips.add(10, 0.01);
    for (int i = 1; i <= 140; ++i)
        trips.add(10 + 0.25 * i, 0.1);
    EXPECT_EQ(trips.way(), 0.1);
}

}  // namespace callagent
