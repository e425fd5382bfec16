#include "core/stun.h"

#include <random>

#include <gtest/gtest.h>

namespace callagent::stun {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Transaction kTransaction = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

Bytes response(unsigned type, const Bytes &attributes)
{
    Bytes bytes = {static_cast<std::uint8_t>(type >> 8),
                   static_cast<std::uint8_t>(type & 0xff),
                   static_cast<std::uint8_t>(attributes.size() >> 8),
                   static_cast<std::uint8_t>(attributes.size() & 0xff),
                   0x21,
                   0x12,
                   0xa4,
                   0x42};
    bytes.insert(bytes.end(), kTransaction.begin(), kTransaction.end());
    bytes.insert(bytes.end(), attributes.begin(), attributes.end());
    return bytes;
}

std::string address(const Bytes &bytes)
{
    const auto found = mapped_address(bytes, kTransaction);
    return found ? *found : found.error();
}

// 192.0.2.1:32853, as the test vectors of RFC 5769 have it.
const Bytes kXorMapped = {0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43};

}  // namespace

TEST(StunTest, ARequestIsAHeaderOnly)
{
    EXPECT_EQ(binding_request(kTransaction),
              (Bytes{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
}

TEST(StunTest, TheAddressIsFoundBehindOthers)
{
    EXPECT_EQ(address(response(0x0101, kXorMapped)), "192.0.2.1:32853");
    Bytes more = {0x80, 0x22, 0, 5, 'h', 'e', 'l', 'l', 'o', 0, 0, 0};  // padded to four
    more.insert(more.end(), kXorMapped.begin(), kXorMapped.end());
    EXPECT_EQ(address(response(0x0101, more)), "192.0.2.1:32853");
    EXPECT_EQ(address(response(0x0101, {0, 1, 0, 8, 0, 1, 0x9c, 0x40, 203, 0, 113, 7})),
              "203.0.113.7:40000");
}

TEST(StunTest, AnAddressOfIpv6)
{
    Bytes attribute = {0,    0x20, 0,           20,          0,           2,
                       0xa1, 0x47, 0x21 ^ 0x20, 0x12 ^ 0x01, 0xa4 ^ 0x0d, 0x42 ^ 0xb8};
    attribute.insert(attribute.end(), kTransaction.begin(), kTransaction.end());  // zeros, masked
    EXPECT_EQ(address(response(0x0101, attribute)), "[2001:db8:0:0:0:0:0:0]:32853");
}

TEST(StunTest, WhatIsNoAnswerIsSaid)
{
    EXPECT_NE(address({}).find("not STUN"), std::string::npos);
    auto other = response(0x0101, kXorMapped);
    other[8] = 99;
    EXPECT_NE(address(other).find("for somebody else"), std::string::npos);
    EXPECT_NE(address(response(0x0111, {})).find("refuses"), std::string::npos);
    EXPECT_NE(address(response(0x0101, {})).find("no address"), std::string::npos);
    EXPECT_NE(address(response(0x0101, {0, 0x20, 0, 8, 0, 1, 0, 0})).find("no address"),
              std::string::npos);
    EXPECT_NE(address(response(0x0101, {0, 0x20, 0, 4, 0, 7, 0, 0})).find("no address"),
              std::string::npos);
}

TEST(StunTest, NoiseNeverCrashes)
{
    std::mt19937 random(7);
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = response(0x0101, kXorMapped);
        for (auto left = random() % 4; left > 0; --left)
            bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random() & 0xff);
        bytes.resize(random() % (bytes.size() + 1));
        EXPECT_FALSE(address(bytes).empty());
    }
}

}  // namespace callagent::stun
