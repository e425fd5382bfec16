// The client and servers that are none: each with its one-line reason.
#include "signaling/client.h"
#include "tests/signaling/peers.h"

namespace callagent::signaling {

using namespace std::chrono_literals;

TEST(ClientFaultTest, NothingListens)
{
    const auto begin = g_get_monotonic_time();
    std::string url;
    {
        const Listening gone("");
        url = "http://localhost" + gone.at("http").substr(16);
    }
    EXPECT_EQ(failure(url), "signaling: nothing listens at " + url +
                                " (connection refused): start callagent --answer --listen " +
                                url.substr(17) + " there, or give another URL");
    EXPECT_GT(since(begin), 3500ms);
    EXPECT_LT(since(begin), 6000ms);
}

TEST(ClientFaultTest, TheRetriesAreVisible)
{
    std::string url;
    {
        const Listening gone("");
        url = gone.at("ws");
    }
    const auto line = dial(url);
    ASSERT_TRUE(run_until([&] { return !line->failures.empty(); }));
    EXPECT_EQ(line->states, (std::vector{State::Connecting, State::Connecting, State::Connecting,
                                         State::Connecting, State::Connecting, State::Closed}));
    EXPECT_NE(line->details[1].find("connection refused"), std::string::npos);
    EXPECT_NE(line->details[1].find("trying again in "), std::string::npos);
}

TEST(ClientFaultTest, ANameThatDoesNotResolve)
{
    const auto reason = failure("http://no-such-host.invalid:3000");
    EXPECT_TRUE(reason.starts_with(
        "signaling: the name in http://no-such-host.invalid:3000 does not resolve ("))
        << reason;
}

TEST(ClientFaultTest, AServerThatAcceptsAndSaysNothing)
{
    const Listening silent("", false);
    const auto begin = g_get_monotonic_time();
    EXPECT_EQ(failure(silent.at("http")),
              "signaling: " + silent.at("http") +
                  " does not answer (timed out): check address, port and firewall");
    EXPECT_LT(since(begin), 7000ms);
}

TEST(ClientFaultTest, AWebServerThatIsNoSignalingServer)
{
    const Listening web("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(failure(web.at("http")), "signaling: " + web.at("http") +
                                           " answers with HTTP 404: it is a web server, but not a "
                                           "signaling server (Socket.IO): check the URL");
    const Listening page("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    EXPECT_EQ(failure(page.at("ws")), "signaling: " + page.at("ws") +
                                          " answers with HTTP 200: it is a web server, but not a "
                                          "signaling server (WebSocket): check the URL");
}

TEST(ClientFaultTest, ARedirectionIsNotFollowed)
{
    const Listening moved(
        "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    EXPECT_NE(failure(moved.at("http")).find("which sends us elsewhere"), std::string::npos);
}

TEST(ClientFaultTest, WhatIsNoWebServer)
{
    const Listening ssh("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    const auto reason = failure(ssh.at("http"));
    EXPECT_NE(reason.find("is not a Socket.IO server"), std::string::npos) << reason;
    const Listening closing("");
    EXPECT_NE(failure(closing.at("http")).find("closed the connection"), std::string::npos);
    const Listening liar(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n");
    EXPECT_NE(failure(liar.at("ws")).find("is not a WebSocket server"), std::string::npos);
}

TEST(ClientFaultTest, AWebSocketServerThatDoesNotSpeakSocketIo)
{
    const Speaking chat({R"({"type":"hello"})"});
    EXPECT_EQ(failure(chat.at("http")), "signaling: " + chat.at("http") +
                                            " is not a Socket.IO server (it begins with "
                                            "\"{\"type\":\"hello\"}\"): check the URL; for "
                                            "plain WebSocket write ws:// or wss://");
    const Speaking silent({});
    EXPECT_NE(failure(silent.at("http")).find("said nothing that a Socket.IO server says"),
              std::string::npos);
}

TEST(ClientFaultTest, ASocketIoServerThatDoesNotLetUsIn)
{
    const Speaking strict(
        {R"(0{"sid":"x","pingInterval":25000,"pingTimeout":20000,"maxPayload":1})",
         R"(44{"message":"who are you"})"});
    EXPECT_NE(failure(strict.at("http")).find("does not let us in (\"who are you\")"),
              std::string::npos);
}

TEST(ClientFaultTest, ATokenThatIsMissingOrWrong)
{
    RelayConfig config;
    config.token = "s3cret";
    const auto relay = open_relay(config);
    for (const auto *token : {"", "wrong"})
        EXPECT_EQ(failure(ClientConfig{relay->url(), "", false, token, ""}),
                  "signaling: " + relay->url() +
                      " refuses us (HTTP 401): give the token it demands with --token");
    EXPECT_EQ(failure(ClientConfig{relay->url(), "", false, "s3cret", ""}, 200ms), "connected");
    EXPECT_EQ(failure(ClientConfig{relay->url() + "?token=s3cret", "", false, "", ""}, 200ms),
              "connected");
}

}  // namespace callagent::signaling
