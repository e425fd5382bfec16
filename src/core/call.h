// One call, from joining to its end. Told what happened, it answers what to do about it; it has no
// clock, no socket and no media.
//
//            ┌─────────────── offerer ────────────────┐
//   Joining ─┤ Offering ─────────────answer───────────┼─> Connecting ─verified─> Secured ─media─>
//   Up
//            │ Waiting ─────────offer─────> Answering ┤
//            │       └─offer─> Ringing ─accepted─^    │
//            └─────────────── answerer ───────────────┘        any ─bye, failure, deadline─> Ended
//
// Joining     signaling is not connected yet (an offerer's offer may be ready before it is)
// Ringing     the answerer asks somebody before it accepts
// Secured     DTLS stands and the peer's certificate is the promised one; nothing has arrived yet
// Up          media flows: from here on, a hang-up is a success
// Ended       absorbs everything; the first failure is the exit status
//
// A call that is up and whose path is lost makes itself a new connection (JSEP would restart ICE,
// which webrtcbin cannot): an offer of the same call, whoever of the two notices first. The old
// connection stays until the new one stands.
//
//   None ─PathLost─> Offering ─answer─────────> Connecting ─Renewed─> None
//    └──the peer's offer──> Answering ─Described─^              any ─PathBack, deadline─> None
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/exit.h"
#include "core/media.h"
#include "core/message.h"

namespace callagent {

// "number 482193"; "the peer" where it is not known. For sentences.
inline std::string who(const std::string &number)
{
    return number.empty() ? "the peer" : "number " + number;
}

class Call {
public:
    enum class State {
        Joining,
        Offering,
        Waiting,
        Ringing,
        Answering,
        Connecting,
        Secured,
        Up,
        Ended
    };
    enum class Renewal { None, Offering, Answering, Connecting };  // of the connection
    enum class Role { Offer, Answer };
    enum class Timer {
        Wait,     // --wait-timeout
        Reoffer,  // over a relay that does not tell who joined
        Ring,     // somebody has to accept
        Busy,     // somebody was busy; perhaps somebody else answers
        Ice,
        Dtls,
        Duration,  // --duration
        Drain,     // the end of a file: what was sent last is still under way
        Renew,     // the offer of a new connection again; or that connection does not come about
    };

    struct Config {
        Role role = Role::Offer;
        std::string number;                         // ours; a relay may assign another
        std::string to;                             // whom to call; empty: anyone
        std::string id;                             // a fresh call id
        bool ask = false;                           // before an offer is answered
        std::chrono::milliseconds wait_timeout{0};  // 0: for ever
        std::chrono::milliseconds duration{0};      // 0: until somebody hangs up
    };

    // What happened.
    struct SignalingUp {};
    struct SignalingDown {  // lost; the channel is trying to come back
        std::string why;
    };
    struct Received {
        Message message;
    };
    struct Described {  // the endpoint has made our offer or answer
        Sdp sdp;
    };
    struct Gathered {  // a candidate of ours
        Candidate candidate;
    };
    struct IceConnected {};
    struct Verified {
        bool media_expected = true;  // the peer sends something
    };
    struct MediaArrived {};
    struct MediaDied {
        std::string reason;
    };
    // Of a call that is up: nothing comes from the peer, or our address is gone; it comes again.
    struct PathLost {
        bool address_gone = false;
    };
    struct PathBack {};
    struct NetworkChanged {};  // this machine has other addresses than before
    struct Renewed {};         // the new connection is verified, and has taken the old one's place
    struct RenewalFailed {};   // it will not be
    struct PeerClosed {};      // RTCP BYE or DTLS close
    struct SourceEnded {};
    struct Accepted {};  // by somebody here
    struct Declined {
        std::string reason;
    };
    struct HangUp {  // the user, or a signal; `otherwise`: the status before the call stood
        Exit otherwise = Exit::Interrupted;
        std::string reason;
    };
    struct Failed {  // media, signaling (given up): whatever cannot go on
        Failure failure;
    };
    struct Elapsed {
        Timer timer;
    };
    using Event = std::variant<SignalingUp, SignalingDown, Received, Described, Gathered,
                               IceConnected, Verified, MediaArrived, MediaDied, PathLost, PathBack,
                               NetworkChanged, Renewed, RenewalFailed, PeerClosed, SourceEnded,
                               Accepted, Declined, HangUp, Failed, Elapsed>;

    // What to do about it, in this order. While a call stands, MakeOffer, MakeAnswer, Accept and
    // AddCandidate are about its new connection, which a further one takes the place of.
    struct Send {
        Message message;
        bool operator==(const Send &) const = default;
    };
    struct MakeOffer {
        // With a certificate of its own: who has but one connection for all its life would take the
        // former one for the former DTLS association, and wait for no handshake.
        bool as_another = false;
        bool operator==(const MakeOffer &) const = default;
    };
    struct MakeAnswer {
        Sdp offer;
        bool operator==(const MakeAnswer &) const = default;
    };
    struct Accept {  // the peer's answer
        Sdp answer;
        bool operator==(const Accept &) const = default;
    };
    struct AddCandidate {
        Candidate candidate;
        bool operator==(const AddCandidate &) const = default;
    };
    struct Abandon {  // the new connection
        bool operator==(const Abandon &) const = default;
    };
    struct StartTimer {
        Timer timer;
        std::chrono::milliseconds after;
        bool operator==(const StartTimer &) const = default;
    };
    struct StopTimer {
        Timer timer;
        bool operator==(const StopTimer &) const = default;
    };
    struct FoundPeer {
        std::string number;  // may be empty: a peer without one
        bool operator==(const FoundPeer &) const = default;
    };
    struct Ask {  // somebody calls: accept?
        std::string number;
        bool operator==(const Ask &) const = default;
    };
    struct PeerRings {
        std::string number;
        bool operator==(const PeerRings &) const = default;
    };
    struct Suspect {  // the peer left the signaling server: is its media gone as well?
        bool suspected;
        bool operator==(const Suspect &) const = default;
    };
    struct Warn {
        Warning warning;
        bool operator==(const Warn &) const = default;
    };
    struct End {
        Exit exit;
        std::string reason;
        bool operator==(const End &) const = default;
    };
    using Action =
        std::variant<Send, MakeOffer, MakeAnswer, Accept, AddCandidate, Abandon, StartTimer,
                     StopTimer, FoundPeer, Ask, PeerRings, Suspect, Warn, End>;
    using Actions = std::vector<Action>;

