// The client and the tutorial's server, with the Socket.IO of its day and with later ones; and the
// relay and their clients.
#include <csignal>
#include <filesystem>

#include <gio/gio.h>

#include "signaling/client.h"
#include "tests/signaling/testing.h"

namespace callagent::signaling {

using namespace std::chrono_literals;

const std::filesystem::path kServers = TEST_SERVERS;

// A script of tests/servers, which ends with the pipe that is its standard input.
class Script {
public:
    explicit Script(std::vector<std::string> arguments)
    {
        arguments[0] = (kServers / arguments[0]).string();
        std::vector<const char *> argv{"node"};
        for (const auto &argument : arguments)
            argv.push_back(argument.c_str());
        argv.push_back(nullptr);
        GError *raw = nullptr;
        process_ = g_subprocess_newv(argv.data(),
                                     static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDIN_PIPE |
                                                                   G_SUBPROCESS_FLAGS_STDOUT_PIPE),
                                     &raw);
        const auto error = glib::adopt(raw);
        EXPECT_TRUE(process_) << (error ? error->message : "");
        if (!process_)
            return;
        stdout_ = g_data_input_stream_new(g_subprocess_get_stdout_pipe(process_));
        read();
    }
    ~Script()
    {
        if (!process_)
            return;
        g_subprocess_force_exit(process_);
        run_until([this] { return ended_; });
        g_subprocess_wait(process_, nullptr, nullptr);
        g_object_unref(stdout_);
        g_object_unref(process_);
    }
    Script(const Script &) = delete;
    Script &operator=(const Script &) = delete;

    // The first line that begins like this; empty: none.
    std::string line(const std::string &beginning)
    {
        std::string found;
        run_until([&] {
            for (const auto &text : lines_)
                if (text.starts_with(beginning))
                    found = text;
            return !found.empty() || ended_;
        });
        return found;
    }

    void write(const std::string &text)
    {
        const auto line = text + "\n";
        g_output_stream_write_all(g_subprocess_get_stdin_pipe(process_), line.data(), line.size(),
                                  nullptr, nullptr, nullptr);
    }

    void signal(int number) { g_subprocess_send_signal(process_, number); }

private:
    void read()
    {
        g_data_input_stream_read_line_async(
            stdout_, G_PRIORITY_DEFAULT, nullptr,
            [](GObject *object, GAsyncResult *result, gpointer data) {
                auto *self = static_cast<Script *>(data);
                const auto text = glib::adopt(g_data_input_stream_read_line_finish(
                    G_DATA_INPUT_STREAM(object), result, nullptr, nullptr));
                self->ended_ = !text;
                if (!text)
                    return;
                self->lines_.emplace_back(text.get());
                self->read();
            },
            this);
    }

    GSubprocess *process_ = nullptr;
    GDataInputStream *stdout_ = nullptr;
    std::vector<std::string> lines_;
    bool ended_ = false;
};

