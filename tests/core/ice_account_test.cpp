#include "core/ice_account.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

constexpr const char *kHost = "candidate:1 1 UDP 2015363327 10.0.0.1 4000 typ host";
constexpr const char *kTcp = "candidate:2 1 TCP 1010827775 10.0.0.1 9 typ host tcptype active";
constexpr const char *kRelay =
    "candidate:7 1 UDP 505413887 192.0.2.1 5000 typ relay raddr 10.0.0.1 rport 4000";
constexpr const char *kDescription =
    "v=0\r\na=candidate:1 1 UDP 2015363327 10.0.0.2 4000 typ host\r\n"
    "a=candidate:4 1 UDP 1679819007 192.0.2.2 4000 typ srflx raddr 10.0.0.2 rport 4000\r\na=mid:0";

IceAccount::Settings with_turn()
{
    IceAccount::Settings settings;
    settings.turn = true;
    return settings;
}

bool ends_with(const IceAccount &account, std::string_view end)
{
    return account.sentence().ends_with(end);
}

}  // namespace

TEST(IceAccountTest, CandidatesAreCountedByTypeOnEachSide)
{
    IceAccount account({});
    account.local(kHost);
    account.local(kHost);
    account.local(kTcp);
    account.local("");  // the end marker
    account.remote(kDescription);
    EXPECT_EQ(account.sentence(),
              "here 1 host/tcp, 2 host/udp; there 1 host/udp, 1 srflx/udp; no relay: add --turn");
}

TEST(IceAccountTest, WithoutARelayNothingIsRelayed)
{
    auto settings = with_turn();
    settings.relay_only = true;
    IceAccount account(settings);
    account.remote(kRelay);
    account.server("turn://h:2", false, "refuses user 'a'");
    EXPECT_TRUE(account.hopeless());
    auto other = account;
    other.server("turn://h:2", true, "relays for user 'b'");
    other.server("turn://h:2", false, "refuses user 'c'");
    EXPECT_FALSE(other.hopeless());
    account.local(kRelay);
    EXPECT_FALSE(account.hopeless());

    IceAccount direct(with_turn());
    direct.server("turn://h:2", false, "refuses user 'a'");
    EXPECT_FALSE(direct.hopeless());
}

TEST(IceAccountTest, TheLastWordOnAServerCounts)
{
    IceAccount account({});
    account.local(kHost);
    account.remote(kHost);
    account.server("stun://h:1", false, "has not answered yet");
    account.server("turn://h:2", true, "relays from 192.0.2.1:5000");
    account.server("stun://h:1", false, "no answer");
    EXPECT_EQ(account.sentence(),
              "here 1 host/udp; there 1 host/udp; stun://h:1: no answer; "
              "turn://h:2 relays from 192.0.2.1:5000; no relay: add --turn");
}

TEST(IceAccountTest, AdviceFitsWhatWasTried)
{
    IceAccount silent({});
    silent.local(kHost);
    EXPECT_TRUE(ends_with(silent,
                          "there nothing; the peer sent no candidate: is it still there, "
                          "and has it a network?"));

    IceAccount alone({});
    alone.remote(kHost);
    EXPECT_TRUE(ends_with(alone, "; this machine has no network address"));

    IceAccount refused(with_turn());
    refused.local(kHost);
    refused.remote(kHost);
    refused.server("turn://h:2", false, "refuses user 'a'");
    EXPECT_TRUE(ends_with(refused, "; no relay of ours: mend that, or add another --turn"));

    IceAccount unreached(with_turn());
    unreached.local(kHost);
    unreached.remote(kHost);
    EXPECT_NE(unreached.sentence().find("no relay of ours: add a --turn that"), std::string::npos);

    auto settings = with_turn();
    settings.tcp = false;
    IceAccount blocked(settings);
    blocked.local(kRelay);
    blocked.remote(kRelay);
    EXPECT_NE(blocked.sentence().find("Leave --no-ice-tcp away"), std::string::npos);

    IceAccount hidden(with_turn());
    hidden.local(kRelay);
    hidden.remote(kHost);
    EXPECT_TRUE(ends_with(hidden,
                          "the peer knows no public address of its own: it needs --stun "
                          "or --turn as well"));

    IceAccount hiding({});
    hiding.local(kHost);
    hiding.remote(kRelay);
    EXPECT_TRUE(ends_with(hiding, "no public address of our own is known: add --stun or --turn"));

    IceAccount relayed(with_turn());
    relayed.local(kRelay);
    relayed.remote(kRelay);
    EXPECT_TRUE(ends_with(relayed, "is UDP blocked? Add --turn with ?transport=tcp, or turns:"));
}

}  // namespace callagent
