// The relay and clients that do not behave: whatever one of them does, the others are served.
#include <atomic>
#include <cerrno>
#include <ctime>
#include <thread>

#include <sys/resource.h>
#include <sys/socket.h>

#include "signaling/relay.h"
#include "tests/signaling/peers.h"

namespace callagent::signaling {

using namespace std::chrono_literals;

constexpr const char *kSocketIo4 = "/socket.io/?EIO=4&transport=websocket";
constexpr const char *kSocketIo3 = "/socket.io/?EIO=3&transport=websocket";

// A relay with a well-behaved client in it, which must go on working.
class RelayClientsTest : public testing::Test {
protected:
    void SetUp() override
    {
        RelayConfig config;
        config.ping_interval_ms = 200;
        config.ping_timeout_ms = 200;
        open(config);
    }

    void open(const RelayConfig &config)
    {
        witness.reset();  // it does not outlive its relay
        relay = open_relay(config);
        ASSERT_TRUE(relay);
        relay->warning = [this](const Warning &warning) { warnings.push_back(warning.message); };
        witness = std::make_unique<Line>(relay->attach("1"));
        witness->channel->start();
        ASSERT_TRUE(run_until([&] { return witness->number == "1"; }));
    }

    static RelayConfig without_rate()
    {
        RelayConfig config;
        config.limits.rate = 0;
        return config;
    }

    // A new client gets a message from the witness.
    void expect_service()
    {
        Raw fresh(plain(relay->url()));
        ASSERT_TRUE(fresh.socket) << fresh.status;
        EXPECT_TRUE(fresh.next().starts_with(R"({"type":"id")"));
        witness->channel->send({"", "", "", Ringing{}});
        EXPECT_EQ(fresh.next_like(R"({"from":"1")"), R"({"from":"1","type":"ringing"})");
    }

    // That say nothing.
    std::vector<std::unique_ptr<Tcp>> connections(int count) const
    {
        std::vector<std::unique_ptr<Tcp>> all;
        for (int i = 0; i < count; ++i) {
            all.push_back(std::make_unique<Tcp>(port_of(relay->url())));
            while (g_main_context_iteration(nullptr, FALSE)) {
            }
        }
        return all;
    }

    std::string http(const std::string &path) const { return relay->url() + path; }

