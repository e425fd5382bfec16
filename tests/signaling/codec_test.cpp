#include "signaling/codec.h"

#include <gtest/gtest.h>

namespace callagent::signaling {

TEST(CodecTest, TheTutorialsThreeMessages)
{
    EXPECT_EQ(*decode(R"({"type":"sdp","sdp":{"type":"offer","sdp":"v=0\r\n"}})"),
              (Message{"", "", "", Sdp{Sdp::Type::Offer, "v=0\r\n"}}));
    EXPECT_EQ(*decode(R"({"type":"sdpRemote","sdp":{"type":"answer","sdp":"v=0\r\n"}})"),
              (Message{"", "", "", Sdp{Sdp::Type::Answer, "v=0\r\n"}}));
    EXPECT_EQ(
        *decode(
            R"({"type":"candidate","candidate":{"candidate":"candidate:1 1 udp 1 1.2.3.4 5 typ host",)"
            R"("sdpMid":"0","sdpMLineIndex":1,"usernameFragment":"abcd"}})"),
        (Message{"", "", "", Candidate{"candidate:1 1 udp 1 1.2.3.4 5 typ host", "0", 1}}));
}

TEST(CodecTest, OffersTravelAsSdpAndAnswersAsSdpRemote)
{
    EXPECT_EQ(encode({"", "", "", Sdp{Sdp::Type::Offer, "v=0\r\n"}}),
              R"({"type":"sdp","sdp":{"type":"offer","sdp":"v=0\r\n"}})");
    EXPECT_EQ(encode({"", "", "", Sdp{Sdp::Type::Answer, "v=0\r\n"}}),
              R"({"type":"sdpRemote","sdp":{"type":"answer","sdp":"v=0\r\n"}})");
    EXPECT_EQ(encode({"", "2", "c", Candidate{"candidate:1", "video0", 0}}),
              R"({"type":"candidate","candidate":{"candidate":"candidate:1","sdpMid":"video0",)"
              R"("sdpMLineIndex":0},"to":"2","call":"c"})");
}

TEST(CodecTest, TheInnerTypeOfADescriptionIsTheOneThatCounts)
{
    EXPECT_EQ(*decode(R"({"type":"sdp","sdp":{"type":"answer","sdp":"x"}})"),
              (Message{"", "", "", Sdp{Sdp::Type::Answer, "x"}}));
    EXPECT_EQ(*decode(R"({"type":"sdpRemote","sdp":{"type":"offer","sdp":"x"}})"),
              (Message{"", "", "", Sdp{Sdp::Type::Offer, "x"}}));
}

class RoundTrip : public testing::TestWithParam<Message> {};

INSTANTIATE_TEST_SUITE_P(
    CodecTest, RoundTrip,
    testing::Values(Message{"1", "2", "c", Sdp{Sdp::Type::Offer, "v=0\r\ns=\"é\\\t\x01\r\n"}},
                    Message{"1", "2", "c", Sdp{Sdp::Type::Answer, ""}},
                    Message{"1", "2", "c", Sdp{Sdp::Type::Answer, ""}, "abcd"},
                    Message{"1", "", "", Candidate{"candidate:1", "0", 0}},
                    Message{"", "2", "", Candidate{"candidate:1", "audio", -1}},
                    Message{"", "", "c", Candidate{"", "", 3}}, Message{"", "", "c", Ringing{}},
                    Message{"", "", "c", Busy{}}, Message{"", "", "c", Reject{"not now"}},
                    Message{"", "", "c", Reject{}}, Message{"", "", "c", Bye{"duration"}},
                    Message{"", "", "c", Bye{}}, Message{"", "", "", Id{"482193"}},
                    Message{"", "", "", Joined{"482193"}}, Message{"", "", "", Left{"482193"}},
                    Message{"", "", "", Unknown{"482193"}}));

TEST_P(RoundTrip, WhatIsWrittenIsRead)
{
    const auto decoded = decode(encode(GetParam()));
    ASSERT_TRUE(decoded) << decoded.error() << encode(GetParam());
    EXPECT_EQ(*decoded, GetParam());
}

TEST(CodecTest, WhatCandidatesMayLeaveOut)
{
    EXPECT_EQ(*decode(R"({"type":"candidate","candidate":{"candidate":"c"}})"),
              (Message{"", "", "", Candidate{"c", "", -1}}));
    EXPECT_EQ(
        *decode(
            R"({"type":"candidate","candidate":{"candidate":"c","sdpMid":null,"sdpMLineIndex":null}})"),
        (Message{"", "", "", Candidate{"c", "", -1}}));
    EXPECT_EQ(*decode(R"({"type":"candidate","candidate":{"candidate":"","sdpMid":"0"}})"),
              (Message{"", "", "", Candidate{"", "0", -1}}));
    EXPECT_EQ(*decode(R"({"type":"candidate","candidate":null})"),
              (Message{"", "", "", Candidate{}}));
}

TEST(CodecTest, WhatWeDoNotKnowIsIgnored)
{
    EXPECT_EQ(
        *decode(
            R"({"x":[1e999,{"y":null}],"type":"bye","reason":null,"call":7,"from":482193,"to":null})"),
        (Message{"482193", "", "7", Bye{}}));
}

struct Wrong {
    std::string text, error;
};

void PrintTo(const Wrong &wrong, std::ostream *out);
void PrintTo(const Wrong &wrong, std::ostream *out)
{
    *out << wrong.error;
}

class Refused : public testing::TestWithParam<Wrong> {};

INSTANTIATE_TEST_SUITE_P(
    CodecTest, Refused,
    testing::Values(
        Wrong{"", "not JSON (from character 0 on)"},
        Wrong{"hello", "not JSON (from character 0 on)"}, Wrong{"[]", "not an object but array"},
        Wrong{"{}", R"(no "type")"}, Wrong{R"({"type":1})", R"("type" is not a string but number)"},
        Wrong{R"({"type":"dance"})", R"(of a type that we do not know: "dance")"},
        Wrong{R"({"type":"sdp"})", R"(no "sdp")"},
        Wrong{R"({"type":"sdp","sdp":"v=0"})", R"("sdp" is not an object but string)"},
        Wrong{R"({"type":"sdp","sdp":{"sdp":"v=0"}})", R"(no "sdp.type")"},
        Wrong{R"({"type":"sdp","sdp":{"type":"rollback","sdp":"v=0"}})",
              R"("sdp.type" is neither "offer" nor "answer")"},
        Wrong{R"({"type":"sdp","sdp":{"type":"offer"}})", R"(no "sdp.sdp")"},
        Wrong{R"({"type":"sdp","sdp":{"type":"offer","sdp":null}})",
              R"("sdp.sdp" is not a string but null)"},
        Wrong{R"({"type":"candidate"})", R"(no "candidate")"},
        Wrong{R"({"type":"candidate","candidate":"candidate:1"})",
              R"("candidate" is not an object but string)"},
        Wrong{R"({"type":"candidate","candidate":{}})", R"(no "candidate.candidate")"},
        Wrong{R"({"type":"candidate","candidate":{"candidate":"c","sdpMid":0}})",
              R"("candidate.sdpMid" is not a string but number)"},
        Wrong{R"({"type":"candidate","candidate":{"candidate":"c","sdpMLineIndex":-1}})",
              R"("candidate.sdpMLineIndex" is not an index)"},
        Wrong{R"({"type":"candidate","candidate":{"candidate":"c","sdpMLineIndex":1e99}})",
              R"("candidate.sdpMLineIndex" is not an index)"},
        Wrong{R"({"type":"bye","from":{}})", R"("from" is not a string but object)"},
        Wrong{R"({"type":"bye","reason":5})", R"("reason" is not a string but number)"},
        Wrong{R"({"type":"id"})", R"(no "id")"}, Wrong{R"({"type":"left","id":""})", R"(no "id")"},
        Wrong{"{\"type\":\"bye\xff\"}", "not UTF-8 (from byte 12 on)"},
        Wrong{std::string(1'000'000, '['), "not JSON (from character 64 on)"},
        Wrong{R"({"type":")" + std::string(1000, 'x') + "\"}",
              R"(of a type that we do not know: ")" + std::string(40, 'x') + "\""}));

TEST_P(Refused, WithASentenceThatNamesIt)
{
    const auto decoded = decode(GetParam().text);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error(), GetParam().error);
}

}  // namespace callagent::signaling
