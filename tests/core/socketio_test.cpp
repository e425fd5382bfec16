#include "core/socketio.h"

#include <gtest/gtest.h>

namespace callagent::socketio {

using namespace std::chrono_literals;
using Why = Close::Why;

// Only the frames that are sent, only the events, …
template <typename T>
std::vector<T> only(const Actions &actions)
{
    std::vector<T> found;
    for (const auto &action : actions)
        if (const auto *one = std::get_if<T>(&action))
            found.push_back(*one);
    return found;
}

template <typename T>
bool has(const Actions &actions, const T &wanted)
{
    return std::find(actions.begin(), actions.end(), Action{wanted}) != actions.end();
}

const std::string kOpen4 =
    R"(0{"sid":"x","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000})";
const std::string kOpen3 = R"(0{"sid":"x","upgrades":[],"pingInterval":300,"pingTimeout":200})";
const StartTimer kAlive{Timer::Dead, 500ms};

TEST(SocketIoClientTest, AServerOfVersion4IsAskedForTheNamespaceAtOnce)
{
    Client client;
    EXPECT_EQ(client.start(), (Actions{StartTimer{Timer::Open, 5s}}));
    EXPECT_EQ(client.receive(kOpen4), (Actions{kAlive, Send{"40"}}));
    EXPECT_EQ(client.receive(R"(40{"sid":"y"})"),
              (Actions{kAlive, StopTimer{Timer::Open}, StopTimer{Timer::Recognise}, kAlive,
                       Connected{}}));
    EXPECT_EQ(client.version(), Version::Engine4);
}

TEST(SocketIoClientTest, AServerOfVersion3OpensTheNamespaceUnaskedAndWePing)
{
    Client client;
    client.start();
    EXPECT_EQ(client.receive(kOpen3), (Actions{StartTimer{Timer::Recognise, 250ms}}));
    EXPECT_EQ(client.receive("40"), (Actions{StopTimer{Timer::Open}, StopTimer{Timer::Recognise},
                                             kAlive, StartTimer{Timer::Ping, 300ms}, Connected{}}));
    EXPECT_EQ(client.version(), Version::Engine3);
    EXPECT_EQ(client.elapsed(Timer::Ping), (Actions{Send{"2"}, StartTimer{Timer::Ping, 300ms}}));
    EXPECT_EQ(client.receive("3"), (Actions{kAlive}));
}

TEST(SocketIoClientTest, AnEarlyServerOfVersion4IsRecognisedByItsSilence)
{
    Client client;
    client.start();
    client.receive(kOpen3);
    EXPECT_EQ(only<Send>(client.elapsed(Timer::Recognise)), (std::vector{Send{"40"}}));
    EXPECT_TRUE(has(client.receive(R"(40{"sid":"y"})"), Connected{}));
    EXPECT_EQ(client.version(), Version::Engine4);
    EXPECT_EQ(client.elapsed(Timer::Recognise), Actions{}) << "late, harmless";
}

TEST(SocketIoClientTest, ASlowServerOfVersion3IsStillRecognised)
{
    Client client;
    client.start();
    client.receive(kOpen3);
    client.elapsed(Timer::Recognise);
    EXPECT_TRUE(has(client.receive("40"), StartTimer{Timer::Ping, 300ms}));
    EXPECT_EQ(client.version(), Version::Engine3);
    EXPECT_EQ(only<Connected>(client.receive("40")).size(), 0U) << "its answer to our own 40";
}

Client connected();
Client connected()
{
    Client client;
    client.start();
    client.receive(kOpen4);
    client.receive(R"(40{"sid":"y"})");
    return client;
}

TEST(SocketIoClientTest, AServerOfVersion4PingsAndWeOnlyAnswer)
{
    auto client = connected();
    EXPECT_EQ(client.receive("2"), (Actions{kAlive, Send{"3"}}));
    EXPECT_EQ(client.elapsed(Timer::Dead),
              (Actions{Close{Why::Silent, "no heartbeat from the server"}}));
    EXPECT_EQ(client.receive("2"), Actions{}) << "it is over";
}

TEST(SocketIoClientTest, TheArgumentOfAnEventIsAStringOrAnObject)
{
    auto client = connected();
    EXPECT_TRUE(has(client.receive(R"(42["onEvent","{\"type\":\"bye\"}"])"),
                    Event{"onEvent", R"({"type":"bye"})"}));
    EXPECT_TRUE(has(client.receive(R"(42["onEvent",{"type":"bye"}])"),
                    Event{"onEvent", R"({"type":"bye"})"}));
    EXPECT_TRUE(has(client.receive(R"(42["onEvent","a","ignored"])"), Event{"onEvent", "a"}));
    EXPECT_EQ(event_frame("dispatchEvent", R"({"a":"b"})"),
              R"(42["dispatchEvent","{\"a\":\"b\"}"])");
}

