#include "core/command.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

std::string error_of(std::string_view line)
{
    const auto request = parse_request(line);
    return request.command ? "" : request.command.error();
}

bool has(const std::string &text, std::string_view word)
{
    return text.find(word) != std::string::npos;
}

TEST(CommandTest, EveryCommandIsRead)
{
    namespace c = command;
    const std::pair<std::string_view, Command> cases[] = {
        {R"({"command":"hangup"})", c::HangUp{}},
        {R"({"command":"mute","media":"audio"})", c::Mute{Medium::Audio, true}},
        {R"({"command":"mute","media":"video"})", c::Mute{Medium::Video, true}},
        {R"({"command":"unmute","media":"video"})", c::Mute{Medium::Video, false}},
        {R"({"command":"keyframe"})", c::Keyframe{}},
        {R"({"command":"bitrate","bps":300000})", c::Bitrate{300'000}},
        {R"({"command":"snapshot","file":"a b.png"})", c::Snapshot{"a b.png"}},
        {R"({"command":"record","action":"start","file":"a.mkv"})", c::Record{true, "a.mkv"}},
        {R"({"command":"record","action":"start","file":"a.webm"})", c::Record{true, "a.webm"}},
        {R"({"command":"record","action":"stop"})", c::Record{false, ""}},
        {R"({"command":"stats"})", c::Stats{}},
        {R"({"command":"dial","to":"482193"})", c::Dial{"482193"}},
        {R"({"command":"accept"})", c::Accept{}},
        {R"({"command":"reject"})", c::Reject{}},
        {R"({"command":"reject","reason":"not now"})", c::Reject{"not now"}},
        {R"( { "text" : "\u00fc\n" , "command" : "say" } )", c::Say{"ü\n"}},
    };
    for (const auto &[line, expected] : cases) {
        const auto request = parse_request(line);
        ASSERT_TRUE(request.command) << line << ": " << request.command.error();
        EXPECT_EQ(*request.command, expected) << line;
        EXPECT_FALSE(request.token) << line;
    }
}

TEST(CommandTest, AMistakeIsNamedTogetherWithWhatToWrite)
{
    struct Case {
        std::string_view line, wrong, instead;
    };
    const Case cases[] = {
        {"hangup", "not JSON", R"({"command":"hangup")"},
        {"[1]", "not an object but array", R"({"command")"},
        {"{\"command\":\"\xff\"}", "not UTF-8", R"({"command")"},
        {R"({})", R"(no "command")", "hangup, mute, unmute"},
        {R"({"command":7})", "not a string but number", "hangup, mute, unmute"},
        {R"({"command":"Hangup"})", R"("Hangup")", "hangup, mute, unmute"},
        {R"({"command":"mute"})", R"(mute needs "media")", R"("audio" or "video")"},
        {R"({"command":"mute","media":"all"})", R"("all")", R"("audio" or "video")"},
        {R"({"command":"unmute","media":1})", "not a string but number", R"("audio" or "video")"},
        {R"({"command":"mute","medai":"audio"})", R"("medai")", R"("media")"},
        {R"({"command":"hangup","now":true})", R"("now")", "nothing beside"},
        {R"({"command":"hangup","":1})", R"("")", "nothing beside"},
        {R"({"command":"bitrate"})", R"("bps")", "10000 to 100000000"},
        {R"({"command":"bitrate","bps":"300k"})", R"("300k")", "10000 to 100000000"},
        {R"({"command":"bitrate","bps":3})", " 3:", "10000 to 100000000"},
        {R"({"command":"bitrate","bps":1e99})", "1e99", "10000 to 100000000"},
        {R"({"command":"snapshot"})", R"("file")", ".png"},
        {R"({"command":"snapshot","file":"a.gif"})", R"("a.gif")", ".png"},
        {R"({"command":"snapshot","file":"a\u0000.png"})", "NUL", "file"},
        {R"({"command":"record"})", R"("action")", R"("start" or "stop")"},
        {R"({"command":"record","action":"go"})", R"("go")", R"("start" or "stop")"},
        {R"({"command":"record","action":"start"})", R"("file")", ".mkv or .webm"},
        {R"({"command":"record","action":"start","file":".mkv"})", ".mkv", ".mkv or .webm"},
        {R"({"command":"dial"})", R"("to")", "digits"},
        {R"({"command":"dial","to":"mum"})", R"("mum")", "digits"},
        {R"({"command":"dial","to":482193})", "not a string", "digits"},
        {R"({"command":"reject","reason":[]})", "not a string", "sentence"},
        {R"({"command":"say"})", R"("text")", "what to say"},
        {R"({"command":"say","text":""})", "empty", "text"},
    };
    for (const auto &[line, wrong, instead] : cases) {
        const auto error = error_of(line);
        EXPECT_TRUE(has(error, wrong) && has(error, instead)) << line << "\n" << error;
    }
}

TEST(CommandTest, TheTokenComesBackAlsoWhereTheRestIsWrong)
{
    const auto token = [](std::string_view line) { return parse_request(line).token; };
    const auto text = token(R"({"command":"nonsense","token":"a"})");
    ASSERT_TRUE(text);
    EXPECT_EQ(std::get<std::string>(text->data), "a");
    const auto number = token(R"({"token":7})");
    ASSERT_TRUE(number);
    EXPECT_EQ(std::get<std::int64_t>(number->data), 7);
    EXPECT_FALSE(token(R"({"command":"hangup","token":null})"));
    EXPECT_TRUE(has(error_of(R"({"command":"hangup","token":{}})"), R"("token" takes a string)"));
    EXPECT_TRUE(has(error_of(R"({"command":"hangup","token":")" + std::string(300, 'x') + R"("})"),
                    "256 bytes"));
}

TEST(CommandTest, ALineAndATextHaveALongestLength)
{
    const auto say = [](std::size_t length) {
        return R"({"command":"say","text":")" + std::string(length, 'x') + R"("})";
    };
    EXPECT_EQ(error_of(say(Request::kMaxText)), "");
    EXPECT_TRUE(has(error_of(say(Request::kMaxText + 1)), "longer than 16000 bytes"));
    EXPECT_TRUE(has(error_of(say(Request::kMaxLine)), "longer than 65536 bytes"));
}

TEST(CommandTest, AReplyHasTheTokenAndEitherTheResultOrTheReason)
{
    const auto good = reply_to(Value("a"), Object{{"file", "x.png"}});
    ASSERT_EQ(good.size(), 3u);
    EXPECT_EQ(good[0].first, "token");
    EXPECT_EQ(good[1].first, "ok");
    EXPECT_TRUE(std::get<bool>(good[1].second.data));
    EXPECT_EQ(std::get<std::string>(good[2].second.data), "x.png");
    const auto bad = reply_to(std::nullopt, Error{"no"});
    ASSERT_EQ(bad.size(), 2u);
    EXPECT_FALSE(std::get<bool>(bad[0].second.data));
    EXPECT_EQ(std::get<std::string>(bad[1].second.data), "no");
}

}  // namespace
}  // namespace callagent
