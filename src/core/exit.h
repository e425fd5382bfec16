// How a call, and with it the process, ended. These numbers are the contract with those who script
// us.
#pragma once

#include <string>

namespace callagent {

enum class Exit {
    Ok = 0,
    Internal = 1,     // our bug
    Usage = 2,        // options, files named by them
    Signaling = 3,    // unreachable, TLS, refused, lost before the call stood
    NoPeer = 4,       // nobody within --wait-timeout
    Negotiation = 5,  // bad SDP, no common codec, the peer does not take what we send
    Ice = 6,          // no path
    Dtls = 7,         // handshake failed, or not the certificate that the SDP promised
    Media = 8,        // none arrived, or it stopped and did not come back
    Device = 9,       // local media: device, encoder, sink, file
    Expect = 10,      // an --expect was not met
    Refused = 11,     // busy, rejected, or hung up before media
    Interrupted =
        130,           // SIGINT before the call stood, or a second one before everything was closed
    Terminated = 143,  // SIGTERM likewise
};

// `reason` is one line for the operator: who, what, why, what to do.
struct Failure {
    Exit exit = Exit::Internal;
    std::string reason;

    bool operator==(const Failure &) const = default;
};

// Something that does not end the call. `code` is stable, for scripts; `message` is for a person.
struct Warning {
    std::string code;
    std::string message;

    bool operator==(const Warning &) const = default;
};

}  // namespace callagent