// tutorial.js
class Tutorial : public Script {
public:
    explicit Tutorial(const std::string &version, int port = 0)
        : Script({"tutorial.js", "--socketio", version, "--port", std::to_string(port),
                  "--ping-interval", "300", "--ping-timeout", "200"})
    {
        const auto text = line("listening ");
        EXPECT_FALSE(text.empty());
        port_ = std::atoi(text.substr(std::min<std::size_t>(text.size(), 10)).c_str());
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    int port() const { return port_; }

private:
    int port_ = 0;
};

class ServersTest : public testing::TestWithParam<const char *> {
protected:
    void SetUp() override
    {
        if (!std::filesystem::exists(kServers / "node_modules"))
            GTEST_SKIP() << "no node_modules: npm ci in " << kServers;
    }
};

INSTANTIATE_TEST_SUITE_P(SocketIo, ServersTest, testing::Values("2", "3", "4"));

TEST_P(ServersTest, TwoClientsTalkToOneAnother)
{
    const Tutorial server(GetParam());
    const auto alice = dial(server.url());
    const auto bob = dial(server.url());
    ASSERT_TRUE(run_until([&] { return alice->connected() && bob->connected(); }));
    alice->channel->send({"1", "2", "c", Sdp{Sdp::Type::Offer, "v=0\r\ns=\"é\r\n"}});
    ASSERT_TRUE(run_until([&] { return bob->got<Sdp>(); }));
    EXPECT_EQ(bob->messages,
              (std::vector{Message{"1", "2", "c", Sdp{Sdp::Type::Offer, "v=0\r\ns=\"é\r\n"}}}));
    bob->channel->send({"", "", "", Bye{}});
    ASSERT_TRUE(run_until([&] { return alice->got<Bye>(); }));
    EXPECT_TRUE(alice->warnings.empty());
    EXPECT_TRUE(bob->warnings.empty());
}

TEST_P(ServersTest, ABigMessagePasses)
{
    const Tutorial server(GetParam());
    const auto alice = dial(server.url());
    const auto bob = dial(server.url());
    ASSERT_TRUE(run_until([&] { return alice->connected() && bob->connected(); }));
    const std::string big(900'000, 'x');
    alice->channel->send({"", "", "", Bye{big}});
    ASSERT_TRUE(run_until([&] { return bob->got<Bye>(); }));
    EXPECT_EQ(bob->last<Bye>()->reason, big);
}

TEST_P(ServersTest, TheHeartbeatHolds)
{
    const Tutorial server(GetParam());
    const auto line = dial(server.url());
    ASSERT_TRUE(run_until([&] { return line->connected(); }));
    run_for(2s);  // four times as long as a silent client may stay
    EXPECT_EQ(line->states, (std::vector{State::Connecting, State::Connected}));
}

TEST_P(ServersTest, AServerThatIsKilledAndComesBack)
{
    auto server = std::make_unique<Tutorial>(GetParam());
    const int port = server->port();
    const auto line = dial(server->url());
    ASSERT_TRUE(run_until([&] { return line->connected(); }));
    server->signal(SIGKILL);
    ASSERT_TRUE(run_until([&] { return line->states.back() == State::Reconnecting; }));
    line->channel->send({"", "", "", Ringing{}});
    server.reset();
    server = std::make_unique<Tutorial>(GetParam(), port);
    const auto other = dial(server->url());
    ASSERT_TRUE(run_until([&] { return line->connected() && other->connected(); }, 20s));
    line->channel->send({"", "", "", Bye{}});
    EXPECT_TRUE(run_until([&] { return other->got<Bye>(); }));
}

TEST_P(ServersTest, AServerThatIsFrozenIsLeft)
{
    Tutorial server(GetParam());
    const auto line = dial(server.url());
    ASSERT_TRUE(run_until([&] { return line->connected(); }));
    server.signal(SIGSTOP);
    ASSERT_TRUE(run_until([&] { return line->states.back() == State::Reconnecting; }));
    EXPECT_NE(line->details.back().find("no heartbeat from the server"), std::string::npos);
    server.signal(SIGCONT);
    EXPECT_TRUE(run_until([&] { return line->connected(); }));
}

using Way = std::tuple<std::string, std::string>;  // Socket.IO's version, its transports

class ClientsOfTheRelay : public testing::TestWithParam<Way> {};

INSTANTIATE_TEST_SUITE_P(EveryOne, ClientsOfTheRelay,
                         testing::Combine(testing::Values("2", "3", "4"),
                                          testing::Values("websocket", "polling", "default")),
                         [](const auto &way) {
                             return "v" + std::get<0>(way.param) + "_" + std::get<1>(way.param);
                         });

TEST_P(ClientsOfTheRelay, TalkStayAndGo)
{
    RelayConfig config;
    config.ping_interval_ms = 300;
    config.ping_timeout_ms = 200;
    const auto relay = open_relay(config);
    const auto line = std::make_unique<Line>(relay->attach("1"));
    line->channel->start();

    const auto &[version, transports] = GetParam();
    Script page(
        {"client.js", "--socketio", version, "--url", relay->url(), "--transports", transports});
    ASSERT_EQ(page.line("connected"), "connected");
    EXPECT_EQ(page.line("transport"),
              transports == "websocket" ? "transport websocket" : "transport polling");
    if (transports == "default") {
        EXPECT_EQ(page.line("upgraded"), "upgraded websocket");
    }
    EXPECT_TRUE(page.line(R"({"type":"id","id":")").ends_with("\"}"));
    page.write(R"({"type":"sdp","sdp":{"type":"offer","sdp":"v=0\r\n"}})");
    ASSERT_TRUE(run_until([&] { return line->got<Sdp>(); }));
    EXPECT_EQ(line->last<Sdp>()->sdp, "v=0\r\n");
    line->channel->send({"", "", "", Bye{}});
    EXPECT_EQ(page.line(R"({"from")"), R"({"from":"1","type":"bye"})");
    run_for(2s);  // four times as long as a silent client may stay
    EXPECT_EQ(relay->clients(), 1U);
    page.signal(SIGKILL);
    EXPECT_TRUE(run_until([&] { return line->got<Left>(); }));
}

}  // namespace callagent::signaling
