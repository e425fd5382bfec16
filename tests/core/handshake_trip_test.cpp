#include "core/handshake_trip.h"

#include <vector>

#include <gtest/gtest.h>

namespace callagent {
namespace {

using Datagram = std::vector<std::uint8_t>;

// A record (RFC 6347, 4.1) with the beginning of a handshake message in it (4.2.2).
Datagram message(int number, int record = 0, int offset = 0)
{
    const auto put = [](Datagram &in, std::size_t at, int value) {
        in[at] = static_cast<std::uint8_t>(value >> 8);
        in[at + 1] = static_cast<std::uint8_t>(value);
    };
    Datagram datagram(25);
    datagram[0] = 22;
    put(datagram, 9, record);
    put(datagram, 17, number);
    put(datagram, 20, offset);
    return datagram;
}

Datagram encrypted(int record)
{
    return {22, 0xfe, 0xfd, 0,   1, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(record),
            0,  2,    0x17, 0x42};
}

const Datagram kChangeOfCipher{20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 5, 0, 1, 1};

}  // namespace

TEST(HandshakeTripTest, FromTheEndOfAFlightToTheBeginningOfTheAnswer)
{
    HandshakeTrip trip;
    trip.sent(message(1), 1);
    EXPECT_EQ(trip.value(), 0);
    trip.sent(message(2), 1.01);
    trip.received(message(1), 1.11);
    trip.received(message(2), 1.5);
    EXPECT_NEAR(trip.value(), 0.1, 1e-9);
}

TEST(HandshakeTripTest, TheShortestCounts)
{
    HandshakeTrip trip;
    trip.sent(message(0), 0);
    trip.received(message(0), 0.3);  // the peer was not there yet
    trip.sent(message(1), 0.31);
    trip.sent(kChangeOfCipher, 0.31);
    trip.sent(encrypted(0), 0.31);
    trip.received(kChangeOfCipher, 0.36);
    trip.received(encrypted(0), 0.37);
    EXPECT_NEAR(trip.value(), 0.05, 1e-9);
}

TEST(HandshakeTripTest, WhatComesTwiceAnswersNothing)
{
    HandshakeTrip trip;
    trip.sent(message(0), 0);
    trip.received(message(0), 0.1);
    trip.sent(message(1), 0.11);
    trip.received(message(0), 0.1101);     // a copy
    trip.received(message(0, 7), 0.1102);  // sent again, after a while
    EXPECT_NEAR(trip.value(), 0.1, 1e-9);
    trip.received(message(1), 0.2);
    EXPECT_NEAR(trip.value(), 0.09, 1e-9);
}

// Its flight was sent again since one datagram of it had got lost; the others come behind our
// answer.
TEST(HandshakeTripTest, NorWhatCameBeforeInAnotherRecord)
{
    HandshakeTrip trip;
    trip.sent(message(0), 0);
    trip.received(encrypted(0), 0.1);
    trip.received(kChangeOfCipher, 0.1);
    trip.received(message(1), 1.1);
    trip.sent(message(1), 1.11);
    trip.received(kChangeOfCipher, 1.1101);
    trip.received(encrypted(1), 1.1102);
    EXPECT_NEAR(trip.value(), 0.1, 1e-9);
}

TEST(HandshakeTripTest, AMessageInSeveralDatagramsIsNoneSentAgain)
{
    HandshakeTrip trip;
    trip.sent(message(1, 1, 0), 0);
    trip.sent(message(1, 2, 150), 0);
    trip.sent(message(1, 3, 300), 0);
    trip.received(message(0), 0.1);
    EXPECT_NEAR(trip.value(), 0.1, 1e-9);
}

TEST(HandshakeTripTest, WhichOfTwoWasAnsweredIsNotKnown)
{
    HandshakeTrip trip;
    trip.sent(message(0), 0);
    trip.sent(message(0, 1), 1);
    trip.sent(message(1, 2), 1);
    trip.received(message(0), 1.01);
    EXPECT_EQ(trip.value(), 0);
    trip.sent(message(2), 1.1);
    trip.received(message(1), 1.2);
    EXPECT_NEAR(trip.value(), 0.1, 1e-9);
}

TEST(HandshakeTripTest, WhoSpeaksFirstWasNotAsked)
{
    HandshakeTrip trip;
    trip.received(message(0), 0.1);
    EXPECT_EQ(trip.value(), 0);
}

TEST(HandshakeTripTest, WhatIsNoHandshakeIsPassedOver)
{
    HandshakeTrip trip;
    trip.sent(message(0), 0);
    Datagram data = message(0);
    data[0] = 23;
    trip.received(data, 0.1);
    data[0] = 21;
    trip.received(data, 0.1);
    for (std::size_t size = 0; size < 22; ++size) {
        const auto whole = message(0);
        trip.received({whole.data(), size}, 0.1);
    }
    EXPECT_EQ(trip.value(), 0);
    trip.received(message(0), 0.2);
    EXPECT_NEAR(trip.value(), 0.2, 1e-9);
}

}  // namespace callagent