    static constexpr std::chrono::milliseconds kReoffer{3000};
    static constexpr std::chrono::milliseconds kRing{60000};
    static constexpr std::chrono::milliseconds kBusyGrace{1000};
    static constexpr std::chrono::milliseconds kIceDeadline{15000};
    static constexpr std::chrono::milliseconds kDtlsDeadline{10000};
    static constexpr std::chrono::milliseconds kDrain{300};
    static constexpr std::chrono::milliseconds kReofferRenewal{1000};
    static constexpr std::chrono::milliseconds kRenewalDeadline{4000};
    // A browser that keeps its connection holds on to the former path until that is silent.
    static constexpr std::chrono::milliseconds kPageRenewalDeadline{10000};
    static constexpr std::size_t kMaxCandidates = 256;  // of the peer's, for one connection

    explicit Call(Config config) : config_(std::move(config)), id_(config_.id) {}

    // Before anything else: an offerer's media begins while signaling still connects.
    Actions start() const;
    Actions handle(const Event &event);

    State state() const { return state_; }
    Renewal renewal() const { return renewal_; }
    const std::string &id() const { return id_; }
    const std::string &number() const { return config_.number; }
    const std::string &peer() const { return peer_; }
    bool stands() const { return state_ == State::Secured || state_ == State::Up; }

private:
    Actions on(const SignalingUp &);
    Actions on(const SignalingDown &);
    Actions on(const Received &);
    Actions on(const Described &);
    Actions on(const Gathered &);
    Actions on(const IceConnected &);
    Actions on(const Verified &);
    Actions on(const MediaArrived &);
    Actions on(const MediaDied &);
    Actions on(const PathLost &);
    Actions on(const PathBack &);
    Actions on(const NetworkChanged &);
    Actions on(const Renewed &);
    Actions on(const RenewalFailed &);
    Actions on(const PeerClosed &);
    Actions on(const SourceEnded &) const;
    Actions on(const Accepted &);
    Actions on(const Declined &);
    Actions on(const HangUp &);
    Actions on(const Failed &);
    Actions on(const Elapsed &);

    Actions got(const Message &, const Sdp &);
    Actions got(const Message &, const Candidate &);
    Actions got(const Message &, const Ringing &);
    Actions got(const Message &, const Busy &);
    Actions got(const Message &, const Reject &);
    Actions got(const Message &, const Bye &);
    Actions got(const Message &, const Id &);
    Actions got(const Message &, const Joined &);
    Actions got(const Message &, const Left &);
    Actions got(const Message &, const Unknown &);

    Actions got_offer(const Message &, const Sdp &);
    Actions got_answer(const Message &, const Sdp &);
    Actions decline(std::string word, std::string reason);
    Actions repeat_answer(const Message &, const Sdp &);
    Actions refused(const std::string &from, const std::string &why, Exit exit = Exit::Refused);
    Actions offer_renewal();
    Actions describe_renewal();
    Actions end_renewal();
    Actions got_renewal_offer(const Message &, const Sdp &);
    Actions got_renewal_answer(const Message &, const Sdp &);
    Actions on_renewal_elapsed();
    Actions send_renewal();
    Actions repeat_renewal();
    void begin_renewal(Renewal);
    Actions follow(const Message &);
    bool is_peers_own(const Message &, const Sdp &) const;
    Actions nobody();

    bool is_for_us(const Message &) const;
    bool is_from_peer(const Message &) const;
    bool is_connected() const { return connected_; }
    Message addressed(decltype(Message::body) body) const;
    Actions describe() const;  // our description and candidates, as they are now
    void take_early(Actions &actions);
    Actions hang_up(std::string why, Exit exit, std::string reason);
    Actions end(Exit exit, std::string reason);

    Config config_;
    State state_ = State::Joining;
    bool connected_ = false;     // signaling, which comes and goes in every state
    bool relay_tells_ = false;   // our relay: it says who joined, no timed re-offers
    bool other_offers_ = false;  // for the hint when nobody answers
    bool peer_left_ = false;     // the signaling server
    Renewal renewal_ = Renewal::None;
    bool path_lost_ = false;
    bool offered_ = false;      // the new connection
    bool names_calls_ = false;  // the peer, in its messages: it knows what a new connection is
    std::string connection_;    // Message::connection; empty: the first
    std::string id_;            // of the call
    std::string peer_;          // number
    std::string why_down_;      // signaling
    std::optional<Failure> refusal_;  // of the last one who did not answer
    std::optional<Sdp> local_;        // ours, as sent
    std::optional<Sdp> remote_;
    std::vector<Candidate> gathered_;
    struct Early {
        std::string from;
        Candidate candidate;
    };
    std::vector<Early> early_;  // they came before the description they belong to
    std::size_t candidates_ = 0;
    std::size_t bad_candidates_ = 0;
};

const char *name(Call::State state);
const char *name(Call::Timer timer);

}  // namespace callagent
