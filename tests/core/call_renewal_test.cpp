#include <gtest/gtest.h>

#include "call_actions.h"
#include "core/call.h"

namespace callagent {
namespace {

using namespace std::chrono_literals;
using Renewal = Call::Renewal;

Sdp sdp(Sdp::Type type, const std::string &ufrag, const std::string &certificate)
{
    return {type,
            "v=0\r\na=ice-ufrag:" + ufrag + "\r\na=fingerprint:sha-256 " + certificate + "\r\n"};
}

Sdp offer(const std::string &ufrag, const std::string &certificate = "AA:AA")
{
    return sdp(Sdp::Type::Offer, ufrag, certificate);
}

Sdp answer(const std::string &ufrag, const std::string &certificate = "BB:BB")
{
    return sdp(Sdp::Type::Answer, ufrag, certificate);
}

const Candidate kCandidate{"candidate:1 1 UDP 2122252543 127.0.0.1 50000 typ host", "0", 0};

Call::Received peer(decltype(Message::body) body, std::string connection = "",
                    std::string from = "222222")
{
    return {Message{std::move(from), "111111", "the-call", std::move(body), std::move(connection)}};
}

// A call that is up, of either role; its first connection has the ufrags "one" and "two".
class RenewalTest : public testing::TestWithParam<Call::Role> {
protected:
    RenewalTest() : call(config(GetParam()))
    {
        call.start();
        call.handle(Call::SignalingUp{});
        if (GetParam() == Call::Role::Offer) {
            call.handle(Call::Described{offer("one")});
            call.handle(peer(answer("two")));
        } else {
            call.handle(peer(offer("two", "BB:BB")));
            call.handle(Call::Described{answer("one", "AA:AA")});
        }
        call.handle(Call::Verified{true});
        call.handle(Call::MediaArrived{});
        EXPECT_EQ(call.state(), Call::State::Up);
    }

    static Call::Config config(Call::Role role)
    {
        Call::Config config;
        config.role = role;
        config.number = "111111";
        config.id = "the-call";
        return config;
    }

    void offering()
    {
        EXPECT_EQ(call.handle(Call::PathLost{}),
                  (Call::Actions{Call::MakeOffer{}, Call::StartTimer{Call::Timer::Renew, 1s}}));
        call.handle(Call::Described{offer("three")});
        ASSERT_EQ(call.renewal(), Renewal::Offering);
    }
    void connecting()
    {
        offering();
        call.handle(peer(answer("four"), "three"));
        ASSERT_EQ(call.renewal(), Renewal::Connecting);
    }

