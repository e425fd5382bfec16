#include "core/call.h"

#include "core/call_words.h"

namespace callagent {
const char *bye_word(Exit exit)
{
    switch (exit) {
        case Exit::Ice:
            return kIce;
        case Exit::Dtls:
            return kDtls;
        case Exit::Media:
            return kMedia;
        case Exit::Negotiation:
            return kNegotiation;
        case Exit::Ok:
        case Exit::Interrupted:
        case Exit::Terminated:
            return kHangup;
        case Exit::Internal:
        case Exit::Usage:
        case Exit::Signaling:
        case Exit::NoPeer:
        case Exit::Device:
        case Exit::Expect:
        case Exit::Refused:
            return kError;
    }
    return kError;
}

namespace {

std::string seconds(std::chrono::milliseconds time)
{
    const auto tenths = time.count() / 100;
    auto text = std::to_string(tenths / 10);
    if (tenths % 10 != 0)
        text += "." + std::to_string(tenths % 10);
    return text + " s";
}

}  // namespace

const char *name(Call::State state)
{
    switch (state) {
        case Call::State::Joining:
            return "joining";
        case Call::State::Offering:
            return "offering";
        case Call::State::Waiting:
            return "waiting";
        case Call::State::Ringing:
            return "ringing";
        case Call::State::Answering:
            return "answering";
        case Call::State::Connecting:
            return "connecting";
        case Call::State::Secured:
            return "secured";
        case Call::State::Up:
            return "up";
        case Call::State::Ended:
            return "ended";
    }
    return "";
}

const char *name(Call::Timer timer)
{
    switch (timer) {
        case Call::Timer::Wait:
            return "wait";
        case Call::Timer::Reoffer:
            return "reoffer";
        case Call::Timer::Ring:
            return "ring";
        case Call::Timer::Busy:
            return "busy";
        case Call::Timer::Ice:
            return "ice";
        case Call::Timer::Dtls:
            return "dtls";
        case Call::Timer::Duration:
            return "duration";
        case Call::Timer::Drain:
            return "drain";
        case Call::Timer::Renew:
            return "renew";
    }
    return "";
}

Call::Actions Call::start() const
{
    if (config_.role == Role::Offer)
        return {MakeOffer{}};
    return {};
}

Call::Actions Call::handle(const Event &event)
{
    if (state_ == State::Ended)
        return {};
    return std::visit([this](const auto &what) { return on(what); }, event);
}

Call::Actions Call::on(const Described &described)
{
    local_ = described.sdp;
    if (renewal_ != Renewal::None)
        return describe_renewal();
    if (state_ == State::Answering) {
        state_ = State::Connecting;
        Actions actions = describe();
        actions.emplace_back(StartTimer{Timer::Ice, kIceDeadline});
        take_early(actions);
        return actions;
    }
    return state_ == State::Offering && connected_ ? describe() : Actions{};
}

Call::Actions Call::on(const Gathered &gathered)
{
    gathered_.push_back(gathered.candidate);
    const bool described = local_ && state_ != State::Joining && state_ != State::Answering;
    const bool later = renewal_ != Renewal::None && !(connected_ && offered_);
    if (!described || later)
        return {};
    return {Send{addressed(gathered.candidate)}};
}

Call::Actions Call::on(const IceConnected &)
{
    if (state_ != State::Connecting)
        return {};
    return {StopTimer{Timer::Ice}, StartTimer{Timer::Dtls, kDtlsDeadline}};
}

Call::Actions Call::on(const Verified &verified)
{
    if (state_ != State::Connecting)
        return {};
    state_ = verified.media_expected ? State::Secured : State::Up;
    Actions actions{StopTimer{Timer::Ice}, StopTimer{Timer::Dtls}};
    if (config_.duration.count() > 0)
        actions.emplace_back(StartTimer{Timer::Duration, config_.duration});
    return actions;
}

Call::Actions Call::on(const MediaArrived &)
{
    if (state_ == State::Secured)
        state_ = State::Up;
    return {};
}

Call::Actions Call::on(const MediaDied &died)
{
    if (!stands())
        return {};
    if (peer_left_ && state_ == State::Up)
        return end(Exit::Ok, who(peer_) + " left");
    return hang_up(kMedia, Exit::Media, died.reason);
}

Call::Actions Call::on(const PeerClosed &)
{
    // The same words as for a bye: which of the two comes first is chance.
    if (state_ == State::Up)
        return end(Exit::Ok, who(peer_) + " hung up");
    if (state_ == State::Connecting || state_ == State::Secured)
        return end(Exit::Refused, who(peer_) + " hung up before any media flowed");
    return {};
}

Call::Actions Call::on(const SourceEnded &) const
{
    if (!stands())
        return {};
    return {StartTimer{Timer::Drain, kDrain}};
}

Call::Actions Call::on(const Accepted &)
{
    if (state_ != State::Ringing)
        return {};
    state_ = State::Answering;
    return {StopTimer{Timer::Ring}, MakeAnswer{*remote_}};
}

Call::Actions Call::on(const Declined &declined)
{
    if (state_ != State::Ringing)
        return {};
    return decline(declined.reason, "the call of " + who(peer_) + " was declined");
}

Call::Actions Call::decline(std::string word, std::string reason)
{
    Actions actions{Send{addressed(Reject{std::move(word)})}};
    append(actions, end(Exit::Refused, std::move(reason)));
    return actions;
}

Call::Actions Call::on(const HangUp &hang)
{
    if (stands())
        return hang_up(kHangup, Exit::Ok, hang.reason);
    return hang_up(kHangup, hang.otherwise, hang.reason + " before the call stood");
}

Call::Actions Call::on(const Failed &failed)
{
    // Without signaling a call that stands goes on.
    if (failed.failure.exit == Exit::Signaling && stands())
        return {Warn{{"signaling-lost", failed.failure.reason}}};
    return hang_up(bye_word(failed.failure.exit), failed.failure.exit, failed.failure.reason);
}

Call::Actions Call::on(const Elapsed &elapsed)
{
    switch (elapsed.timer) {
        case Timer::Wait:
            return nobody();
        case Timer::Reoffer: {
            if (state_ != State::Offering || relay_tells_)
                return {};
            Actions actions = connected_ ? describe() : Actions{};
            actions.emplace_back(StartTimer{Timer::Reoffer, kReoffer});
            return actions;
        }
        case Timer::Ring:
            return state_ == State::Ringing
                       ? decline("no answer", "nobody accepted the call of " + who(peer_) +
                                                  " within " + seconds(kRing))
                       : Actions{};
        case Timer::Busy:
            return state_ == State::Offering
                       ? end(refusal_->exit, refusal_->reason + ": try again later")
                       : Actions{};
        case Timer::Ice:
            if (state_ != State::Connecting)
                return {};
            return hang_up(
                kIce, Exit::Ice,
                "ICE found no path to " + who(peer_) + " within " + seconds(kIceDeadline));
        case Timer::Dtls:
            if (state_ != State::Connecting)
                return {};
            return hang_up(kDtls, Exit::Dtls,
                           "the DTLS handshake with " + who(peer_) + " did not end within " +
                               seconds(kDtlsDeadline));
        case Timer::Duration:
            return stands() ? hang_up(kHangup, Exit::Ok, "--duration is over") : Actions{};
        case Timer::Drain:
            return stands() ? hang_up(kHangup, Exit::Ok, "the file has ended") : Actions{};
        case Timer::Renew:
            return on_renewal_elapsed();
    }
    return {};
}

Call::Actions Call::nobody()
{
    if (state_ != State::Offering && state_ != State::Waiting)
        return {};
    if (!connected_)
        return end(Exit::Signaling, "signaling was lost before the call stood: " + why_down_);
    if (refusal_)
        return end(refusal_->exit, refusal_->reason);
    std::string reason = "nobody ";
    reason += state_ == State::Waiting ? "called" : "answered";
    reason += " within " + seconds(config_.wait_timeout) + " (--wait-timeout)";
    if (state_ == State::Offering)
        reason += other_offers_ ? ": somebody else offers as well, and one end has to --answer"
                                : ": is callagent --answer, or the page, open there?";
    return hang_up(kHangup, Exit::NoPeer, reason);
}

// Tells the other end, where there may be one that knows of this call.
Call::Actions Call::hang_up(std::string why, Exit exit, std::string reason)
{
    const bool known = state_ != State::Joining && state_ != State::Waiting;
    Actions actions;
    if (known)
        actions.emplace_back(Send{addressed(Bye{std::move(why)})});
    append(actions, end(exit, std::move(reason)));
    return actions;
}

Call::Actions Call::end(Exit exit, std::string reason)
{
    state_ = State::Ended;
    early_.clear();
    return {End{exit, std::move(reason)}};
}

}  // namespace callagent
