#include "core/fec_gaps.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

using Numbers = std::vector<std::uint16_t>;

PicturePart part(int picture, bool begins, bool ends)
{
    return {begins, ends, picture, 1 << 15};
}

rtp::Bytes packet(std::initializer_list<std::uint8_t> payload, bool marker = false)
{
    rtp::Bytes bytes{0x80, static_cast<std::uint8_t>((marker ? 0x80 : 0) | 96)};
    bytes.resize(rtp::kFixedHeader + payload.size());
    std::copy(payload.begin(), payload.end(), bytes.begin() + rtp::kFixedHeader);
    return bytes;
}

}  // namespace

TEST(FecGapsTest, BetweenTwoPicturesNothingElseIsMissing)
{
    FecGaps gaps;
    EXPECT_EQ(gaps.add(10, part(7, true, true)), Numbers());
    EXPECT_EQ(gaps.add(13, part(8, true, false)), (Numbers{11, 12}));
}

TEST(FecGapsTest, WhatBelongsToAPictureIsMissed)
{
    FecGaps gaps;
    gaps.add(10, part(7, true, false));
    EXPECT_EQ(gaps.add(12, part(8, true, false)), Numbers());  // the end of 7
    gaps.add(13, part(8, false, true));
    EXPECT_EQ(gaps.add(15, part(9, false, true)), Numbers());  // the beginning of 9
    EXPECT_EQ(gaps.add(17, part(11, true, true)), Numbers());  // 10
}

TEST(FecGapsTest, WhatCameBackTellsOfAGapToo)
{
    FecGaps gaps;
    gaps.add(10, part(7, true, false));
    gaps.add(13, part(8, true, true));
    EXPECT_EQ(gaps.add(11, part(7, false, true)), (Numbers{12}));

    gaps.add(16, part(9, false, true));
    EXPECT_EQ(gaps.add(15, part(9, true, false)), (Numbers{14}));
}

TEST(FecGapsTest, FecPacketsThatCameAreNoPictures)
{
    FecGaps gaps;
    gaps.add(10, part(7, true, true));
    gaps.add_fec(12);
    EXPECT_EQ(gaps.add(14, part(8, true, true)), (Numbers{11, 13}));
    EXPECT_EQ(gaps.add(15, part(9, true, true)), Numbers());
}

TEST(FecGapsTest, EachOneOnce)
{
    FecGaps gaps;
    gaps.add(10, part(7, true, true));
    EXPECT_EQ(gaps.add(12, part(8, true, true)), (Numbers{11}));
    EXPECT_EQ(gaps.add(12, part(8, true, true)), Numbers());
    EXPECT_EQ(gaps.add(10, part(7, true, true)), Numbers());
}

TEST(FecGapsTest, NumbersGoRound)
{
    FecGaps gaps;
    gaps.add(65'534, part((1 << 15) - 1, true, true));
    EXPECT_EQ(gaps.add(1, part(0, true, true)), (Numbers{65'535, 0}));
}

TEST(FecGapsTest, AfterALongPauseNothingIsFilled)
{
    FecGaps gaps;
    gaps.add(10, part(7, true, true));
    EXPECT_EQ(gaps.add(200, part(8, true, true)), Numbers());
}

TEST(FecGapsTest, PartsOfVp8)
{
    // X and S, part 0; I; 15 bits.
    auto read = picture_part(packet({0x90, 0x80, 0x81, 0x02, 0x55}, true), VideoCodec::Vp8);
    EXPECT_TRUE(read.begins && read.ends);
    EXPECT_EQ(read.picture, 0x102);
    EXPECT_EQ(read.numbers, 1 << 15);
    // 7 bits; not the beginning.
    read = picture_part(packet({0x80, 0x80, 0x05, 0x55}), VideoCodec::Vp8);
    EXPECT_FALSE(read.begins || read.ends);
    EXPECT_EQ(read.picture, 5);
    EXPECT_EQ(read.numbers, 1 << 7);
    // The beginning of a later partition.
    EXPECT_FALSE(picture_part(packet({0x91, 0x80, 0x05, 0x55}), VideoCodec::Vp8).begins);
    EXPECT_FALSE(picture_part(packet({0x10, 0x55}), VideoCodec::Vp8).picture);
    EXPECT_FALSE(picture_part(packet({0x90, 0x80, 0x81}), VideoCodec::Vp8).picture);
}

TEST(FecGapsTest, PartsOfVp9)
{
    auto read = picture_part(packet({0x88, 0x81, 0x02, 0x55}), VideoCodec::Vp9);
    EXPECT_TRUE(read.begins);
    EXPECT_EQ(read.picture, 0x102);
    EXPECT_FALSE(picture_part(packet({0x80, 0x81, 0x02, 0x55}), VideoCodec::Vp9).begins);
    // The base layer, and another one.
    EXPECT_TRUE(picture_part(packet({0xa8, 0x81, 0x02, 0x20, 0x55}), VideoCodec::Vp9).begins);
    EXPECT_FALSE(picture_part(packet({0xa8, 0x81, 0x02, 0x22, 0x55}), VideoCodec::Vp9).begins);
}

TEST(FecGapsTest, NothingIsKnownOfOtherCodecs)
{
    const auto read = picture_part(packet({0x90, 0x80, 0x81, 0x02, 0x55}), VideoCodec::H264);
    EXPECT_FALSE(read.begins || read.picture);
    EXPECT_FALSE(picture_part(packet({}), VideoCodec::Vp8).begins);
    EXPECT_FALSE(picture_part(rtp::Bytes{0x80}, VideoCodec::Vp8).begins);
}

}  // namespace callagent
