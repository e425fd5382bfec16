#include "core/fec.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace callagent::fec {
namespace {

using Packets = std::vector<rtp::Bytes>;

constexpr std::uint32_t kSsrc = 0x01020304;

rtp::Bytes packet(std::uint16_t number, std::size_t payload, bool marker, std::uint32_t time = 9000)
{
    rtp::Bytes bytes(rtp::kFixedHeader + payload);
    bytes[0] = 0x80;
    bytes[1] = static_cast<std::uint8_t>((marker ? 0x80 : 0) | 96);
    rtp::write16(bytes, 2, number);
    rtp::write32(bytes, 4, time + number);
    rtp::write32(bytes, 8, kSsrc);
    std::mt19937 random(number);
    for (std::size_t i = rtp::kFixedHeader; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(random());
    return bytes;
}

// Pictures of `packets` each, and the FEC of each.
struct Sent {
    std::vector<rtp::Bytes> media, fec;
};

Sent send(Encoder &encoder, int pictures, int packets, std::uint16_t first = 1000)
{
    Sent sent;
    auto number = first;
    for (int picture = 0; picture < pictures; ++picture)
        for (int i = 0; i < packets; ++i) {
            const bool last = i + 1 == packets;
            sent.media.push_back(packet(number++, last ? 300 : 1188, last));
            for (auto &payload : encoder.add(sent.media.back())) {
                sent.fec.push_back(std::move(payload));
                ++number;  // FEC packets have numbers of their own
            }
        }
    return sent;
}

// Everything but the media packets of those indices arrives, the FEC after them.
std::vector<rtp::Bytes> recovered(const Sent &sent, const std::set<std::size_t> &lost,
                                  Decoder &decoder)
{
    for (std::size_t i = 0; i < sent.media.size(); ++i)
        if (!lost.contains(i))
            decoder.add_media(sent.media[i]);
    std::vector<rtp::Bytes> all;
    for (const auto &payload : sent.fec) {
        decoder.add_fec(kSsrc, payload);
        for (auto &one : decoder.recover())
            all.push_back(std::move(one));
    }
    return all;
}

}  // namespace

TEST(FecTest, WithoutAShareThereIsNone)
{
    Encoder encoder;
    EXPECT_TRUE(send(encoder, 10, 4).fec.empty());
}

TEST(FecTest, ALostPacketIsWorkedOut)
{
    Encoder encoder;
    encoder.set_share(0.2);
    const auto sent = send(encoder, 1, 4);
    ASSERT_EQ(sent.fec.size(), 1U);
    for (std::size_t lost = 0; lost < 4; ++lost) {
        Decoder decoder;
        EXPECT_EQ(recovered(sent, {lost}, decoder), Packets{sent.media[lost]});
        EXPECT_EQ(decoder.counts().received, 1U);
        EXPECT_EQ(decoder.counts().discarded, 0U);
    }
}

// Written by hand after RFC 5109, 7.3 and 7.4, so that it is not only ourselves whom we understand.
TEST(FecTest, TheHeaderIsThatOfTheRfc)
{
    const rtp::Bytes a{0x80, 96, 0x03, 0xe8, 0, 0, 0, 5, 1, 2, 3, 4, 0x11, 0x22, 0x33};
    const rtp::Bytes b{0x80, 224, 0x03, 0xe9, 0, 0, 0, 5, 1, 2, 3, 4, 0x44};
    Encoder encoder;
    encoder.set_share(0.34);
    EXPECT_TRUE(encoder.add(a).empty());
    const auto fec = encoder.add(b);
    ASSERT_EQ(fec.size(), 1U);
    EXPECT_EQ(fec[0], (rtp::Bytes{0x00, 0x80,        // E L P X CC; M, PT
                                  0x03, 0xe8,        // SN base
                                  0, 0, 0, 0, 0, 2,  // TS, length
                                  0, 3, 0xc0, 0,     // protection length, mask
                                  0x55, 0x22, 0x33}));
}

TEST(FecTest, WhatIsNotNeededIsDiscarded)
{
    Encoder encoder;
    encoder.set_share(0.2);
    const auto sent = send(encoder, 3, 4);
    Decoder decoder;
    EXPECT_TRUE(recovered(sent, {}, decoder).empty());
    EXPECT_EQ(decoder.counts().received, 3U);
    EXPECT_EQ(decoder.counts().discarded, 3U);
}

TEST(FecTest, LossesInARowFallToDifferentPackets)
{
    Encoder encoder;
    encoder.set_share(0.34);
    const auto sent = send(encoder, 1, 8);
    ASSERT_EQ(sent.fec.size(), 4U);
    Decoder decoder;
    EXPECT_EQ(recovered(sent, {2, 3, 4, 5}, decoder).size(), 4U);
}

TEST(FecTest, OfTwoLossesThatOnePacketProtectsNoneIsMadeUp)
{
    Encoder encoder;
    encoder.set_share(0.2);
    const auto sent = send(encoder, 1, 4);
    Decoder decoder;
    EXPECT_TRUE(recovered(sent, {0, 2}, decoder).empty());
    EXPECT_EQ(decoder.counts().discarded, 0U);
    // One of them is sent again: the other one follows from it.
    decoder.add_media(sent.media[0]);
    EXPECT_EQ(decoder.recover(), Packets{sent.media[2]});
}

TEST(FecTest, TheShareIsKeptInTheLongRun)
{
    for (const double share : {0.1, 0.25, 0.4, 0.5})
        for (const int packets : {3, 7, 60}) {
            Encoder encoder;
            encoder.set_share(share);
            const auto sent = send(encoder, 200, packets);
            const auto fec = static_cast<double>(sent.fec.size());
            EXPECT_NEAR(fec / (fec + static_cast<double>(sent.media.size())), share, 0.01)
                << share << " of pictures of " << packets;
        }
}

TEST(FecTest, SmallPicturesShareAPacketButNotManyOfThem)
{
    Encoder encoder;
    encoder.set_share(0.1);
    std::vector<std::size_t> made;
    for (std::uint16_t i = 0; i < 9; ++i)
        made.push_back(encoder.add(packet(i, 100, true)).size());
    EXPECT_EQ(made, (std::vector<std::size_t>{0, 0, 1, 0, 0, 1, 0, 0, 1}));
}

TEST(FecTest, NumbersGoRound)
{
    Encoder encoder;
    encoder.set_share(0.2);
    const auto sent = send(encoder, 1, 4, 65'534);
    Decoder decoder;
    EXPECT_EQ(recovered(sent, {1}, decoder), Packets{sent.media[1]});
}

TEST(FecTest, APictureOfManyPacketsIsProtectedAsAWhole)
{
    Encoder encoder;
    encoder.set_share(0.2);
    const auto sent = send(encoder, 1, 110);
    for (const std::size_t lost : {0UL, 47UL, 48UL, 109UL}) {
        Decoder decoder;
        EXPECT_EQ(recovered(sent, {lost}, decoder), Packets{sent.media[lost]}) << lost;
    }
}

TEST(FecTest, OfFivePercentFewAreLeft)
{
    std::mt19937 random(3);
    std::bernoulli_distribution is_lost(0.05);
    Encoder encoder;
    encoder.set_share(0.3);
    Decoder decoder;
    std::size_t lost = 0, back = 0;
    std::uint16_t number = 0;
    for (int picture = 0; picture < 1000; ++picture)
        for (int i = 0; i < 5; ++i) {
            auto one = packet(number++, 1188, i == 4);
            const auto payloads = encoder.add(one);
            if (is_lost(random))
                ++lost;
            else
                decoder.add_media(std::move(one));
            for (const auto &payload : payloads) {
                ++number;
                if (!is_lost(random))
                    decoder.add_fec(kSsrc, payload);
            }
            back += decoder.recover().size();
        }
    EXPECT_GT(static_cast<double>(back), 0.9 * static_cast<double>(lost)) << back << " of " << lost;
}

TEST(FecTest, AfterTheShareIsNothingNothingOldIsProtected)
{
    Encoder encoder;
    encoder.set_share(0.3);
    encoder.add(packet(1, 100, false));
    encoder.set_share(0);
    encoder.set_share(0.3);
    const auto fec = encoder.add(packet(20, 100, true));
    ASSERT_LE(fec.size(), 1U);
    for (const auto &payload : fec)
        EXPECT_EQ(rtp::read16(payload, 2), 20);
}

// Anybody may send anything.
TEST(FecTest, NonsenseIsThrownAway)
{
    std::mt19937 random(5);
    Encoder encoder;
    encoder.set_share(0.3);
    const auto sent = send(encoder, 3, 8);
    Decoder decoder;
    for (int round = 0; round < 20'000; ++round) {
        rtp::Bytes bytes(random() % 80);
        if (round % 2 == 0)
            bytes = sent.fec[random() % sent.fec.size()];
        for (int i = 0; i < 3 && !bytes.empty(); ++i)
            bytes[random() % std::min<std::size_t>(bytes.size(), 24)] =
                static_cast<std::uint8_t>(random());
        if (random() % 3 == 0)
            decoder.add_media(std::move(bytes));
        else
            decoder.add_fec(kSsrc, bytes);
        for (const auto &one : decoder.recover()) {
            EXPECT_GT(rtp::header_size(one), 0U);
            EXPECT_LE(one.size(), 1700U);
        }
    }
}

TEST(RtpTest, AnExtensionIsZeroedWhereverItStands)
{
    // Two elements, ids 3 (2 bytes) and 5 (3 bytes), with padding between.
    rtp::Bytes bytes = packet(1, 4, false);
    const rtp::Bytes extension{0xbe, 0xde, 0, 2, 0x31, 7, 8, 0, 0x52, 1, 2, 3};
    bytes[0] |= 0x10;
    bytes.insert(bytes.begin() + rtp::kFixedHeader, extension.begin(), extension.end());
    rtp::zero_extension(bytes, 5);
    EXPECT_EQ(rtp::Bytes(bytes.begin() + 12, bytes.begin() + 24),
              (rtp::Bytes{0xbe, 0xde, 0, 2, 0x31, 7, 8, 0, 0x52, 0, 0, 0}));
    rtp::zero_extension(bytes, 3);
    EXPECT_EQ(bytes[17], 0);
    // An element that says that it is longer than the extension.
    bytes[20] = 0x5f;
    const auto payload = rtp::Bytes(bytes.begin() + 24, bytes.end());
    rtp::zero_extension(bytes, 5);
    EXPECT_EQ(rtp::Bytes(bytes.begin() + 24, bytes.end()), payload);
}

}  // namespace callagent::fec
