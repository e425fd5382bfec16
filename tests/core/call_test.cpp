#include "core/call.h"

#include <gtest/gtest.h>

#include "call_actions.h"

namespace callagent {
namespace {

using namespace std::chrono_literals;

const Sdp kOffer{Sdp::Type::Offer, "v=0\r\na=ice-ufrag:abcd\r\n"};
const Sdp kOtherOffer{Sdp::Type::Offer, "v=0\r\na=ice-ufrag:wxyz\r\n"};
const Sdp kAnswer{Sdp::Type::Answer, "v=0\r\na=ice-ufrag:efgh\r\n"};
const Candidate kCandidate{"candidate:1 1 UDP 2122252543 127.0.0.1 50000 typ host", "0", 0};

Call::Config config(Call::Role role)
{
    Call::Config config;
    config.role = role;
    config.number = "111111";
    config.id = "our-call";
    config.wait_timeout = 30s;
    return config;
}

// The page of the tutorial knows no numbers and no calls.
Call::Received page(decltype(Message::body) body)
{
    return {Message{{}, {}, {}, std::move(body)}};
}

Call::Received agent(decltype(Message::body) body, std::string call = "our-call")
{
    return {Message{"222222", "111111", std::move(call), std::move(body)}};
}

Exit exit_of(const Call::Actions &actions)
{
    const auto end = find<Call::End>(actions);
    return end ? end->exit : Exit::Internal;
}

class Offerer : public testing::Test {
protected:
    Offerer() : call(config(Call::Role::Offer)) {}

    void offering()
    {
        EXPECT_TRUE(find<Call::MakeOffer>(call.start()));
        call.handle(Call::SignalingUp{});
        call.handle(Call::Described{kOffer});
        ASSERT_EQ(call.state(), Call::State::Offering);
    }
    void connecting()
    {
        offering();
        call.handle(agent(kAnswer));
        ASSERT_EQ(call.state(), Call::State::Connecting);
    }
    void up()
    {
        connecting();
        call.handle(Call::IceConnected{});
        call.handle(Call::Verified{true});
        ASSERT_EQ(call.state(), Call::State::Secured);
        call.handle(Call::MediaArrived{});
        ASSERT_EQ(call.state(), Call::State::Up);
    }

    Call call;
};

class Answerer : public testing::Test {
protected:
    Answerer() : call(config(Call::Role::Answer)) {}

    void waiting()
    {
        EXPECT_EQ(call.start(), Call::Actions{});
        call.handle(Call::SignalingUp{});
        ASSERT_EQ(call.state(), Call::State::Waiting);
    }
    void answered(const Call::Received &offer)
    {
        waiting();
        call.handle(offer);
        ASSERT_EQ(call.state(), Call::State::Answering);
        call.handle(Call::Described{kAnswer});
        ASSERT_EQ(call.state(), Call::State::Connecting);
    }
    void up(const Call::Received &offer)
    {
        answered(offer);
        call.handle(Call::Verified{true});
        call.handle(Call::MediaArrived{});
        ASSERT_EQ(call.state(), Call::State::Up);
    }

