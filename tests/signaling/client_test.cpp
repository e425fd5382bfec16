// The client and servers that misbehave, go, and come back.
#include "signaling/client.h"

#include "tests/signaling/peers.h"

namespace callagent::signaling {

using namespace std::chrono_literals;

const std::string kOpen =
    R"(0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})";
const std::string kJoin = R"(40{"sid":"y"})";

TEST(ClientTest, GarbageIsAWarningAndLifeGoesOn)
{
    const Speaking server({kOpen, kJoin, "hello", "42[\"onEvent\",\"hello\"]",
                           R"(42["onEvent","[]"])", R"(42["news","{}"])",
                           R"(451-["onEvent",{"_placeholder":true,"num":0}])"});
    const auto line = dial(server.at("http"));
    ASSERT_TRUE(run_until([&] { return line->warnings.size() == 5; }));
    const auto bytes = glib::adopt(g_bytes_new("\0\1", 2));
    soup_websocket_connection_send_message(server.connection.get(), SOUP_WEBSOCKET_DATA_BINARY,
                                           bytes.get());
    ASSERT_TRUE(run_until([&] { return line->warnings.size() == 6; }));
    EXPECT_EQ(line->warnings[5].message,
              "signaling: a binary frame of 2 bytes from " + server.at("http") + " is ignored");
    server.socket->send(R"(42["onEvent",{"type":"busy"}])");
    EXPECT_TRUE(run_until([&] { return line->got<Busy>(); }));
}

TEST(ClientTest, ThousandsOfWarningsAreTwenty)
{
    const Speaking server({});
    const auto line = dial(server.at("ws"));
    ASSERT_TRUE(run_until([&] { return server.socket != nullptr; }));
    for (int i = 0; i < 5000; ++i)
        server.socket->send("x");
    server.socket->send(R"({"type":"busy"})");
    ASSERT_TRUE(run_until([&] { return line->got<Busy>(); }));
    EXPECT_EQ(line->warnings.size(), 20U);
    EXPECT_NE(line->warnings.back().message.find("further ones are not reported"),
              std::string::npos);
}

TEST(ClientTest, AHugeDescriptionArrivesSoThatTheCallCanRefuseIt)
{
    const Speaking server({});
    const auto line = dial(server.at("ws"));
    ASSERT_TRUE(run_until([&] { return server.socket != nullptr; }));
    server.socket->send(
        encode({"", "", "",
                Sdp{Sdp::Type::Offer, std::string(8'000'000, 'x') + std::string(2'000'000, 'x')}}));
    ASSERT_TRUE(run_until([&] { return line->got<Sdp>(); }));
    EXPECT_EQ(line->last<Sdp>()->sdp.size(), 10'000'000U);
}

TEST(ClientTest, ManyCandidatesArriveInOrder)
{
    const Speaking server({});
    const auto line = dial(server.at("ws"));
    ASSERT_TRUE(run_until([&] { return server.socket != nullptr; }));
#ifdef SANITIZED
    constexpr int kMany = 10'000;  // each of them costs ten times as much
#else
    constexpr int kMany = 100'000;
#endif
    for (int i = 0; i < kMany; ++i)
        server.socket->send(encode({"", "", "", Candidate{"candidate:1", "0", i}}));
    ASSERT_TRUE(run_until([&] { return line->messages.size() == std::size_t{kMany}; }, 100s));
    EXPECT_EQ(line->last<Candidate>()->mline, kMany - 1);
}

TEST(ClientTest, WrongUtf8EndsTheConnectionAndANewOneIsMade)
{
    Speaking server({});
    const auto line = dial(server.at("ws"));
    ASSERT_TRUE(run_until([&] { return server.socket != nullptr; }));
    // libsoup would not send that, so past it.
    auto *stream = soup_websocket_connection_get_io_stream(server.connection.get());
    g_output_stream_write_all(g_io_stream_get_output_stream(stream), "\x81\x01\xff", 3, nullptr,
                              nullptr, nullptr);
    ASSERT_TRUE(run_until([&] { return server.connections == 2 && line->connected(); }));
    EXPECT_EQ(line->states, (std::vector{State::Connecting, State::Connected, State::Reconnecting,
                                         State::Connected}));
}

TEST(ClientTest, AServerThatStopsItsHeartbeatIsLeft)
{
    Speaking server({R"(0{"sid":"x","pingInterval":100,"pingTimeout":100,"maxPayload":1})", kJoin});
    const auto line = dial(server.at("http"));
    ASSERT_TRUE(run_until([&] { return line->connected(); }));
    ASSERT_TRUE(run_until([&] { return server.connections == 2; }));
    EXPECT_EQ(line->states.at(2), State::Reconnecting);
    EXPECT_NE(line->details.at(2).find("no heartbeat from the server"), std::string::npos);
}

TEST(ClientTest, AServerThatComesBackFindsTheSameNumberAndWhatWasSaidMeanwhile)
{
    auto relay = open_relay();
    const int port = port_of(relay->url());
    const auto line = dial(relay->url());
    ASSERT_TRUE(run_until([&] { return !line->number.empty(); }));
    const auto number = line->number;

    relay.reset();
    ASSERT_TRUE(run_until([&] { return line->states.back() == State::Reconnecting; }));
    EXPECT_NE(line->details.back().find("trying again in "), std::string::npos);
    line->number.clear();
    for (int i = 0; i < 300; ++i)
        line->channel->send({"", "", "", Candidate{"c", "", i}});
    EXPECT_FALSE(line->warnings.empty()) << "only 256 are kept";

    RelayConfig config;
    config.host = "localhost";
    config.port = static_cast<std::uint16_t>(port);
    auto again = Relay::listen(config);
    ASSERT_EQ(again.index(), 0U);
    relay = std::move(std::get<0>(again));
    const auto other = std::make_unique<Line>(relay->attach(""));
    other->channel->start();
    ASSERT_TRUE(run_until([&] { return line->connected() && other->messages.size() == 257; }));
    EXPECT_EQ(line->number, number);
    ASSERT_TRUE(std::holds_alternative<Joined>(other->messages[0].body));
    for (std::size_t i = 0; i < 256; ++i)
        EXPECT_EQ(std::get<Candidate>(other->messages[i + 1].body).mline, static_cast<int>(i) + 44);
}

TEST(ClientTest, ClosingSendsWhatIsQueuedFirst)
{
    const auto relay = open_relay();
    const auto other = std::make_unique<Line>(relay->attach(""));
    other->channel->start();
    for (const auto &url : {relay->url(), plain(relay->url())}) {
        other->messages.clear();
        const auto line = dial(url);
        line->channel->send({"", "", "", Bye{"early"}});
        int done = 0;
        line->channel->close([&] { ++done; });
        ASSERT_TRUE(run_until([&] { return done > 0; }));
        ASSERT_TRUE(run_until([&] { return other->got<Left>(); }));
        ASSERT_TRUE(other->got<Bye>());
        EXPECT_EQ(other->last<Bye>()->reason, "early");
        run_for(20ms);
        EXPECT_EQ(done, 1);
        EXPECT_TRUE(line->failures.empty());
    }
}

TEST(ClientTest, ClosingTakesASecondAtMost)
{
    const Listening silent("", false);
    for (const bool queued : {false, true}) {
        const auto line = dial(silent.at("http"));
        run_for(50ms);
        if (queued)
            line->channel->send({"", "", "", Bye{}});
        const auto begin = g_get_monotonic_time();
        bool done = false;
        line->channel->close([&] { done = true; });
        EXPECT_FALSE(done) << "not from within close()";
        ASSERT_TRUE(run_until([&] { return done; }));
        EXPECT_LT(since(begin), 1500ms);
    }
}

TEST(ClientTest, AHandlerMayDestroyTheChannel)
{
    const auto relay = open_relay();
    for (const auto &url : {relay->url(), plain(relay->url())}) {
        auto by_state = dial(url);
        by_state->channel->handlers.state = [&](State state, const std::string &) {
            if (state == State::Connected)
                by_state->channel.reset();
        };
        EXPECT_TRUE(run_until([&] { return !by_state->channel; }));
        auto by_message = dial(url);
        by_message->channel->handlers.message = [&](const Message &) {
            by_message->channel.reset();
        };
        EXPECT_TRUE(run_until([&] { return !by_message->channel; }));
    }
    auto seat = std::make_unique<Line>(relay->attach(""));
    seat->channel->handlers.message = [&](const Message &) { seat->channel.reset(); };
    seat->channel->start();
    EXPECT_TRUE(run_until([&] { return !seat->channel; }));

    const Speaking garbage({kOpen, kJoin, "x", "y", "z"});
    auto by_warning = dial(garbage.at("http"));
    by_warning->channel->handlers.warning = [&](const Warning &) { by_warning->channel.reset(); };
    EXPECT_TRUE(run_until([&] { return !by_warning->channel; }));

    auto by_failure = dial(garbage.at("http") + "/\x01");
    run_for(10ms);
    by_failure.reset();
    run_for(50ms);
}

TEST(ClientTest, ItIsConnectedWithinMilliseconds)
{
    const auto relay = open_relay();
    for (const auto &url : {relay->url(), plain(relay->url())}) {
        const auto begin = g_get_monotonic_time();
        const auto line = dial(url);
        ASSERT_TRUE(run_until([&] { return !line->number.empty(); }));
        EXPECT_LT(since(begin), 100ms);  // 1-3 ms on an idle machine
    }
}

}  // namespace callagent::signaling
