#include "core/server_uri.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

TEST(ServerUriTest, ComesApartAndTogether)
{
    const std::string text = "turns://al%40ice:p%3Aq@[2001:db8::1]:5349?transport=tcp";
    const auto uri = split_server_uri(text);
    EXPECT_EQ(uri.scheme, "turns");
    EXPECT_EQ(uri.user, "al%40ice");
    EXPECT_EQ(uri.password, "p%3Aq");
    EXPECT_EQ(uri.host, "2001:db8::1");
    EXPECT_EQ(uri.port, 5349);
    EXPECT_EQ(uri.query, "?transport=tcp");
    EXPECT_EQ(to_string(uri), text);
    EXPECT_EQ(shown(uri), "turns://[2001:db8::1]:5349?transport=tcp");
}

TEST(ServerUriTest, UserAndPasswordMayBeMissing)
{
    for (const std::string text :
         {"stun://h:3478", "turn://alice@h:3478", "turn://h:3478?transport=udp"}) {
        EXPECT_FALSE(split_server_uri(text).password) << text;
        EXPECT_EQ(to_string(split_server_uri(text)), text);
    }
}

TEST(ServerUriTest, WhatIsNoUriDoesNoHarm)
{
    for (const std::string text :
         {"", ":", "://", "@", "turn", "turn:h", "turn://", "turn://@", "turn://u:p@", "turn://[",
          "turn://[]", "turn://h:99999", "turn://h:x?"})
        EXPECT_LE(split_server_uri(text).host.size(), text.size()) << text;
}

}  // namespace
}  // namespace callagent
