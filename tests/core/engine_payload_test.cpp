#include "core/engine_payload.h"

#include <gtest/gtest.h>

namespace callagent::socketio {

using Packets = std::vector<std::string_view>;

TEST(EnginePayloadTest, Version4SeparatesPackets)
{
    EXPECT_EQ(encode_payload(Version::Engine4, {"4a", "2", "4ü"}),
              "4a\x1e"
              "2\x1e"
              "4ü");
    EXPECT_EQ(*decode_payload(Version::Engine4,
                              "4a\x1e"
                              "2\x1e"
                              "bAQIDBA=="),
              (Packets{"4a", "2", "bAQIDBA=="}));
}

TEST(EnginePayloadTest, Version3CountsAsJavaScriptDoes)
{
    EXPECT_EQ(encode_payload(Version::Engine3, {"4hello", "2"}), "6:4hello1:2");
    EXPECT_EQ(encode_payload(Version::Engine3, {"4ü€", "4😀"}), "3:4ü€3:4😀");
    EXPECT_EQ(*decode_payload(Version::Engine3, "3:4ü€3:4😀1:2"), (Packets{"4ü€", "4😀", "2"}));
}

TEST(EnginePayloadTest, WhatIsNoPayloadIsSaid)
{
    for (const auto *body : {"", "abc", "\x1e", "4a\x1e\x1e", "9x", " 4a"})
        EXPECT_FALSE(decode_payload(Version::Engine4, body)) << body;
    for (const auto *body : {"", "abc", ":", "4hello", "7:4hello", "-1:4", "1:4hello", "2:4😀",
                             "0:", "99999999999999999999:4", "5", "1:x", "1 :4"})
        EXPECT_FALSE(decode_payload(Version::Engine3, body)) << body;
}

}  // namespace callagent::socketio