TEST(SocketIoClientTest, NamespacesAcksAndBinaryEventsAreTolerated)
{
    auto client = connected();
    EXPECT_TRUE(has(client.receive(R"(42/,["onEvent","x"])"), Event{"onEvent", "x"}));
    EXPECT_EQ(only<Warn>(client.receive(R"(42/admin,["onEvent","x"])")).size(), 1U);
    EXPECT_EQ(client.receive(R"(4317[])"), (Actions{kAlive}));
    EXPECT_EQ(only<Warn>(client.receive(R"(451-["onEvent",{"_placeholder":true,"num":0}])")).size(),
              1U);
    EXPECT_EQ(only<Warn>(client.receive(R"(461-7[{"_placeholder":true,"num":0}])")).size(), 1U);
    EXPECT_EQ(only<Close>(client.receive("41/admin,")).size(), 0U);
    EXPECT_EQ(only<Close>(client.receive("44/admin,\"no\"")).size(), 0U);
    EXPECT_EQ(client.receive("6"), (Actions{kAlive}));
}

TEST(SocketIoClientTest, GarbageIsAWarning)
{
    auto client = connected();
    for (const auto *frame :
         {"42", "42[", "42[]", "42{}", "42[1]", "42[\"x\"]", "42[\"x\",1]", "42[\"x\",null]",
          "42[\"x\",[]]", "4", "49", "7", "hello", "42999999999999999999999999", "42/", "42/x",
          "\xff", "42[\"\xff\"]"}) {
        const auto actions = client.receive(frame);
        EXPECT_EQ(only<Warn>(actions).size(), 1U) << frame;
        EXPECT_EQ(only<Event>(actions).size(), 0U) << frame;
        EXPECT_EQ(only<Close>(actions).size(), 0U) << frame;
    }
    EXPECT_EQ(client.receive(""), Actions{});
    EXPECT_EQ(only<Warn>(client.receive("7\x1b[31m\n"))[0].why,
              "an Engine.IO packet of unknown type: \"7.[31m.\"")
        << "a terminal does not obey it";
}

TEST(SocketIoClientTest, TheEndIsSaidWithItsReason)
{
    EXPECT_EQ(connected().receive("1"),
              (Actions{Close{Why::Left, "the server closed the session"}}));
    EXPECT_TRUE(has(connected().receive("41"), Close{Why::Left, "the server disconnected us"}));

    Client client;
    client.start();
    client.receive(kOpen4);
    EXPECT_TRUE(
        has(client.receive(R"(44{"message":"no token"})"), Close{Why::Refused, "\"no token\""}));

    Client old;
    old.start();
    old.receive(kOpen3);
    EXPECT_TRUE(has(old.receive(R"(44"not you")"), Close{Why::Refused, "\"not you\""}));
}

TEST(SocketIoClientTest, WhatIsNotSocketIoIsRecognised)
{
    for (const auto *first : {"hello", "{\"type\":\"id\"}", "0", "0{}", "0[]", "0{\"sid\"", "40"}) {
        Client client;
        client.start();
        const auto closes = only<Close>(client.receive(first));
        ASSERT_EQ(closes.size(), 1U) << first;
        EXPECT_EQ(closes[0].why, Why::NotOurs) << first;
    }
    Client silent;
    silent.start();
    EXPECT_EQ(only<Close>(silent.elapsed(Timer::Open))[0].why, Why::NotOurs);
}

TEST(SocketIoClientTest, AbsurdHeartbeatsAreReplaced)
{
    Client client;
    client.start();
    EXPECT_TRUE(
        has(client.receive(R"(0{"sid":"x","pingInterval":0,"pingTimeout":-5,"maxPayload":1})"),
            StartTimer{Timer::Dead, 45s}));
}

Server::Config config(Version version);
Server::Config config(Version version)
{
    return {version, "s1", {300ms, 200ms}, 1000};
}

