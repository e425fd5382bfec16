// A new connection for a call that is up, in place of one whose path is lost.
#include <algorithm>
#include <string_view>

#include "core/call_words.h"

namespace callagent {
namespace {

// What the lines that begin so have behind that.
std::vector<std::string_view> values(const Sdp &sdp, std::string_view attribute)
{
    std::vector<std::string_view> found;
    const std::string_view text = sdp.sdp;
    for (auto at = text.find(attribute); at != text.npos; at = text.find(attribute, at)) {
        at += attribute.size();
        found.push_back(text.substr(at, text.find_first_of("\r\n", at) - at));
    }
    return found;
}

// Who shows no certificate but those of `former` is who that was of.
bool same_certificate(const Sdp &former, const Sdp &latter)
{
    constexpr std::string_view kAttribute = "a=fingerprint:";
    const auto known = values(former, kAttribute);
    const auto shown = values(latter, kAttribute);
    return !shown.empty() && std::all_of(shown.begin(), shown.end(), [&](std::string_view one) {
        return std::find(known.begin(), known.end(), one) != known.end();
    });
}

}  // namespace

std::string ufrag(const Sdp &sdp)
{
    const auto all = values(sdp, "a=ice-ufrag:");
    return all.empty() ? std::string() : std::string(all.front());
}

void Call::begin_renewal(Renewal renewal)
{
    renewal_ = renewal;
    offered_ = false;
    connection_.clear();
    local_.reset();
    gathered_.clear();
    early_.clear();
    candidates_ = 0;
}

Call::Actions Call::offer_renewal()
{
    begin_renewal(Renewal::Offering);
    return {MakeOffer{!names_calls_}, StartTimer{Timer::Renew, kReofferRenewal}};
}

Call::Actions Call::end_renewal()
{
    begin_renewal(Renewal::None);
    return {StopTimer{Timer::Renew}, Abandon{}};
}

Call::Actions Call::on(const PathLost &lost)
{
    if (state_ != State::Up)
        return {};
    path_lost_ = true;
    // Who knows no new connections, as the tutorial's page, begins its own anew at our offer, and
    // cannot go back. It gets one only where the path cannot come back by itself.
    if (!names_calls_ && !lost.address_gone)
        return {};
    return renewal_ == Renewal::None || lost.address_gone ? offer_renewal() : Actions{};
}

Call::Actions Call::on(const PathBack &)
{
    path_lost_ = false;
    if (renewal_ != Renewal::Offering || (offered_ && !names_calls_))
        return {};
    return end_renewal();
}

Call::Actions Call::on(const NetworkChanged &)
{
    // What was offered has the addresses of before.
    return renewal_ != Renewal::None && path_lost_ ? offer_renewal() : Actions{};
}

Call::Actions Call::on(const Renewed &)
{
    renewal_ = Renewal::None;
    path_lost_ = false;
    return {StopTimer{Timer::Renew}};
}

Call::Actions Call::on(const RenewalFailed &)
{
    if (renewal_ == Renewal::None)
        return {};
    begin_renewal(Renewal::Offering);  // in a moment
    return {Abandon{}, StartTimer{Timer::Renew, kReofferRenewal}};
}

Call::Actions Call::on_renewal_elapsed()
{
    if (renewal_ == Renewal::None)
        return {};
    if (!path_lost_)
        return end_renewal();
    if (renewal_ != Renewal::Offering || !local_)
        return offer_renewal();
    Actions actions = send_renewal();
    actions.emplace_back(StartTimer{Timer::Renew, kReofferRenewal});
    return actions;
}

Call::Actions Call::send_renewal()
{
    if (!connected_)
        return {};
    offered_ = true;
    return describe();
}

// Signaling is back. Perhaps the path is as well: see PathLost.
Call::Actions Call::repeat_renewal()
{
    if (renewal_ == Renewal::None)
        return {};
    if (!names_calls_ && renewal_ == Renewal::Offering)
        return {StartTimer{Timer::Renew, kReofferRenewal}};
    return send_renewal();
}

// Our description of the new connection is ready.
Call::Actions Call::describe_renewal()
{
    if (renewal_ == Renewal::Offering)
        connection_ = ufrag(*local_);
    Actions actions;
    if (names_calls_ || renewal_ == Renewal::Answering)
        actions = send_renewal();
    if (renewal_ == Renewal::Answering) {
        renewal_ = Renewal::Connecting;
        take_early(actions);
    }
    return actions;
}

// A peer that reaches the server from another address may have got another number there. Nobody
// else may take its call over.
bool Call::is_peers_own(const Message &message, const Sdp &sdp) const
{
    return message.from.empty() || peer_.empty() || message.from == peer_ ||
           (message.call == id_ && same_certificate(*remote_, sdp));
}

Call::Actions Call::follow(const Message &message)
{
    Actions actions;
    if (std::exchange(peer_left_, false))
        actions.emplace_back(Suspect{false});
    if (!message.from.empty() && message.from != peer_) {
        peer_ = message.from;
        actions.emplace_back(FoundPeer{peer_});
    }
    return actions;
}

Call::Actions Call::got_renewal_offer(const Message &message, const Sdp &sdp)
{
    Actions actions = follow(message);
    const bool again = ufrag(sdp) == ufrag(*remote_);
    if (again && renewal_ == Renewal::Answering)
        return actions;
    if (again && local_ && local_->type == Sdp::Type::Answer) {
        append(actions, describe());
        return actions;
    }
    // Both have noticed. The caller's offer counts, which may have gone to a number of before.
    if (renewal_ == Renewal::Offering && local_ && config_.role == Role::Offer) {
        append(actions, describe());
        return actions;
    }
    begin_renewal(Renewal::Answering);
    remote_ = sdp;
    connection_ = ufrag(sdp);
    actions.emplace_back(MakeAnswer{sdp});
    actions.emplace_back(StartTimer{Timer::Renew, kRenewalDeadline});
    return actions;
}

Call::Actions Call::got_renewal_answer(const Message &message, const Sdp &sdp)
{
    const bool late = !message.connection.empty() && message.connection != connection_;
    const bool ours = message.call.empty() || message.call == id_;
    if (renewal_ != Renewal::Offering || !local_ || late || !ours || !is_peers_own(message, sdp))
        return {};
    renewal_ = Renewal::Connecting;
    Actions actions = follow(message);
    remote_ = sdp;
    actions.emplace_back(Accept{sdp});
    actions.emplace_back(
        StartTimer{Timer::Renew, names_calls_ ? kRenewalDeadline : kPageRenewalDeadline});
    take_early(actions);
    return actions;
}

}  // namespace callagent
