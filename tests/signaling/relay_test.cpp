#include "signaling/relay.h"

#include "tests/signaling/testing.h"

namespace callagent::signaling {

const Message kOffer{"", "", "c1", Sdp{Sdp::Type::Offer, "v=0\r\n"}};

struct Kind {
    const char *name;
    std::function<std::unique_ptr<Line>(Relay &)> join;
};

void PrintTo(const Kind &kind, std::ostream *out);
void PrintTo(const Kind &kind, std::ostream *out)
{
    *out << kind.name;
}

const Kind kSocketIo{"socketio", [](Relay &relay) { return dial(relay.url()); }};
const Kind kPlain{"plain", [](Relay &relay) { return dial(plain(relay.url())); }};
const Kind kAttached{"attached", [](Relay &relay) {
                         auto line = std::make_unique<Line>(relay.attach(""));
                         line->channel->start();
                         return line;
                     }};

class Between : public testing::TestWithParam<std::tuple<Kind, Kind>> {};

INSTANTIATE_TEST_SUITE_P(AllKinds, Between,
                         testing::Combine(testing::Values(kSocketIo, kPlain, kAttached),
                                          testing::Values(kSocketIo, kPlain, kAttached)),
                         [](const auto &kinds) {
                             return std::string(std::get<0>(kinds.param).name) + "_and_" +
                                    std::get<1>(kinds.param).name;
                         });

TEST_P(Between, AMessageReachesTheOtherWithTheSendersNumber)
{
    const auto relay = open_relay();
    const auto alice = std::get<0>(GetParam()).join(*relay);
    ASSERT_TRUE(run_until([&] { return !alice->number.empty(); }));
    const auto bob = std::get<1>(GetParam()).join(*relay);
    ASSERT_TRUE(run_until([&] { return !bob->number.empty() && alice->got<Joined>(); }));
    EXPECT_EQ(alice->last<Joined>()->id, bob->number);

    alice->channel->send(kOffer);
    ASSERT_TRUE(run_until([&] { return bob->got<Sdp>(); }));
    EXPECT_EQ(bob->messages.back(),
              (Message{alice->number, "", "c1", Sdp{Sdp::Type::Offer, "v=0\r\n"}}));

    bob->channel->send({"", alice->number, "c1", Sdp{Sdp::Type::Answer, "v=0\r\n"}});
    ASSERT_TRUE(run_until([&] { return alice->got<Sdp>(); }));
    EXPECT_EQ(alice->messages.back(),
              (Message{bob->number, alice->number, "c1", Sdp{Sdp::Type::Answer, "v=0\r\n"}}));

    bool done = false;
    bob->channel->close([&] { done = true; });
    ASSERT_TRUE(run_until([&] { return done && alice->got<Left>(); }));
    EXPECT_EQ(alice->last<Left>()->id, bob->number);
    EXPECT_TRUE(alice->warnings.empty());
    EXPECT_TRUE(bob->warnings.empty());
}

std::variant<std::unique_ptr<Relay>, Relay::ListenError> listen(const std::string &host, int port);
std::variant<std::unique_ptr<Relay>, Relay::ListenError> listen(const std::string &host, int port)
{
    RelayConfig config;
    config.host = host;
    config.port = static_cast<std::uint16_t>(port);
    return Relay::listen(config);
}

bool has_ipv6();
bool has_ipv6()
{
    return listen("::1", 0).index() == 0;
}

TEST(RelayTest, APortThatIsTakenIsSaid)
{
    const auto relay = open_relay();
    const auto second = listen("localhost", port_of(relay->url()));
    const auto *error = std::get_if<Relay::ListenError>(&second);
    ASSERT_TRUE(error);
    EXPECT_TRUE(error->in_use);
    EXPECT_EQ(error->failure,
              (Failure{Exit::Signaling,
                       "relay: port " + std::to_string(port_of(relay->url())) +
                           " is taken: give another with --listen, or end what uses it"}));
}

TEST(RelayTest, AnAddressThatIsNotOursIsSaid)
{
    for (const auto *host : {"192.0.2.1", "no-such-host.invalid"}) {
        const auto relay = listen(host, 0);
        const auto *error = std::get_if<Relay::ListenError>(&relay);
        ASSERT_TRUE(error) << host;
        EXPECT_FALSE(error->in_use);
        EXPECT_TRUE(
            error->failure.reason.starts_with("relay: cannot listen at " + std::string(host)))
            << error->failure.reason;
    }
}

TEST(RelayTest, ThePortIsFreeAgainAtOnce)
{
    auto relay = open_relay();
    const int port = port_of(relay->url());
    const auto line = dial(relay->url());
    ASSERT_TRUE(run_until([&] { return line->connected(); }));
    relay.reset();
    EXPECT_EQ(listen("localhost", port).index(), 0U);
}

TEST(RelayTest, TheUrlIsWhatABrowserOnThisMachineWouldWrite)
{
    const auto url = [](const char *host) {
        const auto relay = listen(host, 0);
        const auto text = std::get<0>(relay)->url();
        return text.substr(0, text.rfind(':'));
    };
    EXPECT_EQ(url("localhost"), "http://localhost");
    EXPECT_EQ(url(""), "http://localhost");
    EXPECT_EQ(url("0.0.0.0"), "http://localhost");
    EXPECT_EQ(url("::"), "http://localhost");
    EXPECT_EQ(url("127.0.0.1"), "http://127.0.0.1");
    if (has_ipv6()) {
        EXPECT_EQ(url("::1"), "http://[::1]");
    }
}

TEST(RelayTest, EveryFamilyIsListenedTo)
{
    for (const auto *host : {"localhost", ""}) {
        const auto relay = listen(host, 0);
        const auto port = std::to_string(port_of(std::get<0>(relay)->url()));
        for (const auto *address : {"127.0.0.1", "localhost", "[::1]"}) {
            if (*address == '[' && !has_ipv6())
                continue;
            const auto line = dial("http://" + std::string(address) + ":" + port);
            EXPECT_TRUE(run_until([&] { return line->connected(); })) << host << " at " << address;
        }
    }
}

TEST(RelayTest, ANumberIsGivenToOneClientOnly)
{
    const auto relay = open_relay();
    const auto first = dial({relay->url(), "", false, "", "4711"});
    ASSERT_TRUE(run_until([&] { return !first->number.empty(); }));
    const auto second = dial({plain(relay->url()), "", false, "", "4711"});
    ASSERT_TRUE(run_until([&] { return !second->number.empty(); }));
    EXPECT_EQ(first->number, "4711");
    EXPECT_EQ(second->number.size(), 6U);
    EXPECT_EQ(relay->clients(), 2U);
}

TEST(RelayTest, WhomNobodyKnowsIsUnknown)
{
    const auto relay = open_relay();
    const auto line = dial(relay->url());
    line->channel->send({"", "999", "", Ringing{}});
    ASSERT_TRUE(run_until([&] { return line->got<Unknown>(); }));
    EXPECT_EQ(line->last<Unknown>()->id, "999");
}

TEST(RelayTest, TheAttachedAgentIsNeverCalledFromWithinItsOwnCalls)
{
    const auto relay = open_relay();
    Line one(relay->attach("1"));
    Line two(relay->attach("2"));
    one.channel->start();
    two.channel->start();
    one.channel->send(kOffer);
    EXPECT_TRUE(one.states.empty());
    EXPECT_TRUE(two.messages.empty());
    ASSERT_TRUE(run_until([&] { return two.got<Sdp>(); }));
    EXPECT_EQ(one.states, (std::vector{State::Connected}));
    EXPECT_EQ(relay->clients(), 0U) << "agents are not counted";
}

}  // namespace callagent::signaling
