#include <gtest/gtest.h>

#include "core/sdp.h"

namespace callagent::sdp {
namespace {

constexpr const char *kHost =
    "candidate:842163049 1 udp 1677729535 192.0.2.7 46154 typ srflx raddr 10.0.0.17 rport 46154 "
    "generation 0 ufrag abcd network-cost 999";

std::string error(std::string text, int mline = 0)
{
    const auto status = check_candidate({std::move(text), "0", mline});
    return status ? "" : status.error();
}

}  // namespace

TEST(CandidateTest, WhatBrowsersAndWebrtcbinSend)
{
    for (const char *text :
         {kHost, "", "a=candidate:1 1 UDP 2113937151 192.0.2.1 40000 typ host",
          "candidate:1 1 udp 2113937151 1f4c6f0e-cbd7-41a5-9ed3-52a1d4c9f3aa.local 51234 typ host",
          "candidate:2 2 UDP 2122252542 2001:db8::7 9 typ host",
          "candidate:3 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active",
          "candidate:4 1 TCP 1015021823 192.0.2.1 0 typ host tcptype active",
          "candidate:4 1 TCP 1010827519 fe80::1%eth0 40000 typ host tcptype passive",
          "candidate:5 1 udp 41885439 198.51.100.1 60000 typ relay raddr 0.0.0.0 rport 0"})
        EXPECT_EQ(error(text), "") << text;
}

TEST(CandidateTest, WhatWebrtcbinMustNotSee)
{
    const struct {
        const char *text, *sentence;
    } cases[] = {
        {"end-of-candidates", "is not a candidate"},
        {"candidate:", "is not a candidate"},
        {"candidate:1 1 udp 1 192.0.2.1 1 typ", "is not a candidate"},
        {"candidate:1 1 udp 1 192.0.2.1 1 typ host\r\na=x", "is not a candidate"},
        {"candidate:1 1 udp 1 192.0.2.1 1 typ h\xc3\xb6st", "is not a candidate"},
        {"candidate:1 0 udp 1 192.0.2.1 1 typ host", "wrong component"},
        {"candidate:1 257 udp 1 192.0.2.1 1 typ host", "wrong component"},
        {"candidate:1 -1 udp 1 192.0.2.1 1 typ host", "wrong component"},
        {"candidate:1 1 sctp 1 192.0.2.1 1 typ host", "wrong transport"},
        {"candidate:1 1 udp 4294967296 192.0.2.1 1 typ host", "wrong priority"},
        {"candidate:1 1 udp 1 192.0.2.1/../x 1 typ host", "wrong address"},
        {"candidate:1 1 udp 1 192.0.2.1 0 typ host", "wrong port"},
        {"candidate:1 1 udp 1 192.0.2.1 65536 typ host", "wrong port"},
        {"candidate:1 1 udp 1 192.0.2.1 1 type host", "wrong type"},
        {"candidate:1 1 udp 1 192.0.2.1 1 typ home", "wrong type"},
        {"candidate:1 1 udp 1 192.0.2.1 1 typ srflx raddr / rport 1", "wrong raddr"},
        {"candidate:1 1 udp 1 192.0.2.1 1 typ srflx rport 99999", "wrong rport"},
        {"candidate:1 1 tcp 1 192.0.2.1 1 typ host tcptype both", "wrong tcptype"},
        {"candidate:123456789012345678901234567890123 1 udp 1 192.0.2.1 1 typ host", "foundation"},
    };
    for (const auto &one : cases)
        EXPECT_NE(error(one.text).find(one.sentence), std::string::npos)
            << one.text << ": " << error(one.text);
    EXPECT_NE(error(std::string(kHost) + std::string(2000, ' ')).find("bytes"), std::string::npos);
}

TEST(CandidateTest, ItHasToSayWhereItBelongs)
{
    EXPECT_TRUE(check_candidate({kHost, "", 2}));
    EXPECT_TRUE(check_candidate({kHost, "audio0", -1}));
    EXPECT_FALSE(check_candidate({kHost, "", -1}));
    EXPECT_NE(error(kHost, 32), "");
    EXPECT_NE(error(kHost, -2), "");
    EXPECT_NE(error("", 2147483647), "");
}

TEST(CandidateTest, Parts)
{
    const auto parts = candidate_parts(kHost);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->address, "192.0.2.7");
    EXPECT_EQ(parts->port, 46154);
    EXPECT_EQ(parts->protocol, "udp");
    EXPECT_EQ(parts->type, "srflx");
    EXPECT_FALSE(candidate_parts(""));
}

}  // namespace callagent::sdp