    Call call;
};

using Role = Call::Role;
INSTANTIATE_TEST_SUITE_P(Renewal, RenewalTest, testing::Values(Role::Offer, Role::Answer));

TEST_P(RenewalTest, ALostPathIsOfferedAnewAndTheAnswerTaken)
{
    EXPECT_TRUE(find<Call::MakeOffer>(call.handle(Call::PathLost{})));
    const auto offered = call.handle(Call::Described{offer("three")});
    ASSERT_TRUE(sent<Sdp>(offered));
    EXPECT_EQ(sent<Sdp>(offered)->call, "the-call");
    EXPECT_EQ(sent<Sdp>(offered)->to, "222222");
    EXPECT_EQ(sent<Sdp>(offered)->connection, "three");
    const auto accepted = call.handle(peer(answer("four"), "three"));
    EXPECT_EQ(accepted,
              (Call::Actions{Call::Accept{answer("four")},
                             Call::StartTimer{Call::Timer::Renew, Call::kRenewalDeadline}}));
    EXPECT_EQ(call.handle(Call::Renewed{}), (Call::Actions{Call::StopTimer{Call::Timer::Renew}}));
    EXPECT_EQ(call.renewal(), Renewal::None);
    EXPECT_EQ(call.state(), Call::State::Up);
}

TEST_P(RenewalTest, ThePeersOfferIsAnswered)
{
    EXPECT_EQ(call.handle(peer(offer("four", "BB:BB"), "four")),
              (Call::Actions{Call::MakeAnswer{offer("four", "BB:BB")},
                             Call::StartTimer{Call::Timer::Renew, Call::kRenewalDeadline}}));
    EXPECT_EQ(call.handle(peer(kCandidate, "four")), Call::Actions{});
    const auto answered = call.handle(Call::Described{answer("three", "AA:AA")});
    ASSERT_TRUE(sent<Sdp>(answered));
    EXPECT_EQ(sent<Sdp>(answered)->connection, "four");
    EXPECT_EQ(find<Call::AddCandidate>(answered), Call::AddCandidate{kCandidate});
    EXPECT_EQ(call.renewal(), Renewal::Connecting);
    // Again, because our answer was not seen yet.
    EXPECT_TRUE(sent<Sdp>(call.handle(peer(offer("four", "BB:BB"), "four"))));
    EXPECT_EQ(call.renewal(), Renewal::Connecting);
}

TEST_P(RenewalTest, AnAnswerToAnEarlierOfferIsTooLate)
{
    offering();
    EXPECT_EQ(call.handle(peer(answer("old"), "another")), Call::Actions{});
    EXPECT_EQ(call.handle(peer(kCandidate, "another")), Call::Actions{});
    const auto accepted = call.handle(peer(answer("four"), "three"));
    EXPECT_TRUE(find<Call::Accept>(accepted));
    EXPECT_FALSE(find<Call::AddCandidate>(accepted));
}

TEST_P(RenewalTest, CandidatesOfTheFormerConnectionAreNone)
{
    connecting();
    EXPECT_EQ(call.handle(peer(kCandidate, "another")), Call::Actions{});
    EXPECT_EQ(call.handle(peer(kCandidate, "three")),
              (Call::Actions{Call::AddCandidate{kCandidate}}));
}

TEST_P(RenewalTest, NoPathIsLookedForBeforeThereWasMedia)
{
    Call fresh(config(GetParam()));
    EXPECT_EQ(fresh.handle(Call::PathLost{}), Call::Actions{});
}

TEST_P(RenewalTest, TheOfferIsRepeatedEachSecond)
{
    offering();
    const auto again = call.handle(Call::Elapsed{Call::Timer::Renew});
    EXPECT_TRUE(sent<Sdp>(again));
    EXPECT_EQ(find<Call::StartTimer>(again)->after, 1s);
    EXPECT_FALSE(find<Call::MakeOffer>(again));
}

TEST_P(RenewalTest, WithoutSignalingItWaitsAndOffersWhenThatIsBack)
{
    call.handle(Call::SignalingDown{});
    call.handle(Call::PathLost{});
    EXPECT_EQ(call.handle(Call::Described{offer("three")}), Call::Actions{});
    EXPECT_EQ(call.handle(Call::Gathered{kCandidate}), Call::Actions{});
    const auto up = call.handle(Call::SignalingUp{});
    EXPECT_TRUE(sent<Sdp>(up));
    EXPECT_TRUE(sent<Candidate>(up));
}

TEST_P(RenewalTest, APathThatComesBackByItselfNeedsNoNewConnection)
{
    offering();
    EXPECT_EQ(call.handle(Call::PathBack{}),
              (Call::Actions{Call::StopTimer{Call::Timer::Renew}, Call::Abandon{}}));
    EXPECT_EQ(call.handle(peer(answer("four"), "three")), Call::Actions{});
}

TEST_P(RenewalTest, ButOneThatWasAnsweredIsMade)
{
    connecting();
    EXPECT_EQ(call.handle(Call::PathBack{}), Call::Actions{});
    EXPECT_EQ(call.renewal(), Renewal::Connecting);
}

TEST_P(RenewalTest, OtherAddressesAreOfferedAnew)
{
    EXPECT_EQ(call.handle(Call::NetworkChanged{}), Call::Actions{});  // the path is fine
    offering();
    EXPECT_TRUE(find<Call::MakeOffer>(call.handle(Call::NetworkChanged{})));
    EXPECT_EQ(call.handle(peer(answer("four"), "three")), Call::Actions{});
}

TEST_P(RenewalTest, AConnectionThatDoesNotComeAboutIsTriedAgain)
{
    connecting();
    EXPECT_TRUE(find<Call::MakeOffer>(call.handle(Call::Elapsed{Call::Timer::Renew})));
    call.handle(Call::Described{offer("five")});
    EXPECT_EQ(call.handle(Call::RenewalFailed{}),
              (Call::Actions{Call::Abandon{}, Call::StartTimer{Call::Timer::Renew, 1s}}));
    EXPECT_TRUE(find<Call::MakeOffer>(call.handle(Call::Elapsed{Call::Timer::Renew})));
}

TEST_P(RenewalTest, AnOfferThatLeadsNowhereIsForgottenAndMayComeAgain)
{
    call.handle(peer(offer("four", "BB:BB"), "four"));
    call.handle(Call::Described{answer("three", "AA:AA")});
    EXPECT_EQ(call.handle(Call::Elapsed{Call::Timer::Renew}),
              (Call::Actions{Call::StopTimer{Call::Timer::Renew}, Call::Abandon{}}));
    EXPECT_TRUE(find<Call::MakeAnswer>(call.handle(peer(offer("four", "BB:BB"), "four"))));
}

TEST_P(RenewalTest, WhenBothOfferTheCallersCounts)
{
    offering();
    const auto actions = call.handle(peer(offer("four", "BB:BB"), "four", "333333"));
    EXPECT_EQ(find<Call::FoundPeer>(actions), Call::FoundPeer{"333333"});
    if (GetParam() == Role::Offer) {
        EXPECT_FALSE(find<Call::MakeAnswer>(actions));
        ASSERT_TRUE(sent<Sdp>(actions));
        EXPECT_EQ(sent<Sdp>(actions)->to, "333333");
        EXPECT_EQ(call.renewal(), Renewal::Offering);
    } else {
        EXPECT_TRUE(find<Call::MakeAnswer>(actions));
        EXPECT_EQ(call.renewal(), Renewal::Answering);
    }
}

TEST_P(RenewalTest, APeerWithAnotherNumberIsKnownByItsCertificate)
{
    EXPECT_TRUE(
        find<Call::MakeAnswer>(call.handle(peer(offer("four", "BB:BB"), "four", "333333"))));
    EXPECT_EQ(call.peer(), "333333");
}

TEST_P(RenewalTest, NobodyElseTakesACallOver)
{
    EXPECT_FALSE(
        find<Call::MakeAnswer>(call.handle(peer(offer("four", "CC:CC"), "four", "333333"))));
    auto both = offer("four", "BB:BB");
    both.sdp += "a=fingerprint:sha-256 CC:CC\r\n";
    EXPECT_FALSE(find<Call::MakeAnswer>(call.handle(peer(both, "four", "333333"))));
    EXPECT_EQ(call.peer(), "222222");
    offering();
    EXPECT_EQ(call.handle(peer(answer("four", "CC:CC"), "three", "333333")), Call::Actions{});
}

TEST_P(RenewalTest, APeerThatIsThereAgainIsNotSuspectedAnyMore)
{
    call.handle(Call::Received{{"", "", "", Left{"222222"}}});
    const auto actions = call.handle(peer(offer("four", "BB:BB"), "four", "333333"));
    EXPECT_EQ(find<Call::Suspect>(actions), Call::Suspect{false});
}

TEST_P(RenewalTest, MediaThatStaysAwayIsStillEight)
{
    offering();
    const auto end = find<Call::End>(call.handle(Call::MediaDied{"stopped"}));
    ASSERT_TRUE(end);
    EXPECT_EQ(end->exit, Exit::Media);
}

// The tutorial's page has no calls, and one connection for all its life.
class PageRenewalTest : public testing::Test {
protected:
    PageRenewalTest() : call(config())
    {
        call.start();
        call.handle(Call::SignalingUp{});
        call.handle(Call::Described{offer("one")});
        call.handle(page(answer("two")));
        call.handle(Call::Verified{true});
        call.handle(Call::MediaArrived{});
    }

