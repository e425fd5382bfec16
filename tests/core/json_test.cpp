#include "core/json.h"

#include <gtest/gtest.h>

namespace callagent::json {

std::string describe(std::string_view text);
std::string describe(std::string_view text)
{
    const auto found = members(text);
    if (!found)
        return found.error();
    std::string out;
    for (const auto &member : *found)
        out += member.key + "=" + std::string(member.value) + ";";
    return out;
}

TEST(JsonTest, AnObjectIsTakenApartWithoutLookingIntoItsValues)
{
    EXPECT_EQ(describe(R"({})"), "");
    EXPECT_EQ(describe(R"( { "a" : 1 , "b":[ {"c":"}"} ],"d":"\"" } )"),
              R"(a=1;b=[ {"c":"}"} ];d="\"";)");
}

TEST(JsonTest, KeysAreComparedUnescaped)
{
    EXPECT_EQ(describe(R"({"fr\u006fm":true})"), "from=true;");
}

TEST(JsonTest, OfTwoMembersOfOneNameTheLastCounts)
{
    const auto found = members(R"({"a":1,"a":2})");
    ASSERT_TRUE(found);
    EXPECT_EQ(find(*found, "a")->value, "2");
    EXPECT_EQ(find(*found, "b"), nullptr);
}

TEST(JsonTest, ElementsOfAnArray)
{
    const auto found = elements(R"([ "dispatchEvent" , {"a":[1,2]},null ])");
    ASSERT_TRUE(found);
    EXPECT_EQ(*found,
              (std::vector<std::string_view>{R"("dispatchEvent")", R"({"a":[1,2]})", "null"}));
    EXPECT_TRUE(elements("[]"));
    EXPECT_EQ(elements("{}").error(), "not an array but object");
}

TEST(JsonTest, WhatIsNoObjectIsSaid)
{
    EXPECT_EQ(describe("[]"), "not an object but array");
    EXPECT_EQ(describe("\"x\""), "not an object but string");
    EXPECT_EQ(describe("-1.5e+3"), "not an object but number");
    EXPECT_EQ(describe("null"), "not an object but null");
    EXPECT_EQ(describe("false"), "not an object but boolean");
}

class Broken : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(JsonTest, Broken,
                         testing::Values("", " ", "{", "}", "{]", "[}", "{,}", "[,]", "[1,]",
                                         "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
                                         "[1 2]", "[1]]", "01", "+1", "1.", ".5", "1e", "-", "0x1",
                                         "tru", "nul", "NaN", "\"", "\"\\\"", "\"\\x\"",
                                         "\"\\u12g4\"", "\"\n\"", "{} {}", "{\"a\":1 \"b\":2}",
                                         "// x\n{}", std::string("{}\0", 3)));

TEST_P(Broken, IsRefused)
{
    EXPECT_FALSE(check(GetParam()));
    EXPECT_FALSE(members(GetParam()));
    EXPECT_FALSE(elements(GetParam()));
}

TEST(JsonTest, EveryBeginningOfAnObjectIsRefused)
{
    const std::string text = R"({"a":[1,-2.5e3,"\u00e9\n",{"b":null}],"c":true})";
    ASSERT_TRUE(check(text));
    for (std::size_t length = 0; length < text.size(); ++length)
        EXPECT_FALSE(check(text.substr(0, length))) << length;
}

TEST(JsonTest, DeepNestingIsRefusedWithoutRecursion)
{
    EXPECT_TRUE(check(std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']')));
    EXPECT_FALSE(check(std::string(kMaxDepth + 1, '[') + std::string(kMaxDepth + 1, ']')));
    EXPECT_FALSE(check(std::string(8'000'000, '[')));
}

TEST(JsonTest, HugeNumbersAreOnlyText)
{
    const auto digits = std::string(100'000, '9');
    EXPECT_EQ(describe("{\"n\":" + digits + "e" + digits + "}"),
              "n=" + digits + "e" + digits + ";");
    EXPECT_FALSE(integer(digits));
    EXPECT_EQ(*integer("42"), 42);
    EXPECT_EQ(*integer("-7"), -7);
    EXPECT_FALSE(integer("1.5"));
    EXPECT_FALSE(integer("\"1\""));
}

TEST(JsonTest, StringsAreUnescaped)
{
    EXPECT_EQ(*string(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
    EXPECT_EQ(*string(R"("\u00e9\u20AC")"), "é€");
    EXPECT_EQ(*string(R"("\ud83d\ude00")"), "😀");
}

TEST(JsonTest, ALoneSurrogateIsReplaced)
{
    EXPECT_EQ(*string(R"("\ud83d")"), "\uFFFD");
    EXPECT_EQ(*string(R"("\ude00x")"), "\uFFFDx");
    EXPECT_EQ(*string(R"("\ud83d\u0041")"),
              "\uFFFD"
              "A");
}

TEST(JsonTest, ANulIsACharacterLikeAnother)
{
    EXPECT_EQ(*string(R"("a\u0000b")"), std::string("a\0b", 3));
}

TEST(JsonTest, QuotingAndReadingIsTheSame)
{
    const std::string text = "v=0\r\n\"\\\t\b\f\x01\x1f é€😀/";
    EXPECT_EQ(*string(quote(text)), text);
    EXPECT_EQ(quote("a\"\n\x01"), R"("a\"\n\u0001")");
}

TEST(JsonTest, WrongUtf8IsRefusedWhenReadAndReplacedWhenWritten)
{
    for (const std::string wrong : {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                    "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xf0\x9f\x98"}) {
        EXPECT_EQ(check("\"" + wrong + "\"").error(), "not UTF-8 (from byte 1 on)");
        EXPECT_TRUE(check(quote(wrong)));
    }
    EXPECT_EQ(quote("a\xff"
                    "b"),
              "\"a\uFFFDb\"");
}

}  // namespace callagent::json