    std::vector<std::string> warnings;
    std::unique_ptr<Relay> relay;
    std::unique_ptr<Line> witness;
};

TEST_F(RelayClientsTest, AClientOfSocketIo2)
{
    Raw client(http(std::string(kSocketIo3) + "&number=77"));
    EXPECT_TRUE(client.next().starts_with(R"(0{"sid":")"));
    EXPECT_EQ(client.next(), "40");
    EXPECT_EQ(client.next(), R"(42["onEvent","{\"type\":\"id\",\"id\":\"77\"}"])");
    client.say("2");
    EXPECT_EQ(client.next(), "3");
    client.say(R"(420["dispatchEvent",{"type":"bye"}])");
    EXPECT_EQ(client.next(), "430[]");
    ASSERT_TRUE(run_until([&] { return witness->got<Bye>(); }));
    EXPECT_EQ(witness->messages.back().from, "77");
    witness->channel->send({"", "77", "", Busy{}});
    EXPECT_EQ(client.next(), R"(42["onEvent","{\"from\":\"1\",\"type\":\"busy\",\"to\":\"77\"}"])");
    client.say("41");
    EXPECT_TRUE(run_until([&] { return client.closed && witness->got<Left>(); }));
}

TEST_F(RelayClientsTest, AClientOfSocketIo4)
{
    Raw client(http(kSocketIo4));
    EXPECT_TRUE(client.next().starts_with(R"(0{"sid":")"));
    client.say("40");
    EXPECT_TRUE(client.next_like("40").starts_with(R"(40{"sid":")"));
    EXPECT_TRUE(client.next_like("42").starts_with(R"(42["onEvent","{\"type\":\"id\")"));
    EXPECT_EQ(client.next_like("2"), "2") << "the server pings";
    client.say("3");
    client.say(R"(42["dispatchEvent","{\"type\":\"bye\"}"])");
    EXPECT_TRUE(run_until([&] { return witness->got<Bye>(); }));
}

TEST_F(RelayClientsTest, SilentClientsAreDropped)
{
    Raw four(http(kSocketIo4));
    Raw three(http(kSocketIo3));
    ASSERT_TRUE(run_until([&] { return relay->clients() == 2; }));
    EXPECT_TRUE(run_until([&] { return four.closed && three.closed; }));
    EXPECT_EQ(relay->clients(), 0U);
    EXPECT_TRUE(run_until([&] { return witness->got<Left>(); }));
}

TEST_F(RelayClientsTest, ASilentPlainClientIsDroppedAndOneThatAnswersPingsIsNot)
{
    Tcp silent(port_of(relay->url()));
    silent.upgrade("/ws");
    Raw good(plain(relay->url()));
    ASSERT_TRUE(run_until([&] { return relay->clients() == 2; }));
    EXPECT_TRUE(silent.hung_up());
    run_for(2500ms);
    EXPECT_EQ(relay->clients(), 1U);
    EXPECT_FALSE(good.closed);
}

TEST_F(RelayClientsTest, OtherRequestsGetAnAnswer)
{
    struct Case {
        const char *path;
        unsigned status;
    };
    const Case cases[] = {{"/socket.io/?EIO=5&transport=websocket", 400},
                          {"/socket.io/?transport=websocket", 400},
                          {"/socket.io/?EIO=4&transport=polling", 400},
                          {"/socket.io/?EIO=4", 400},
                          {"/socket.io/?EIO=4&transport=websocket&sid=abc", 400}};
    for (const auto &[path, status] : cases) {
        Raw raw(http(path));
        EXPECT_FALSE(raw.socket) << path;
        EXPECT_EQ(raw.status, status) << path;
    }
    for (const auto *path : {"/elsewhere", "/socket.io/?EIO=4&transport=websocket",
                             "/socket.io/?EIO=4&transport=polling&sid=abc", "/%2e%2e/etc/passwd",
                             "/page.js/", "/web/index.html"}) {
        Tcp tcp(port_of(relay->url()));
        tcp.write(std::string("GET ") + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        ASSERT_TRUE(run_until([&] { return tcp.read().find("\r\n\r\n") != std::string::npos; }))
            << path;
        EXPECT_TRUE(tcp.received.starts_with("HTTP/1.1 40")) << tcp.received;
    }
    expect_service();
}

TEST_F(RelayClientsTest, GarbageInsteadOfHttp)
{
    for (const std::string &bytes :
         {std::string(100'000, 'x'), std::string("\x16\x03\x01\x02\0\x01\0", 7),
          std::string("GET\r\n\r\n"), std::string(1000, '\0'),
          "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18446744073709551615\r\n\r\n" +
              std::string(100'000, 'x')}) {
        Tcp tcp(port_of(relay->url()));
        tcp.write(bytes);
        run_for(20ms);
    }
    expect_service();
}

TEST_F(RelayClientsTest, GarbageInFramesIsAWarningAndTheClientStays)
{
    Raw client(plain(relay->url()));
    for (const auto *text : {"hello", "", "[]", "{", "null", "{\"\\u00\":1}"})
        client.say(text);
    client.say(R"({"type":"bye"})");
    EXPECT_TRUE(run_until([&] { return witness->got<Bye>(); }));
    EXPECT_EQ(warnings.size(), 6U);
    EXPECT_NE(warnings.at(0).find("sent a message that is not JSON"), std::string::npos)
        << warnings.at(0);
}

TEST_F(RelayClientsTest, ThousandsOfWarningsAreTwenty)
{
    open(without_rate());
    Raw client(plain(relay->url()));
    for (int i = 0; i < 5000; ++i)
        client.say("x");
    client.say(R"({"type":"bye"})");
    EXPECT_TRUE(run_until([&] { return witness->got<Bye>(); }));
    EXPECT_EQ(warnings.size(), 20U);
}

TEST_F(RelayClientsTest, BinaryFramesAreIgnored)
{
    for (const auto &path : {std::string("/ws"), std::string(kSocketIo3)}) {
        Raw client(http(path));
        const auto bytes = glib::adopt(g_bytes_new("\0\xff\x04", 3));
        soup_websocket_connection_send_message(client.connection.get(), SOUP_WEBSOCKET_DATA_BINARY,
                                               bytes.get());
        witness->messages.clear();
        client.say(path == "/ws" ? R"({"type":"bye"})"
                                 : R"(42["dispatchEvent","{\"type\":\"bye\"}"])");
        EXPECT_TRUE(run_until([&] { return witness->got<Bye>(); }));
    }
    ASSERT_EQ(warnings.size(), 2U);
    EXPECT_NE(warnings[0].find("a binary frame of 3 bytes"), std::string::npos) << warnings[0];
}

TEST_F(RelayClientsTest, WrongUtf8EndsThatClientOnly)
{
    Tcp tcp(port_of(relay->url()));
    tcp.upgrade("/ws");
    tcp.write(Tcp::frame(1, "{\"a\":\"\xff\"}"));
    EXPECT_TRUE(tcp.hung_up());
    expect_service();
}

TEST_F(RelayClientsTest, BrokenFramesEndThatClientOnly)
{
    const std::string frames[] = {
        Tcp::frame(3, "reserved opcode"),
        Tcp::frame(9, "a ping in fragments", false),
        Tcp::frame(0, "nothing to go on with"),
        Tcp::frame(1, "a", false) + Tcp::frame(1, "a new one"),
        std::string("\x81\x01x", 3),                                  // not masked
        std::string("\xf1\x80\0\0\0\0", 6),                           // reserved bits
        std::string("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10),  // 2^64 bytes
        Tcp::frame(8, "x"),
        Tcp::frame(8, "\x03\xe8\xff\xff"),
        Tcp::frame(9, std::string(200, 'p'))};
    for (const auto &bytes : frames) {
        Tcp tcp(port_of(relay->url()));
        tcp.upgrade("/ws");
        tcp.write(bytes);
        run_for(20ms);
    }
    EXPECT_TRUE(run_until([&] { return relay->clients() == 0; }));
    expect_service();
}

TEST_F(RelayClientsTest, AMessageOfAMegabyteIsTheLimit)
{
    Raw client(plain(relay->url()));
    const std::string head = R"({"type":"bye","reason":")";
    client.say(head + std::string(1'000'000 - head.size() - 2, 'x') + "\"}");
    EXPECT_TRUE(run_until([&] { return witness->got<Bye>(); }));
    client.say(head + std::string(1'000'000, 'x') + "\"}");
    EXPECT_TRUE(run_until([&] { return client.closed; }));
    expect_service();
}

TEST_F(RelayClientsTest, AMessageInEndlessFragmentsIsEnded)
{
    Tcp tcp(port_of(relay->url()));
    tcp.upgrade("/ws");
    tcp.write(Tcp::frame(1, "{", false));
    const auto fragment = Tcp::frame(0, std::string(100'000, ' '), false);
    int written = 0;
    while (written < 200 && tcp.write(fragment))
        ++written;
    EXPECT_LT(written, 200) << "20 MB were taken";
    expect_service();
}

TEST_F(RelayClientsTest, AClientThatWritesWithoutPauseDoesNotStarveTheOthers)
{
    open(without_rate());
    Tcp tcp(port_of(relay->url()));
    tcp.upgrade("/ws");
    std::string many;
    for (int i = 0; i < 10'000; ++i)
        many += Tcp::frame(1, std::string(100, 'x'));
    // From a thread of its own: the relay has to find an end by itself.
    std::atomic<bool> stop = false;
    std::thread writer([&] {
        const int fd = g_socket_get_fd(tcp.socket);
        std::string_view rest = many;
        while (!stop) {
            const auto sent = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno != EAGAIN)
                break;
            rest.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
            if (rest.empty())
                rest = many;
        }
    });
    expect_service();
    EXPECT_EQ(relay->clients(), 2U) << "the writer is still there";
    stop = true;
    writer.join();
    expect_service();
}

TEST_F(RelayClientsTest, AClientThatDoesNotReadIsDropped)
{
    RelayConfig patient;  // so that it is not the heartbeat
    patient.ping_interval_ms = 60'000;
    open(patient);
    Tcp deaf(port_of(relay->url()));
    deaf.upgrade("/ws");
    ASSERT_TRUE(run_until([&] { return relay->clients() == 1; }));
    const Message big{"", "", "", Bye{std::string(500'000, 'x')}};
    int sent = 0;
    for (; sent < 100 && relay->clients() == 1; ++sent) {
        witness->channel->send(big);
        run_for(1ms);
    }
    EXPECT_EQ(relay->clients(), 0U);
    EXPECT_GT(sent, 16) << "8 MB may wait";
    EXPECT_LT(sent, 60);
}

TEST_F(RelayClientsTest, AClientThatReadsGetsMoreThanMayWait)
{
    Raw reader(plain(relay->url()));
    reader.next();
    const Message big{"", "", "", Bye{std::string(900'000, 'x')}};
    for (std::size_t i = 0; i < 30; ++i) {
        witness->channel->send(big);
        ASSERT_GT(reader.next().size(), 900'000U) << i;
    }
    EXPECT_FALSE(reader.closed);
}

TEST_F(RelayClientsTest, MoreThanItsMessagesASecondDropAClient)
{
    RelayConfig config;
    config.limits.rate = 10;
    open(config);
    Raw calm(plain(relay->url()));
    Raw hasty(plain(relay->url()));
    for (int i = 0; i < 20; ++i)
        calm.say(R"({"type":"ringing"})");
    for (int i = 0; i < 200; ++i)
        hasty.say(R"({"type":"busy"})");
    EXPECT_TRUE(run_until([&] { return hasty.closed; }));
    EXPECT_FALSE(calm.closed);
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].find("is dropped: it sends more than 10 messages a second"),
              std::string::npos)
        << warnings[0];
    expect_service();
}

TEST_F(RelayClientsTest, AFullRelayTurnsClientsAway)
{
    RelayConfig config;
    config.limits.clients = 2;
    open(config);
    const Raw one(plain(relay->url()));
    const Raw two(plain(relay->url()));
    for (const auto *path : {"/ws", kSocketIo4}) {
        const Raw three(http(path));
        EXPECT_FALSE(three.socket);
        EXPECT_EQ(three.status, 503U);
    }
    Tcp polling(port_of(relay->url()));
    polling.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(run_until([&] { return polling.read().find('}') != std::string::npos; }));
    EXPECT_NE(polling.received.find("the relay is full, with 2 clients"), std::string::npos);
    EXPECT_EQ(relay->clients(), 2U);
    EXPECT_EQ(warnings.size(), 2U) << "two at once, then one a second";
}

TEST_F(RelayClientsTest, OneAddressHasSoManyClientsAndNoMore)
{
    RelayConfig config;
    config.limits.per_address = 1;
    open(config);
    const auto url = "ws://127.0.0.1:" + std::to_string(port_of(relay->url())) + "/ws";
    {
        const Raw one(url);
        EXPECT_TRUE(one.socket);
        const Raw two(url);
        EXPECT_EQ(two.status, 503U);
        EXPECT_EQ(relay->clients(), 1U);
    }
    ASSERT_TRUE(run_until([&] { return relay->clients() == 0; }));
    const Raw again(url);
    EXPECT_TRUE(again.socket) << again.status;
}

TEST_F(RelayClientsTest, SilentConnectionsOfOneAddressDoNotKeepOthersOut)
{
    RelayConfig config;
    config.limits.per_address = 1;  // 3 connections for it, and 64
    open(config);
    const auto silent = connections(68);
    EXPECT_TRUE(silent.back()->hung_up());
    const Raw other("ws://[::1]:" + std::to_string(port_of(relay->url())) + "/ws");
    EXPECT_TRUE(other.socket) << other.status;
}

// The sid of a new session over HTTP.
std::string open_session(int port);
std::string open_session(int port)
{
    Tcp session(port);
    session.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(run_until([&] { return session.read().find("\"sid\":\"") != std::string::npos; }))
        << session.received;
    return session.received.substr(session.received.find("\"sid\":\"") + 7, 32);
}

std::string poll_of(const std::string &sid);
std::string poll_of(const std::string &sid)
{
    return "GET /socket.io/?EIO=4&transport=polling&sid=" + sid +
           " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

TEST_F(RelayClientsTest, PollsThatAreGivenUpTakeNoConnections)
{
    RelayConfig config;
    config.limits.per_address = 2;  // 70 connections
    open(config);
    for (int i = 0; i < 100; ++i) {
        Tcp poll(port_of(relay->url()));
        poll.write(poll_of(open_session(port_of(relay->url()))));
        run_for(2ms);  // until it waits; one that does not is gone in another way
        poll.connection.reset();
        ASSERT_TRUE(run_until([&] { return relay->clients() == 0; })) << i;
    }
    expect_service();
}

TEST_F(RelayClientsTest, WhoDoesNotTakeTheAnswerToItsPollHasToGo)
{
    RelayConfig config;
    config.limits.handshake_ms = 300;
    config.limits.waiting = 100'000'000;
    open(config);
    const auto sid = open_session(port_of(relay->url()));
    Tcp opener(port_of(relay->url()));
    opener.write("POST /socket.io/?EIO=4&transport=polling&sid=" + sid +
                 " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n40");
    ASSERT_TRUE(run_until([&] { return witness->got<Joined>(); }));
    constexpr std::size_t kMany = 20;
    for (std::size_t i = 0; i < kMany; ++i)
        witness->channel->send({"", "", "", Bye{std::string(900'000, 'x')}});
    Tcp slow(port_of(relay->url()));
    slow.write(poll_of(sid));
    run_for(1s);  // longer than it may take
    EXPECT_TRUE(slow.hung_up());
    EXPECT_LT(slow.received.size(), kMany * 900'000);
    expect_service();
}

TEST_F(RelayClientsTest, PingsOfAClientThatReadsNothingEndIt)
{
    open(without_rate());
    Tcp deaf(port_of(relay->url()));
    deaf.upgrade("/ws");
    std::string pings = Tcp::frame(10, "");  // a sign of life
    for (int i = 0; i < 1000; ++i)
        pings += Tcp::frame(9, std::string(100, 'p'));
    int written = 0;
    while (written < 200 && deaf.write(pings))
        ++written;
    EXPECT_LT(written, 200) << "200,000 pings were taken";
    EXPECT_TRUE(run_until([&] { return relay->clients() == 0; }));
    expect_service();
}

TEST_F(RelayClientsTest, WhoNeverAsksForAnythingHasToGo)
{
    RelayConfig config;
    config.limits.handshake_ms = 100;
    open(config);
    Tcp silent(port_of(relay->url()));
    EXPECT_TRUE(silent.hung_up());
    Tcp slow(port_of(relay->url()));
    slow.write("GET /ws HTTP/1.1\r\nHost: ");
    EXPECT_TRUE(slow.hung_up());
    expect_service();
}

TEST_F(RelayClientsTest, ABodyThatIsTooLargeIsRefused)
{
    Tcp session(port_of(relay->url()));
    session.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(run_until([&] { return session.read().find("\"sid\":\"") != std::string::npos; }));
    const auto sid = session.received.substr(session.received.find("\"sid\":\"") + 7, 32);
    const auto head =
        "POST /socket.io/?EIO=4&transport=polling&sid=" + sid + " HTTP/1.1\r\nHost: localhost\r\n";

    Tcp announced(port_of(relay->url()));
    announced.write(head + "Content-Length: 2000000\r\n\r\n");
    announced.write(std::string(2'000'000, 'x'));
    EXPECT_TRUE(run_until([&] { return announced.read().starts_with("HTTP/1.1 413"); }))
        << announced.received;

    Tcp chunked(port_of(relay->url()));
    chunked.write(head + "Transfer-Encoding: chunked\r\n\r\n");
    const auto chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    int written = 0;
    while (written < 1000 && chunked.write(chunk))
        ++written;
    EXPECT_LT(written, 1000) << "64 MB were taken";
    expect_service();
}

TEST_F(RelayClientsTest, ConnectionsThatSayNothingDoNotKeepOthersOutForEver)
{
    {
        RelayConfig small;
        small.limits.clients = 64;  // 3 connections for each, and 64
        open(small);
        const auto silent = connections(300);
        EXPECT_TRUE(silent.back()->hung_up()) << "more than 256 are turned away";
    }
    run_for(50ms);
    expect_service();
}

TEST_F(RelayClientsTest, WithoutFileDescriptorsItWaitsAndGoesOn)
{
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    Tcp waiting(port_of(relay->url()));
    {
        rlimit none = before;
        none.rlim_cur = 3;  // those that are open stay so
        setrlimit(RLIMIT_NOFILE, &none);
        const auto begin = std::clock();
        run_for(300ms);
        setrlimit(RLIMIT_NOFILE, &before);
        EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 10) << "it spins";
    }
    waiting.upgrade("/ws");
    expect_service();
}

TEST_F(RelayClientsTest, WithATokenOnlyThoseWhoKnowItGetIn)
{
    RelayConfig config;
    config.token = "s3cret";
    open(config);
    const auto url = relay->url() + kSocketIo4;
    EXPECT_EQ(Raw(url).status, 401U);
    EXPECT_EQ(Raw(url, "s3cre").status, 401U);
    EXPECT_EQ(Raw(url, "s3cret2").status, 401U);
    EXPECT_EQ(Raw(url + "&token=wrong").status, 401U);
    EXPECT_EQ(Raw(url + "&token=s3cret").status, 101U);
    EXPECT_EQ(Raw(url, "s3cret").status, 101U);
    EXPECT_EQ(Raw(plain(relay->url()) + "?token=s3cret").status, 101U);
    EXPECT_EQ(Raw(plain(relay->url())).status, 401U);
}

}  // namespace callagent::signaling
