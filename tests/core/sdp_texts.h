// Descriptions for the tests: real offers (tests/data) and small ones that tests bend.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace callagent::sdp {

inline std::string fixture(const std::string &name)
{
    std::ifstream file(std::string(TEST_DATA "/") + name);
    EXPECT_TRUE(file) << name;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// Every occurrence; there has to be one, so that a test cannot lose its point unnoticed.
inline std::string with(std::string text, std::string_view from, std::string_view to)
{
    auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    for (; at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

inline std::string without(const std::string &text, std::string_view line)
{
    return with(text, std::string(line) + "\n", "");
}

inline const std::string kFingerprint =
    "sha-256 "
    "0B:30:55:7A:9F:C4:E9:0E:33:58:7D:A2:C7:EC:11:36:5B:80:A5:CA:EF:14:39:5E:83:A8:CD:F2:17:"
    "3C:61:86";

// One video m-line with everything it needs.
inline const std::string kSmall =
    "v=0\n"
    "o=- 1 1 IN IP4 0.0.0.0\n"
    "s=-\n"
    "t=0 0\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97\n"
    "a=mid:v\n"
    "a=setup:actpass\n"
    "a=ice-ufrag:abcd\n"
    "a=ice-pwd:abcdefghijklmnopqrstuvwx\n"
    "a=fingerprint:" +
    kFingerprint +
    "\n"
    "a=rtcp-mux\n"
    "a=sendrecv\n"
    "a=rtpmap:96 VP8/90000\n"
    "a=rtpmap:97 rtx/90000\n"
    "a=fmtp:97 apt=96\n";

}  // namespace callagent::sdp