TEST(SocketIoServerTest, AClientOfVersion4AsksForTheNamespaceAndIsPinged)
{
    Server server(config(Version::Engine4));
    EXPECT_EQ(server.start(),
              (Actions{Send{R"(0{"sid":"s1","upgrades":[],"pingInterval":300,"pingTimeout":200,)"
                            R"("maxPayload":1000,"callagent":true})"},
                       StartTimer{Timer::Open, 45s}, StartTimer{Timer::Ping, 300ms}, kAlive}));
    EXPECT_EQ(server.receive("40"),
              (Actions{kAlive, StopTimer{Timer::Open}, Send{R"(40{"sid":"s1"})"}, Connected{}}));
    EXPECT_EQ(server.elapsed(Timer::Ping), (Actions{Send{"2"}, StartTimer{Timer::Ping, 300ms}}));
    EXPECT_EQ(server.receive("3"), (Actions{kAlive}));
    EXPECT_TRUE(
        has(server.elapsed(Timer::Dead), Close{Why::Silent, "no heartbeat from the client"}));
}

TEST(SocketIoServerTest, AClientOfVersion3IsInTheNamespaceAtOnceAndPings)
{
    Server server(config(Version::Engine3));
    EXPECT_EQ(
        server.start(),
        (Actions{
            Send{
                R"(0{"sid":"s1","upgrades":[],"pingInterval":300,"pingTimeout":200,"callagent":true})"},
            Send{"40"}, Connected{}, kAlive}));
    EXPECT_EQ(server.receive("2"), (Actions{kAlive, Send{"3"}}));
    EXPECT_EQ(server.receive("2probe"), (Actions{kAlive, Send{"3probe"}}));
    EXPECT_EQ(server.receive("5"), (Actions{kAlive}));
}

TEST(SocketIoServerTest, AnEventIsTakenAndAcknowledgedWhereAskedFor)
{
    Server server(config(Version::Engine3));
    server.start();
    EXPECT_EQ(server.receive(R"(42["dispatchEvent","{}"])"),
              (Actions{kAlive, Event{"dispatchEvent", "{}"}}));
    EXPECT_EQ(server.receive(R"(421["dispatchEvent",{}])"),
              (Actions{kAlive, Send{"431[]"}, Event{"dispatchEvent", "{}"}}));
}

TEST(SocketIoServerTest, OnlyTheDefaultNamespaceIsThere)
{
    Server four(config(Version::Engine4));
    four.start();
    EXPECT_TRUE(has(four.receive("40/admin,{\"token\":\"x\"}"),
                    Send{R"(44/admin,{"message":"Invalid namespace"})"}));
    EXPECT_EQ(only<Connected>(four.receive("40{\"auth\":1}")).size(), 1U);
    EXPECT_EQ(only<Connected>(four.receive("40")).size(), 0U) << "once";

    Server three(config(Version::Engine3));
    three.start();
    EXPECT_TRUE(has(three.receive("40/admin?token=x"), Send{R"(44/admin,"Invalid namespace")"}));
}

TEST(SocketIoServerTest, BeforeTheNamespaceIsOpenNothingIsTaken)
{
    Server server(config(Version::Engine4));
    server.start();
    EXPECT_EQ(only<Warn>(server.receive(R"(42["dispatchEvent","{}"])")).size(), 1U);
    EXPECT_TRUE(has(server.elapsed(Timer::Open),
                    Close{Why::NotOurs, "the client never opened the namespace"}));
}

TEST(SocketIoServerTest, WhatIsNoPacketEndsTheSession)
{
    for (const auto *frame : {"x", "abc", "42", "4", "49", "42{}", "42abc[\"x\",\"y\"]", "40[]",
                              "421", "42[]", "43{}", "7"}) {
        Server server(config(Version::Engine3));
        server.start();
        const auto ends = only<Close>(server.receive(frame));
        ASSERT_EQ(ends.size(), 1U) << frame;
        EXPECT_EQ(ends[0].why, Close::Why::NotOurs) << frame;
        EXPECT_EQ(server.receive("2"), Actions{}) << frame;
    }
}

TEST(SocketIoServerTest, WhatWeHaveNoUseForIsAWarningAndTheEndIsTheEnd)
{
    Server server(config(Version::Engine3));
    server.start();
    for (const auto *frame : {"451-[\"x\"]", "42[\"\\ud800\"]", "42[\"lonely\"]", "42[7,\"x\"]"})
        EXPECT_EQ(only<Warn>(server.receive(frame)).size(), 1U) << frame;
    EXPECT_TRUE(has(server.receive("41"), Close{Why::Left, "the client disconnected"}));
    EXPECT_EQ(server.receive("2"), Actions{});
    EXPECT_EQ(server.elapsed(Timer::Ping), Actions{});
}

TEST(SocketIoServerTest, OverHttpItOffersTheWebSocket)
{
    auto polling = config(Version::Engine4);
    polling.upgrades = true;
    EXPECT_NE(only<Send>(Server(polling).start())[0].frame.find(R"("upgrades":["websocket"])"),
              std::string::npos);
}

}  // namespace callagent::socketio
