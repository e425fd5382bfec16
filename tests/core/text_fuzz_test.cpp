// Random damage to good text: nothing crashes, nothing is half accepted. The seed is fixed, so that
// a failure comes again.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "core/json.h"
#include "core/room.h"
#include "core/socketio.h"

namespace callagent {

const std::string kSeeds[] = {
    R"(42["dispatchEvent","{\"type\":\"sdp\",\"sdp\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"}}"])",
    R"(421["dispatchEvent",{"type":"candidate","candidate":{"candidate":"c","sdpMLineIndex":0}}])",
    R"(0{"sid":"x","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000})",
    R"(40{"sid":"y"})",
    R"(42/admin,17["a",[{},{"b":null}],-1.5e3,true,"\ud83d\ude00é"])",
    R"(451-["onEvent",{"_placeholder":true,"num":0}])",
    R"({"type":"bye","to":"100001","from":"1","n":[1,{"x":"\u00e9"}]})",
};

class Damage {
public:
    std::string text()
    {
        auto text = kSeeds[below(std::size(kSeeds))];
        for (auto times = below(4); times > 0; --times)
            damage(text);
        return text;
    }

private:
    std::size_t below(std::size_t limit) { return random_() % limit; }

    void damage(std::string &text)
    {
        const auto at = below(text.size() + 1);
        const std::string_view pieces[] = {"\"", "\\", "{", "}",           "[",    "]",
                                           ",",  ":",  "/", "\\u",         "\xff", "0",
                                           "1e", "-",  " ", "\xed\xa0\x80"};
        switch (below(4)) {
            case 0:
                text.insert(at, pieces[below(std::size(pieces))]);
                break;
            case 1:
                text.erase(at, below(4) + 1);
                break;
            case 2:
                if (at < text.size())
                    text[at] = static_cast<char>(below(256));
                break;
            default:
                text += text.substr(at);
        }
    }

    std::mt19937 random_{20260101};
};

TEST(TextFuzzTest, NothingIsHalfAccepted)
{
    Damage damage;
    Room room([](std::uint32_t) { return 0; });
    room.join(1, "");
    room.join(2, "");
    int accepted = 0;
    for (int i = 0; i < 100'000; ++i) {
        const auto text = damage.text();
        const auto members = json::members(text);
        const auto said = room.say(1, text);
        EXPECT_EQ(members.has_value(), said.has_value()) << text;
        if (!members)
            continue;
        ++accepted;
        EXPECT_TRUE(json::check(text)) << text;
        for (const auto &[key, value] : *members) {
            EXPECT_TRUE(json::check(value)) << text;
            EXPECT_EQ(*json::string(json::quote(key)), key) << text;
        }
        for (const auto &delivery : *said)
            EXPECT_TRUE(json::members(delivery.text)) << delivery.text;
    }
    EXPECT_GT(accepted, 1000);
}

TEST(TextFuzzTest, SessionsSurviveAnything)
{
    using namespace socketio;
    Damage damage;
    std::size_t events = 0;
    for (int i = 0; i < 2000; ++i) {
        Client client;
        Server server({i % 2 == 0 ? Version::Engine3 : Version::Engine4, "s", {}, 1000});
        client.start();
        server.start();
        client.receive(kSeeds[2]);
        client.receive("40");
        server.receive("40");
        for (int frame = 0; frame < 20; ++frame) {
            const auto text = damage.text();
            for (const auto &actions : {client.receive(text), server.receive(text)})
                events += static_cast<std::size_t>(std::count_if(
                    actions.begin(), actions.end(),
                    [](const Action &action) { return std::holds_alternative<Event>(action); }));
        }
    }
    EXPECT_GT(events, 1000U);
}

}  // namespace callagent
