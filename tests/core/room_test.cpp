#include "core/room.h"

#include <gtest/gtest.h>

namespace callagent {

using Deliveries = Room::Deliveries;

constexpr Room::Who kAlice = 1;
constexpr Room::Who kBob = 2;
constexpr Room::Who kCarol = 3;

class RoomTest : public testing::Test {
protected:
    // Numbers 100000, 100001, …: nothing is random here.
    Room room{[this](std::uint32_t) { return next++; }};
    std::uint32_t next = 0;
};

TEST_F(RoomTest, ANewcomerIsToldItsNumberAndTheOthersAreToldOfIt)
{
    EXPECT_EQ(room.join(kAlice, ""), (Deliveries{{kAlice, R"({"type":"id","id":"100000"})"}}));
    EXPECT_EQ(room.join(kBob, ""), (Deliveries{{kBob, R"({"type":"id","id":"100001"})"},
                                               {kAlice, R"({"type":"joined","id":"100001"})"}}));
    EXPECT_EQ(room.leave(kAlice), (Deliveries{{kBob, R"({"type":"left","id":"100000"})"}}));
    EXPECT_EQ(room.leave(kAlice), Deliveries{});
    EXPECT_EQ(room.leave(kBob), Deliveries{});
}

TEST_F(RoomTest, OneMayAskForANumber)
{
    room.join(kAlice, "0042");
    EXPECT_EQ(room.number(kAlice), "0042");
    room.join(kBob, "0042");
    EXPECT_EQ(room.number(kBob), "100000") << "taken";
    room.leave(kAlice);
    room.join(kCarol, "0042");
    EXPECT_EQ(room.number(kCarol), "0042") << "free again";
}

TEST_F(RoomTest, NotEverythingIsANumber)
{
    for (const auto *wanted : {"12a", " 1", "-5", "12345678901234567", "\"", "１"}) {
        Room other([](std::uint32_t) { return 5; });
        other.join(kAlice, wanted);
        EXPECT_EQ(other.number(kAlice), "100005") << wanted;
    }
    room.join(kAlice, "1234567890123456");
    EXPECT_EQ(room.number(kAlice), "1234567890123456");
}

TEST(RoomRandomTest, ANumberIsFreeAlsoWhereRandomNumbersRepeat)
{
    Room room([](std::uint32_t below) { return below - 1; });
    for (Room::Who who = 1; who <= 3; ++who)
        room.join(who, "");
    EXPECT_EQ(room.number(1), "999999");
    EXPECT_EQ(room.number(2), "100000");
    EXPECT_EQ(room.number(3), "100001");
}

TEST_F(RoomTest, WhatIsSaidToNobodyGoesToEverybodyElse)
{
    room.join(kAlice, "1");
    room.join(kBob, "2");
    room.join(kCarol, "3");
    EXPECT_EQ(*room.say(kAlice, R"({"type":"bye"})"),
              (Deliveries{{kBob, R"({"from":"1","type":"bye"})"},
                          {kCarol, R"({"from":"1","type":"bye"})"}}));
    EXPECT_EQ(room.say(kAlice, R"({"to":"","x":1})")->size(), 2U);
    EXPECT_EQ(room.say(kAlice, R"({"to":null,"x":1})")->size(), 2U);
}

TEST_F(RoomTest, WhatIsSaidToANumberGoesThereOnly)
{
    room.join(kAlice, "1");
    room.join(kBob, "2");
    room.join(kCarol, "3");
    EXPECT_EQ(*room.say(kAlice, R"({"type":"bye","to":"2"})"),
              (Deliveries{{kBob, R"({"from":"1","type":"bye","to":"2"})"}}));
    EXPECT_EQ(*room.say(kAlice, R"({"to":3})"), (Deliveries{{kCarol, R"({"from":"1","to":3})"}}))
        << "a page may write it as a number";
    EXPECT_EQ(*room.say(kAlice, R"({"to":"77"})"),
              (Deliveries{{kAlice, R"({"type":"unknown","id":"77"})"}}));
    EXPECT_EQ(*room.say(kAlice, R"({"to":{"a":"\""}})"),
              (Deliveries{{kAlice, R"({"type":"unknown","id":"{\"a\":\"\\\"\"}"})"}}));
}

TEST_F(RoomTest, NobodySpeaksInTheNameOfAnother)
{
    room.join(kAlice, "1");
    room.join(kBob, "2");
    EXPECT_EQ(*room.say(kAlice, R"({"from":"2","type":"x","fr\u006fm":"3","from":4})"),
              (Deliveries{{kBob, R"({"from":"1","type":"x"})"}}));
}

TEST_F(RoomTest, WhatTheRelayDoesNotKnowIsPassedOnAsItCame)
{
    room.join(kAlice, "1");
    room.join(kBob, "2");
    EXPECT_EQ(room.say(kAlice, R"({"type":"chat","n":1.0e+400,"o":{"a" : [1, 2]}})")->front().text,
              R"({"from":"1","type":"chat","n":1.0e+400,"o":{"a" : [1, 2]}})");
    EXPECT_EQ(room.say(kAlice, "{}")->front().text, R"({"from":"1"})");
}

TEST_F(RoomTest, WhatOnlyARelaySaysIsRefusedFromAClient)
{
    room.join(kAlice, "1");
    room.join(kBob, "2");
    for (const auto *text :
         {R"({"type":"id","id":"3"})", R"({"type":"joined","id":"3"})",
          R"({"type":"left","id":"2","to":"1"})", R"({"type":"unknown","id":"2"})",
          R"({"type":"left","id":"2","type":"hello"})", R"({"type":"hello","type":"left"})",
          R"({"t\u0079pe":"l\u0065ft","id":"2"})"})
        EXPECT_FALSE(room.say(kAlice, text)) << text;
    for (const auto *text : {R"({"type":["left"]})", R"({"type":"Left"})", R"({"kind":"left"})"})
        EXPECT_TRUE(room.say(kAlice, text)) << text;
}

TEST_F(RoomTest, WhatIsNoObjectIsAnError)
{
    room.join(kAlice, "1");
    for (const auto *text : {"", "hello", "[]", "\"{}\"", "{", "{\"a\":\"\xff\"}"})
        EXPECT_FALSE(room.say(kAlice, text)) << text;
    EXPECT_FALSE(room.say(kBob, "{}")) << "not in the room";
}

}  // namespace callagent