    static Call::Config config()
    {
        Call::Config config;
        config.number = "111111";
        config.id = "the-call";
        return config;
    }

    static Call::Received page(decltype(Message::body) body)
    {
        return Call::Received{Message{"222222", {}, {}, std::move(body)}};  // the relay knows it
    }

    void offering()
    {
        EXPECT_EQ(find<Call::MakeOffer>(call.handle(Call::PathLost{true})), Call::MakeOffer{true});
        EXPECT_EQ(call.handle(Call::Described{offer("three")}), Call::Actions{});
        EXPECT_EQ(call.handle(Call::Gathered{kCandidate}), Call::Actions{});
    }

    Call call;
};

TEST_F(PageRenewalTest, APageIsOfferedAnotherConnectionWhereOurAddressIsGone)
{
    offering();
    const auto offered = call.handle(Call::Elapsed{Call::Timer::Renew});
    EXPECT_TRUE(sent<Sdp>(offered));
    EXPECT_TRUE(sent<Candidate>(offered));
    EXPECT_EQ(call.handle(Call::PathBack{}), Call::Actions{});  // it has left that path
    EXPECT_TRUE(find<Call::Accept>(call.handle(page(answer("four", "DD:DD")))));
}

TEST_F(PageRenewalTest, OtherPathsComeBackByThemselves)
{
    EXPECT_EQ(call.handle(Call::PathLost{}), Call::Actions{});
    offering();
    EXPECT_EQ(call.handle(Call::SignalingUp{}),
              (Call::Actions{Call::StartTimer{Call::Timer::Renew, 1s}}));
    EXPECT_TRUE(find<Call::Abandon>(call.handle(Call::PathBack{})));
}

}  // namespace
}  // namespace callagent
