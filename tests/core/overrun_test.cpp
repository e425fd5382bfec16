#include "core/overrun.h"

#include <vector>

#include <gtest/gtest.h>

namespace callagent {
namespace {

constexpr double kWay = 0.01;

// Packets of 1250 bytes at 2 Mbit/s, through a queue that lets `carried` out and holds 200 ms. The
// last was sent at 10.
std::vector<SentPacket> sent_through(double carried, int count)
{
    constexpr double kApart = 1250 * 8 / 2e6;
    std::vector<SentPacket> packets;
    double waits = 0;
    for (int i = 0; i < count; ++i) {
        waits = std::max(0.0, waits - kApart);
        SentPacket packet{10 - (count - 1 - i) * kApart, {}, 1250, static_cast<std::uint16_t>(i)};
        const double takes = packet.bytes * 8 / carried;
        if (waits + takes <= 0.2) {
            waits += takes;
            packet.arrived = packet.sent + kWay + waits;
        }
        packets.push_back(packet);
    }
    return packets;
}

}  // namespace

TEST(OverrunTest, APathThatCarriesMuchLessIsSeenByItsFirstPackets)
{
    Overrun overrun;
    const auto carried = overrun.feedback(sent_through(500e3, 8), kWay, 2e6, 10.2);
    ASSERT_TRUE(carried);
    EXPECT_NEAR(*carried, 500e3, 20e3);
    EXPECT_TRUE(overrun.is_held(10.2));
    EXPECT_TRUE(overrun.is_held(10.45));
    EXPECT_FALSE(overrun.is_held(10.55));
}

TEST(OverrunTest, ItIsHeldAsLongAsTheQueueTakesToRunEmpty)
{
    Overrun overrun;
    const auto packets = sent_through(500e3, 40);  // most of which do not get into the queue
    ASSERT_TRUE(overrun.feedback(packets, kWay, 2e6, 10.2));
    EXPECT_TRUE(overrun.is_held(10.35));
    EXPECT_FALSE(overrun.is_held(10.45));
}

TEST(OverrunTest, WhatWasSentBeforeOrMeanwhileIsOfTheSameOne)
{
    Overrun overrun;
    ASSERT_TRUE(overrun.feedback(sent_through(500e3, 8), kWay, 2e6, 10.2));
    EXPECT_FALSE(overrun.feedback(sent_through(500e3, 40), kWay, 2e6, 10.3));
    EXPECT_FALSE(overrun.is_held(10.55));
    EXPECT_TRUE(overrun.covers(10.4));
    EXPECT_FALSE(overrun.covers(10.6));
}

TEST(OverrunTest, ALittleTooMuchIsNone)
{
    Overrun overrun;
    EXPECT_FALSE(overrun.feedback(sent_through(1.6e6, 100), kWay, 2e6, 10.2));
    EXPECT_FALSE(overrun.is_held(10.2));
}

TEST(OverrunTest, NorIsAQueueThatWeDoNotFill)
{
    Overrun overrun;
    EXPECT_FALSE(overrun.feedback(sent_through(500e3, 40), kWay, 600e3, 10.2));
}

TEST(OverrunTest, FewPacketsSayNothing)
{
    Overrun overrun;
    EXPECT_FALSE(overrun.feedback(sent_through(500e3, 3), kWay, 2e6, 10.2));
    EXPECT_FALSE(overrun.feedback({}, kWay, 2e6, 10.2));
    const std::vector<SentPacket> lost(10, SentPacket{10, {}, 1250, 1});
    EXPECT_FALSE(overrun.feedback(lost, kWay, 2e6, 10.2));
}

}  // namespace callagent
