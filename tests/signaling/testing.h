// What the component tests of signaling share: the main loop run until something has happened,
// channels whose news can be read afterwards.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "glib/loop.h"
#include "signaling/channel.h"
#include "signaling/client.h"
#include "signaling/codec.h"
#include "signaling/relay.h"
#include "signaling/soup.h"
#include "signaling/websocket.h"

namespace callagent::signaling {

// Runs the main loop until `done` says so; false: it did not within `limit`.
inline bool run_until(const std::function<bool()> &done,
                      std::chrono::milliseconds limit = std::chrono::seconds(10))
{
    bool late = false;
    const auto timer = glib::after(limit, [&late] { late = true; });
    while (!done() && !late)
        g_main_context_iteration(nullptr, TRUE);
    return done();
}

inline void run_for(std::chrono::milliseconds time)
{
    run_until([] { return false; }, time);
}

// A channel, and everything that it said.
struct Line {
    explicit Line(std::unique_ptr<Channel> c) : channel(std::move(c))
    {
        channel->handlers.state = [this](State s, const std::string &detail) {
            states.push_back(s);
            details.push_back(detail);
        };
        channel->handlers.message = [this](const Message &m) {
            if (const auto *own = std::get_if<Id>(&m.body))
                number = own->id;
            else
                messages.push_back(m);
        };
        channel->handlers.warning = [this](const Warning &w) { warnings.push_back(w); };
        channel->handlers.failed = [this](const Failure &f) { failures.push_back(f); };
    }
    Line(const Line &) = delete;
    Line &operator=(const Line &) = delete;

    bool connected() const { return !states.empty() && states.back() == State::Connected; }

    // The last message of that kind.
    template <typename T>
    std::optional<T> last() const
    {
        std::optional<T> found;
        for (const auto &message : messages)
            if (const auto *body = std::get_if<T>(&message.body))
                found = *body;
        return found;
    }

    template <typename T>
    bool got() const
    {
        return last<T>().has_value();
    }

    std::vector<State> states;
    std::vector<std::string> details;
    std::vector<Message> messages;  // all but `id`
    std::vector<Warning> warnings;
    std::vector<Failure> failures;
    std::string number;  // as the relay said
    std::unique_ptr<Channel> channel;
};

inline std::unique_ptr<Line> dial(const ClientConfig &config)
{
    auto channel = make_client(config);
    EXPECT_TRUE(channel) << (channel ? "" : channel.error());
    auto line = std::make_unique<Line>(std::move(*channel));
    line->channel->start();
    return line;
}

inline std::unique_ptr<Line> dial(const std::string &url)
{
    ClientConfig config;
    config.url = url;
    return dial(config);
}

inline std::unique_ptr<Relay> open_relay(RelayConfig config = {})
{
    config.port = 0;
    if (config.host.empty())
        config.host = "localhost";
    auto relay = Relay::listen(config);
    auto *error = std::get_if<Relay::ListenError>(&relay);
    EXPECT_EQ(error, nullptr) << (error ? error->failure.reason : "");
    return error ? nullptr : std::move(std::get<std::unique_ptr<Relay>>(relay));
}

// "http://localhost:1234" → "ws://localhost:1234/ws"
inline std::string plain(const std::string &url)
{
    return "ws" + url.substr(4) + "/ws";
}

inline int port_of(const std::string &url)
{
    return std::stoi(url.substr(url.rfind(':') + 1));
}

// How the attempt to reach `config.url` fails.
// What came first: "connected", or why not.
inline std::string outcome(const ClientConfig &config)
{
    const auto line = dial(config);
    if (!run_until([&] { return line->connected() || !line->failures.empty(); },
                   std::chrono::seconds(12)))
        return "nothing";
    return line->connected() ? "connected" : line->failures[0].reason;
}

inline std::string failure(const ClientConfig &config,
                           std::chrono::milliseconds limit = std::chrono::seconds(12))
{
    const auto line = dial(config);
    if (!run_until([&] { return !line->failures.empty(); }, limit))
        return line->connected() ? "connected" : "nothing";
    EXPECT_EQ(line->failures.size(), 1U);
    EXPECT_EQ(line->failures[0].exit, Exit::Signaling);
    EXPECT_EQ(line->states.back(), State::Closed);
    return line->failures[0].reason;
}

inline std::string failure(const std::string &url)
{
    ClientConfig config;
    config.url = url;
    return failure(config);
}

inline std::chrono::milliseconds since(gint64 begin)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::microseconds(g_get_monotonic_time() - begin));
}

}  // namespace callagent::signaling