    Call call;
};

TEST_F(Offerer, SendsItsOfferWhenBothItAndSignalingAreReady)
{
    call.start();
    EXPECT_FALSE(sent<Sdp>(call.handle(Call::Described{kOffer})));
    const auto actions = call.handle(Call::SignalingUp{});
    ASSERT_TRUE(sent<Sdp>(actions));
    EXPECT_EQ(sent<Sdp>(actions)->call, "our-call");
    EXPECT_EQ(sent<Sdp>(actions)->from, "111111");
}

TEST_F(Offerer, OffersAgainWithItsCandidatesWhenSomebodyJoins)
{
    offering();
    EXPECT_TRUE(sent<Candidate>(call.handle(Call::Gathered{kCandidate})));
    const auto actions = call.handle(page(Joined{"222222"}));
    EXPECT_TRUE(sent<Sdp>(actions));
    EXPECT_TRUE(sent<Candidate>(actions));
}

TEST_F(Offerer, OffersEveryThreeSecondsOverADumbRelayOnly)
{
    offering();
    const auto again = call.handle(Call::Elapsed{Call::Timer::Reoffer});
    EXPECT_TRUE(sent<Sdp>(again));
    ASSERT_TRUE(find<Call::StartTimer>(again));
    EXPECT_EQ(find<Call::StartTimer>(again)->after, 3s);

    call.handle(page(Id{"333333"}));
    EXPECT_EQ(call.number(), "333333");
    EXPECT_EQ(call.handle(Call::Elapsed{Call::Timer::Reoffer}), Call::Actions{});
}

TEST_F(Offerer, OffersAgainWhenSignalingComesBack)
{
    offering();
    call.handle(Call::SignalingDown{});
    EXPECT_TRUE(sent<Sdp>(call.handle(Call::SignalingUp{})));
}

TEST_F(Offerer, AcceptsTheFirstAnswerAndNoOther)
{
    offering();
    EXPECT_TRUE(find<Call::Accept>(call.handle(agent(kAnswer))));
    EXPECT_EQ(call.peer(), "222222");
    EXPECT_EQ(call.handle(agent(kAnswer)), Call::Actions{});
}

TEST_F(Offerer, TakesAnAnswerWithoutNumberOrCall)
{
    offering();
    EXPECT_TRUE(find<Call::Accept>(call.handle(page(kAnswer))));
}

TEST_F(Offerer, IgnoresWhatIsForOthersOrOfAnotherCall)
{
    offering();
    EXPECT_EQ(call.handle(Call::Received{{"222222", "444444", "our-call", kAnswer}}),
              Call::Actions{});
    EXPECT_EQ(call.handle(agent(kAnswer, "another-call")), Call::Actions{});
    EXPECT_EQ(call.handle(Call::Received{{"111111", "", "our-call", kAnswer}}), Call::Actions{});
}

TEST_F(Offerer, CandidatesThatComeFirstAreAddedAfterTheAnswer)
{
    offering();
    EXPECT_EQ(call.handle(agent(kCandidate)), Call::Actions{});
    const auto actions = call.handle(agent(kAnswer));
    ASSERT_TRUE(find<Call::AddCandidate>(actions));
    EXPECT_EQ(find<Call::AddCandidate>(actions)->candidate, kCandidate);
}

TEST_F(Offerer, NobodyAnswersIsFour)
{
    offering();
    EXPECT_EQ(exit_of(call.handle(Call::Elapsed{Call::Timer::Wait})), Exit::NoPeer);
}

TEST_F(Offerer, ButThreeWhereTheServerIsGone)
{
    offering();
    call.handle(Call::SignalingDown{});
    EXPECT_EQ(exit_of(call.handle(Call::Elapsed{Call::Timer::Wait})), Exit::Signaling);
}

TEST_F(Offerer, TwoOfferersAreToldSo)
{
    offering();
    EXPECT_EQ(call.handle(Call::Received{{"222222", "", "their-call", kOffer}}), Call::Actions{});
    const auto actions = call.handle(Call::Elapsed{Call::Timer::Wait});
    EXPECT_NE(find<Call::End>(actions)->reason.find("--answer"), std::string::npos);
}

TEST_F(Offerer, BusyEndsTheCallUnlessSomebodyElseAnswers)
{
    offering();
    EXPECT_TRUE(find<Call::StartTimer>(call.handle(agent(Busy{}))));
    EXPECT_EQ(exit_of(call.handle(Call::Elapsed{Call::Timer::Busy})), Exit::Refused);
}

TEST(CallTest, BusyEndsACallToANumberAtOnce)
{
    auto to = config(Call::Role::Offer);
    to.to = "222222";
    Call call(to);
    call.start();
    call.handle(Call::SignalingUp{});
    call.handle(Call::Described{kOffer});
    EXPECT_EQ(exit_of(call.handle(agent(Busy{}))), Exit::Refused);
}

TEST(CallTest, AnUnknownNumberIsFourAtOnce)
{
    auto to = config(Call::Role::Offer);
    to.to = "222222";
    Call call(to);
    call.start();
    call.handle(Call::SignalingUp{});
    const auto actions = call.handle(page(Unknown{"222222"}));
    EXPECT_EQ(exit_of(actions), Exit::NoPeer);
    EXPECT_NE(find<Call::End>(actions)->reason.find("222222"), std::string::npos);
}

TEST_F(Offerer, NoPathIsSixAndThePeerIsTold)
{
    connecting();
    const auto actions = call.handle(Call::Elapsed{Call::Timer::Ice});
    EXPECT_EQ(exit_of(actions), Exit::Ice);
    ASSERT_TRUE(sent<Bye>(actions));
    EXPECT_EQ(std::get<Bye>(sent<Bye>(actions)->body).reason, "ice");
}

TEST_F(Offerer, AByeNamesWhatWentWrongThere)
{
    connecting();
    const auto actions = call.handle(agent(Bye{"negotiation"}));
    EXPECT_EQ(exit_of(actions), Exit::Negotiation);
    EXPECT_NE(find<Call::End>(actions)->reason.find("codec"), std::string::npos);
}

TEST_F(Offerer, AByeWithACauseEndsUsWithItsStatus)
{
    const std::pair<const char *, Exit> causes[] = {
        {"ice", Exit::Ice},        {"dtls", Exit::Dtls},
        {"media", Exit::Media},    {"negotiation", Exit::Negotiation},
        {"hangup", Exit::Refused}, {"error", Exit::Refused},
        {"", Exit::Refused}};
    for (const auto &[word, exit] : causes) {
        call = Call(config(Call::Role::Offer));
        connecting();
        EXPECT_EQ(exit_of(call.handle(agent(Bye{word}))), exit) << word;
    }
}

TEST_F(Offerer, AByeInsteadOfAnAnswerIsARefusal)
{
    offering();
    EXPECT_EQ(call.handle(agent(Bye{"negotiation"}, "another-call")), Call::Actions{});
    EXPECT_TRUE(find<Call::StartTimer>(call.handle(agent(Bye{"negotiation"}))));
    EXPECT_EQ(exit_of(call.handle(Call::Elapsed{Call::Timer::Busy})), Exit::Negotiation);
}

TEST_F(Offerer, NoPathThereIsNoPathHere)
{
    connecting();
    EXPECT_EQ(exit_of(call.handle(agent(Bye{"ice"}))), Exit::Ice);
}

TEST_F(Offerer, AByeBeforeMediaIsARefusal)
{
    connecting();
    EXPECT_EQ(exit_of(call.handle(agent(Bye{"hangup"}))), Exit::Refused);
}

TEST_F(Offerer, AByeAfterMediaIsSuccess)
{
    up();
    EXPECT_EQ(exit_of(call.handle(agent(Bye{"hangup"}))), Exit::Ok);
    EXPECT_EQ(call.handle(agent(Bye{"media"})), Call::Actions{});  // Ended absorbs everything
}

TEST_F(Offerer, HangingUpIsSuccessOnlyWhenTheCallStood)
{
    up();
    const auto actions = call.handle(Call::HangUp{Exit::Interrupted, "SIGINT"});
    EXPECT_EQ(exit_of(actions), Exit::Ok);
    EXPECT_TRUE(sent<Bye>(actions));
}

TEST_F(Offerer, HangingUpBeforeIs130)
{
    connecting();
    EXPECT_EQ(exit_of(call.handle(Call::HangUp{Exit::Interrupted, "SIGINT"})), Exit::Interrupted);
}

TEST_F(Offerer, SignalingMayFailForGoodInMidCall)
{
    up();
    const auto actions = call.handle(Call::Failed{{Exit::Signaling, "gone"}});
    EXPECT_TRUE(find<Call::Warn>(actions));
    EXPECT_EQ(call.state(), Call::State::Up);
}

TEST_F(Offerer, SignalingThatFailsBeforeIsThree)
{
    connecting();
    EXPECT_EQ(exit_of(call.handle(Call::Failed{{Exit::Signaling, "gone"}})), Exit::Signaling);
}

TEST_F(Offerer, TheEndOfTheFileHangsUpAfterADrain)
{
    up();
    EXPECT_TRUE(find<Call::StartTimer>(call.handle(Call::SourceEnded{})));
    EXPECT_EQ(exit_of(call.handle(Call::Elapsed{Call::Timer::Drain})), Exit::Ok);
}

TEST_F(Offerer, MediaThatDiesIsEight)
{
    up();
    EXPECT_EQ(exit_of(call.handle(Call::MediaDied{"stopped"})), Exit::Media);
}

TEST_F(Offerer, APeerThatLeftTheServerAndWhoseMediaDiesHasHungUp)
{
    up();
    EXPECT_EQ(call.handle(page(Left{"222222"})), (Call::Actions{Call::Suspect{true}}));
    EXPECT_EQ(exit_of(call.handle(Call::MediaDied{"stopped"})), Exit::Ok);
}

TEST_F(Offerer, APeerThatComesBackToTheServerIsNotSuspectedAnyMore)
{
    up();
    call.handle(page(Left{"222222"}));
    EXPECT_EQ(call.handle(page(Joined{"222222"})), (Call::Actions{Call::Suspect{false}}));
    EXPECT_EQ(exit_of(call.handle(Call::MediaDied{"stopped"})), Exit::Media);
}

TEST_F(Answerer, RingsAndAnswersTheFirstOffer)
{
    waiting();
    const auto actions = call.handle(agent(kOffer, "their-call"));
    EXPECT_TRUE(sent<Ringing>(actions));
    EXPECT_EQ(sent<Ringing>(actions)->call, "their-call");
    EXPECT_TRUE(find<Call::MakeAnswer>(actions));
    const auto answered = call.handle(Call::Described{kAnswer});
    ASSERT_TRUE(sent<Sdp>(answered));
    EXPECT_EQ(sent<Sdp>(answered)->to, "222222");
}

class Asked : public Answerer {
protected:
    Asked()
    {
        auto asking = config(Call::Role::Answer);
        asking.ask = true;
        call = Call(asking);
    }
    void ringing()
    {
        waiting();
        call.handle(agent(kOffer, "their-call"));
        ASSERT_EQ(call.state(), Call::State::Ringing);
    }
};

TEST_F(Asked, RingsAndAnswersOnlyWhenSomebodyAccepts)
{
    waiting();
    EXPECT_EQ(call.handle(Call::Accepted{}), Call::Actions{});
    const auto actions = call.handle(agent(kOffer, "their-call"));
    EXPECT_TRUE(sent<Ringing>(actions));
    EXPECT_EQ(find<Call::Ask>(actions), Call::Ask{"222222"});
    EXPECT_FALSE(find<Call::MakeAnswer>(actions));
    EXPECT_EQ(find<Call::StartTimer>(actions), (Call::StartTimer{Call::Timer::Ring, Call::kRing}));
    EXPECT_EQ(call.handle(Call::Accepted{}),
              (Call::Actions{Call::StopTimer{Call::Timer::Ring}, Call::MakeAnswer{kOffer}}));
    EXPECT_EQ(call.state(), Call::State::Answering);
    EXPECT_EQ(call.handle(Call::Accepted{}), Call::Actions{});
    EXPECT_EQ(call.handle(Call::Elapsed{Call::Timer::Ring}), Call::Actions{});
}

TEST_F(Asked, CandidatesThatComeWhileItRingsAreKept)
{
    ringing();
    EXPECT_EQ(call.handle(agent(kCandidate, "their-call")), Call::Actions{});
    call.handle(Call::Accepted{});
    EXPECT_EQ(find<Call::AddCandidate>(call.handle(Call::Described{kAnswer})),
              Call::AddCandidate{kCandidate});
}

TEST_F(Asked, ARejectionSaysWhy)
{
    ringing();
    const auto actions = call.handle(Call::Declined{"in a meeting"});
    ASSERT_TRUE(sent<Reject>(actions));
    EXPECT_EQ(std::get<Reject>(sent<Reject>(actions)->body).reason, "in a meeting");
    EXPECT_EQ(sent<Reject>(actions)->to, "222222");
    EXPECT_EQ(sent<Reject>(actions)->call, "their-call");
    EXPECT_EQ(exit_of(actions), Exit::Refused);
}

TEST_F(Asked, NobodyAcceptsWithinAMinute)
{
    ringing();
    const auto actions = call.handle(Call::Elapsed{Call::Timer::Ring});
    ASSERT_TRUE(sent<Reject>(actions));
    EXPECT_EQ(std::get<Reject>(sent<Reject>(actions)->body).reason, "no answer");
    EXPECT_EQ(exit_of(actions), Exit::Refused);
}

TEST_F(Asked, TheLastOfferOfTheCallerIsTheOneAccepted)
{
    ringing();
    EXPECT_EQ(call.handle(agent(kOffer, "their-call")), Call::Actions{});
    call.handle(agent(kOtherOffer, "their-call"));
    EXPECT_EQ(find<Call::MakeAnswer>(call.handle(Call::Accepted{})), Call::MakeAnswer{kOtherOffer});
}

TEST_F(Asked, AnotherCallerHearsBusyAndReplacesNothing)
{
    ringing();
    EXPECT_TRUE(sent<Busy>(call.handle(Call::Received{{"333333", "", "third-call", kOtherOffer}})));
    EXPECT_EQ(call.handle(page(kOtherOffer)), Call::Actions{});  // of whom, it does not say
    EXPECT_EQ(find<Call::MakeAnswer>(call.handle(Call::Accepted{})), Call::MakeAnswer{kOffer});
}

TEST_F(Asked, ACallerThatGoesEndsTheRinging)
{
    ringing();
    Call other = call;
    EXPECT_EQ(exit_of(call.handle(agent(Bye{"hangup"}, "their-call"))), Exit::Refused);
    EXPECT_EQ(exit_of(other.handle(page(Left{"222222"}))), Exit::Refused);
}

TEST_F(Asked, AHangUpWhileItRingsTellsTheCaller)
{
    ringing();
    const auto actions = call.handle(Call::HangUp{Exit::Interrupted, "SIGINT"});
    EXPECT_TRUE(sent<Bye>(actions));
    EXPECT_EQ(exit_of(actions), Exit::Interrupted);
}

TEST_F(Answerer, AnswersTheSameOfferAgain)
{
    answered(agent(kOffer, "their-call"));
    EXPECT_TRUE(sent<Sdp>(call.handle(agent(kOffer, "their-call"))));
    EXPECT_EQ(call.state(), Call::State::Connecting);
}

TEST_F(Answerer, ASecondCallerHearsBusy)
{
    up(agent(kOffer, "their-call"));
    const auto actions = call.handle(Call::Received{{"333333", "", "third-call", kOtherOffer}});
    ASSERT_TRUE(sent<Busy>(actions));
    EXPECT_EQ(sent<Busy>(actions)->to, "333333");
    EXPECT_EQ(sent<Busy>(actions)->call, "third-call");
    EXPECT_EQ(call.state(), Call::State::Up);
}

TEST_F(Answerer, APageThatStartsTwiceIsAnsweredTwice)
{
    up(page(kOffer));
    EXPECT_TRUE(sent<Sdp>(call.handle(page(kOffer))));
    EXPECT_EQ(call.handle(page(kOtherOffer)), Call::Actions{});
}

TEST_F(Answerer, BadCandidatesAreWarnedOfAFewTimesOnly)
{
    answered(agent(kOffer, "their-call"));
    int warnings = 0;
    for (int i = 0; i < 100; ++i)
        warnings +=
            find<Call::Warn>(call.handle(agent(Candidate{"nonsense", "0", 0}, "their-call")))
                .has_value();
    EXPECT_EQ(warnings, 3);
}

TEST_F(Answerer, AHundredThousandCandidatesAreOneWarning)
{
    answered(agent(kOffer, "their-call"));
    int warnings = 0, added = 0;
    for (int i = 0; i < 100'000; ++i) {
        const auto actions = call.handle(agent(kCandidate, "their-call"));
        warnings += find<Call::Warn>(actions).has_value();
        added += find<Call::AddCandidate>(actions).has_value();
    }
    EXPECT_EQ(warnings, 1);
    EXPECT_EQ(added, static_cast<int>(Call::kMaxCandidates));
}

TEST_F(Answerer, ClosedMediaIsAHangUp)
{
    up(page(kOffer));
    EXPECT_EQ(exit_of(call.handle(Call::PeerClosed{})), Exit::Ok);
}

TEST_F(Answerer, WhoLeavesBeforeMediaHasHungUpEarly)
{
    answered(agent(kOffer, "their-call"));
    EXPECT_EQ(exit_of(call.handle(page(Left{"222222"}))), Exit::Refused);
}

}  // namespace
}  // namespace callagent
