// What goes over signaling: the tutorial's three messages, and ours beside them. Plain values; the
// JSON is signaling/codec's business.
#pragma once

#include <string>
#include <variant>

namespace callagent {

// RTCSessionDescriptionInit. An offer travels as "sdp", an answer as "sdpRemote".
struct Sdp {
    enum class Type { Offer, Answer };

    Type type = Type::Offer;
    std::string sdp;

    bool operator==(const Sdp &) const = default;
};

// RTCIceCandidateInit. An empty `candidate` means that there will be no more (RFC 8838).
struct Candidate {
    std::string candidate;
    std::string mid;
    int mline = -1;  // sdpMLineIndex; -1: not given

    bool operator==(const Candidate &) const = default;
};

struct Ringing {
    bool operator==(const Ringing &) const = default;
};

struct Busy {
    bool operator==(const Busy &) const = default;
};

struct Reject {
    std::string reason;

    bool operator==(const Reject &) const = default;
};

struct Bye {
    std::string reason;

    bool operator==(const Bye &) const = default;
};

// From a relay: our own number; who came; who went.
struct Id {
    std::string id;

    bool operator==(const Id &) const = default;
};

struct Joined {
    std::string id;

    bool operator==(const Joined &) const = default;
};

struct Left {
    std::string id;

    bool operator==(const Left &) const = default;
};

// From a relay: nobody has the number that a message was for.
struct Unknown {
    std::string id;

    bool operator==(const Unknown &) const = default;
};

// The members that any message may carry; empty: not there.
struct Message {
    std::string from;  // number of who says it
    std::string to;    // number of whom it is for
    std::string call;  // opaque id of the call it belongs to
    std::variant<Sdp, Candidate, Ringing, Busy, Reject, Bye, Id, Joined, Left, Unknown> body;
    // Which connection of that call, where it is not the first: the ICE ufrag of its offer. An
    // answer and candidates that come late are not taken for those of a newer one.
    std::string connection = {};

    bool operator==(const Message &) const = default;
};

}  // namespace callagent
