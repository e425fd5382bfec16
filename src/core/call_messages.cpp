// The half of the call that signaling speaks to: its coming and going, and the peer's messages.
#include "core/call_words.h"
#include "core/sdp.h"

namespace callagent {
namespace {

// The status of the cause that the other end names: where it went wrong for one, it went wrong for
// both. Nothing: a plain hang-up.
std::optional<Exit> cause(const std::string &reason)
{
    for (const auto exit : {Exit::Ice, Exit::Dtls, Exit::Media, Exit::Negotiation})
        if (reason == bye_word(exit))
            return exit;
    return std::nullopt;
}

// What the other end gave as its reason, for ours.
std::string said(const std::string &reason)
{
    if (reason.empty() || reason == kHangup)
        return {};
    if (reason == kNegotiation)
        return ": it cannot take our description (no common codec, or it does not take what we "
               "send)";
    if (reason == kDtls)
        return ": DTLS failed there (no handshake came through, or the certificate it was shown is "
               "not the one of our description's fingerprint)";
    return " (" + reason + ")";
}

}  // namespace

Call::Actions Call::on(const SignalingUp &)
{
    connected_ = true;
    if (state_ != State::Joining)
        return state_ == State::Offering ? describe() : repeat_renewal();
    Actions actions;
    if (config_.wait_timeout.count() > 0)
        actions.emplace_back(StartTimer{Timer::Wait, config_.wait_timeout});
    if (config_.role == Role::Answer) {
        state_ = State::Waiting;
        return actions;
    }
    state_ = State::Offering;
    append(actions, describe());
    actions.emplace_back(StartTimer{Timer::Reoffer, kReoffer});
    return actions;
}

Call::Actions Call::on(const SignalingDown &down)
{
    connected_ = false;
    why_down_ = down.why;
    relay_tells_ = false;
    return {};
}

bool Call::is_for_us(const Message &message) const
{
    const bool ours = message.to.empty() || message.to == config_.number;
    const bool echo = !message.from.empty() && message.from == config_.number;
    return ours && !echo;
}

bool Call::is_from_peer(const Message &message) const
{
    if (!message.call.empty() && message.call != id_)
        return false;
    return message.from.empty() || peer_.empty() || message.from == peer_;
}

Message Call::addressed(decltype(Message::body) body) const
{
    return {config_.number, peer_.empty() ? config_.to : peer_, id_, std::move(body), connection_};
}

Call::Actions Call::describe() const
{
    Actions actions;
    if (!local_)
        return actions;
    actions.emplace_back(Send{addressed(*local_)});
    for (const auto &candidate : gathered_)
        actions.emplace_back(Send{addressed(candidate)});
    return actions;
}

Call::Actions Call::on(const Received &received)
{
    const Message &message = received.message;
    if (!is_for_us(message))
        return {};
    return std::visit([&](const auto &body) { return got(message, body); }, message.body);
}

Call::Actions Call::got(const Message &message, const Sdp &sdp)
{
    return sdp.type == Sdp::Type::Offer ? got_offer(message, sdp) : got_answer(message, sdp);
}

Call::Actions Call::got_offer(const Message &message, const Sdp &sdp)
{
    if (state_ == State::Waiting) {
        state_ = config_.ask ? State::Ringing : State::Answering;
        peer_ = message.from;
        names_calls_ = !message.call.empty();
        if (names_calls_)
            id_ = message.call;
        remote_ = sdp;
        if (config_.ask)
            return {StopTimer{Timer::Wait}, FoundPeer{peer_}, Send{addressed(Ringing{})},
                    StartTimer{Timer::Ring, kRing}, Ask{peer_}};
        return {StopTimer{Timer::Wait}, FoundPeer{peer_}, Send{addressed(Ringing{})},
                MakeAnswer{sdp}};
    }
    // Nothing was answered yet: its last word counts.
    if (state_ == State::Ringing && message.from == peer_ && is_from_peer(message)) {
        if (ufrag(sdp) != ufrag(*remote_))
            early_.clear();
        remote_ = sdp;
        return {};
    }
    if (state_ == State::Up && message.call == id_ && is_peers_own(message, sdp))
        return got_renewal_offer(message, sdp);
    if (config_.role == Role::Answer && is_from_peer(message) && remote_ &&
        (message.call.empty() ? ufrag(sdp) == ufrag(*remote_) : message.call == id_))
        return repeat_answer(message, sdp);

    other_offers_ = true;
    // Whoever cannot be told apart from our own peer is not told: it would take it for its own
    // call.
    const bool can_tell = !message.from.empty() && !message.call.empty();
    const bool in_call = state_ != State::Joining && state_ != State::Offering;
    if (can_tell && (in_call || message.to == config_.number))
        return {Send{Message{config_.number, message.from, message.call, Busy{}}}};
    return {};
}

// The offer again: our answer was not seen yet.
Call::Actions Call::repeat_answer(const Message &, const Sdp &sdp)
{
    if (ufrag(sdp) != ufrag(*remote_))
        return {
            Warn{{"new-connection-ignored", who(peer_) + " offers a new connection in mid-call"}}};
    return local_ ? describe() : Actions{};
}

Call::Actions Call::got_answer(const Message &message, const Sdp &sdp)
{
    if (state_ == State::Up)
        return got_renewal_answer(message, sdp);
    if (state_ != State::Offering || !local_ || !is_from_peer(message))
        return {};
    if (!config_.to.empty() && !message.from.empty() && message.from != config_.to)
        return {};
    state_ = State::Connecting;
    peer_ = message.from;
    names_calls_ = !message.call.empty();
    remote_ = sdp;
    Actions actions{StopTimer{Timer::Wait},
                    StopTimer{Timer::Reoffer},
                    StopTimer{Timer::Busy},
                    FoundPeer{peer_},
                    Accept{sdp},
                    StartTimer{Timer::Ice, kIceDeadline}};
    take_early(actions);
    return actions;
}

void Call::take_early(Actions &actions)
{
    for (auto &early : std::exchange(early_, {}))
        if (early.from.empty() || peer_.empty() || early.from == peer_)
            actions.emplace_back(AddCandidate{std::move(early.candidate)});
}

Call::Actions Call::got(const Message &message, const Candidate &candidate)
{
    if (!is_from_peer(message))
        return {};
    if (const auto checked = sdp::check_candidate(candidate); !checked) {
        if (++bad_candidates_ > 3)
            return {};
        return {Warn{{"bad-candidate", "a candidate of " + who(message.from) +
                                           " is passed over: " + checked.error()}}};
    }
    if (++candidates_ > kMaxCandidates) {
        if (candidates_ > kMaxCandidates + 1)
            return {};
        return {Warn{{"too-many-candidates", who(message.from) + " sends more than " +
                                                 std::to_string(kMaxCandidates) +
                                                 " candidates: the rest is passed over"}}};
    }
    switch (state_) {
        case State::Joining:
        case State::Offering:
        case State::Waiting:
        case State::Ringing:
            early_.push_back({message.from, candidate});
            return {};
        case State::Up:
            if (!message.connection.empty() && message.connection != connection_)
                return {};
            if (renewal_ == Renewal::Offering || renewal_ == Renewal::Answering) {
                early_.push_back({message.from, candidate});
                return {};
            }
            return {AddCandidate{candidate}};
        case State::Answering:
        case State::Connecting:
        case State::Secured:
            return {AddCandidate{candidate}};
        case State::Ended:
            return {};
    }
    return {};
}

Call::Actions Call::got(const Message &message, const Ringing &)
{
    if (state_ != State::Offering || !is_from_peer(message))
        return {};
    return {PeerRings{message.from}};
}

Call::Actions Call::got(const Message &message, const Busy &)
{
    if (state_ != State::Offering || message.call != id_)
        return {};
    return refused(message.from, " is busy with another call: try again later");
}

Call::Actions Call::got(const Message &message, const Reject &reject)
{
    if (state_ != State::Offering || message.call != id_)
        return {};
    return refused(message.from, " declined the call" + said(reject.reason));
}

Call::Actions Call::got(const Message &message, const Bye &bye)
{
    if (state_ == State::Offering && message.call == id_)  // it tried to answer, and could not
        return refused(message.from, " hung up before any media flowed" + said(bye.reason),
                       cause(bye.reason).value_or(Exit::Refused));
    const bool in_call = state_ == State::Ringing || state_ == State::Answering ||
                         state_ == State::Connecting || stands();
    if (!in_call || !is_from_peer(message))
        return {};
    const auto failed = cause(bye.reason);
    if (failed == Exit::Media)
        return end(Exit::Media, who(peer_) + " hung up: no media of ours arrived there");
    if (state_ == State::Up)
        return end(failed.value_or(Exit::Ok),
                   who(peer_) + " hung up" + (failed ? said(bye.reason) : ""));
    if (failed == Exit::Ice)
        return end(Exit::Ice,
                   "ICE found no path between us and " + who(peer_) + " (it gave up first)");
    return end(failed.value_or(Exit::Refused),
               who(peer_) + " hung up before any media flowed" + said(bye.reason));
}

// Somebody does not answer. One whom we called ends the call; of several, another may still answer.
Call::Actions Call::refused(const std::string &from, const std::string &why, Exit exit)
{
    refusal_ = Failure{exit, who(from) + why};
    if (!config_.to.empty())
        return end(refusal_->exit, refusal_->reason);
    return {StartTimer{Timer::Busy, kBusyGrace}};
}

Call::Actions Call::got(const Message &, const Id &id)
{
    relay_tells_ = true;
    if (id.id.empty() || id.id == config_.number)
        return {StopTimer{Timer::Reoffer}};
    config_.number = id.id;
    return {StopTimer{Timer::Reoffer}};
}

Call::Actions Call::got(const Message &, const Joined &joined)
{
    if (joined.id == peer_ && peer_left_) {
        peer_left_ = false;
        return {Suspect{false}};
    }
    if (state_ == State::Offering && (config_.to.empty() || config_.to == joined.id))
        return describe();
    return {};
}

Call::Actions Call::got(const Message &, const Left &left)
{
    if (peer_.empty() || left.id != peer_)
        return {};
    if (stands()) {  // its media says whether it is gone, or only its signaling
        peer_left_ = true;
        return {Suspect{true}};
    }
    if (state_ == State::Ringing || state_ == State::Answering || state_ == State::Connecting)
        return end(Exit::Refused, who(peer_) + " left before any media flowed");
    return {};
}

Call::Actions Call::got(const Message &, const Unknown &unknown)
{
    if (state_ != State::Offering || unknown.id != config_.to)
        return {};
    return end(Exit::NoPeer, "nobody has number " + unknown.id + " on this server");
}

}  // namespace callagent
