#include "core/handshake_trip.h"

#include <gtest/gtest.h>

namespace callagent {

TEST(HandshakeTripTest, FromTheEndOfAFlightToTheBeginningOfTheAnswer)
{
    HandshakeTrip trip;
    trip.sent(1);
    EXPECT_EQ(trip.value(), 0);
    trip.sent(1.01);
    trip.received(1, 1.11);
    trip.received(2, 1.5);
    EXPECT_NEAR(trip.value(), 0.1, 1e-9);
}

TEST(HandshakeTripTest, TheShortestCounts)
{
    HandshakeTrip trip;
    trip.sent(0);
    trip.received(1, 0.3);  // the peer was not there yet
    trip.sent(0.31);
    trip.received(2, 0.36);
    trip.sent(0.4);
    trip.received(3, 0.6);
    EXPECT_NEAR(trip.value(), 0.05, 1e-9);
}

TEST(HandshakeTripTest, WhatComesTwiceAnswersNothing)
{
    HandshakeTrip trip;
    trip.sent(0);
    trip.received(1, 0.1);
    trip.sent(0.11);
    trip.received(1, 0.1101);  // the copy of what was just answered
    EXPECT_NEAR(trip.value(), 0.1, 1e-9);
    trip.received(2, 0.22);
    EXPECT_NEAR(trip.value(), 0.1, 1e-9);
}

TEST(HandshakeTripTest, WhoSpeaksFirstWasNotAsked)
{
    HandshakeTrip trip;
    trip.received(1, 0.1);
    EXPECT_EQ(trip.value(), 0);
}

TEST(HandshakeTripTest, APeerThatNeverEndsTakesNoMemory)
{
    HandshakeTrip trip;
    for (std::uint64_t record = 0; record < 100'000; ++record) {
        trip.sent(static_cast<double>(record));
        trip.received(record, static_cast<double>(record) + 0.5);
    }
    EXPECT_EQ(trip.value(), 0.5);
}

}  // namespace callagent
