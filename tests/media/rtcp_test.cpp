#include "media/rtcp.h"

#include <initializer_list>

#include <gtest/gtest.h>

#include "media/rtcp_log.h"
#include "media/timeline.h"

namespace callagent::media {
namespace {

using Bytes = std::vector<std::uint8_t>;

void add(Bytes &bytes, std::initializer_list<std::uint32_t> words)
{
    for (const auto word : words)
        for (const int shift : {24, 16, 8, 0})
            bytes.push_back(static_cast<std::uint8_t>(word >> shift));
}

glib::Ptr<GstBuffer> buffer_of(const Bytes &bytes)
{
    return glib::adopt(gst_buffer_new_memdup(bytes.data(), bytes.size()));
}

// A payload-specific feedback packet of the application layer (RFC 4585, 6.4), with that in it.
Bytes application_feedback(std::initializer_list<std::uint32_t> words)
{
    Bytes bytes;
    add(bytes, {0x8fce0000U + 2 + static_cast<std::uint32_t>(words.size()), 1, 0});
    add(bytes, words);
    return bytes;
}

constexpr std::uint32_t kRemb = 0x52454d42;  // "REMB"

}  // namespace

TEST(RtcpTest, ThePeersOwnEstimateIsAFloatingPointNumber)
{
    // One SSRC, exponent 3, mantissa 0x1e848 = 125,000.
    const auto rtcp =
        parse_rtcp(buffer_of(application_feedback({kRemb, 0x010c0000U | 0x1e848, 7})).get());
    ASSERT_TRUE(rtcp.remb);
    EXPECT_EQ(*rtcp.remb, 1'000'000);
}

TEST(RtcpTest, AnEstimateOfTheHighestExponentIsAsMuchAsThereIs)
{
    const auto rtcp = parse_rtcp(buffer_of(application_feedback({kRemb, 0x01ffffff, 7})).get());
    ASSERT_TRUE(rtcp.remb);
    EXPECT_EQ(*rtcp.remb, 2'000'000'000);
}

TEST(RtcpTest, WhatIsNoEstimateIsNone)
{
    EXPECT_FALSE(parse_rtcp(buffer_of(application_feedback({kRemb})).get()).remb);
    EXPECT_FALSE(
        parse_rtcp(buffer_of(application_feedback({0x12345678, 0x010c0001, 7})).get()).remb);
    EXPECT_FALSE(parse_rtcp(buffer_of({0x8f, 0xce, 0, 9, 1}).get()).remb);
    EXPECT_FALSE(parse_rtcp(buffer_of({0}).get()).remb);
}

TEST(RtcpTest, SenderReportsTellWhenSomethingWasCaptured)
{
    constexpr std::uint32_t kSsrc = 77;
    constexpr std::uint32_t kNtp1970 = 2'208'988'800;
    Bytes report;
    add(report, {0x80c80006, kSsrc, kNtp1970 + 1000, 0x80000000, 90'000, 1, 100});
    RtcpLog log;
    EXPECT_FALSE(log.captured(kSsrc, 90'000, 90'000));
    log.add(buffer_of(report).get());
    EXPECT_DOUBLE_EQ(log.captured(kSsrc, 180'000, 90'000).value_or(0), 1001.5);
    EXPECT_FALSE(log.captured(kSsrc + 1, 90'000, 90'000));
}

TEST(RtcpTest, EachReportIsANewOne)
{
    constexpr std::uint32_t kSsrc = 77;
    Bytes report;
    add(report, {0x81c90007, 1, kSsrc, 0x40000000, 0, 0, 0, 0});  // a quarter is lost
    RtcpLog log;
    EXPECT_FALSE(log.latest(kSsrc));
    log.add(buffer_of(report).get());
    log.add(buffer_of(report).get());
    const auto latest = log.latest(kSsrc);
    ASSERT_TRUE(latest);
    EXPECT_EQ(latest->count, 2U);
    EXPECT_DOUBLE_EQ(latest->fraction_lost, 0.25);
    EXPECT_FALSE(latest->round_trip);
}

}  // namespace callagent::media
