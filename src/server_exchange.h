// Requests and answers with one STUN or TURN server, over UDP, TCP or TLS.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <gio/gio.h>

#include "core/result.h"

namespace callagent {

struct ServerAddress {
    std::string host;  // a name or an address, without brackets
    std::uint16_t port = 0;
    bool tcp = false;
    bool tls = false;  // over TCP
};

// For TLS.
struct ServerTrust {
    std::string ca;         // PEM file of the authorities; empty: the system's
    bool insecure = false;  // accept any certificate
};

// Sends a request, and waits for the answer to it; or why there is none.
using StunBytes = std::span<const std::uint8_t>;
using StunAnswer = Result<std::vector<std::uint8_t>>;
using StunExchange = std::function<StunAnswer(StunBytes request)>;

// Connects, and has the conversation; what that comes to, or why there is no connection. Blocks
// until it is cancelled. Any thread, once glib::load_network_types() was called on one.
using Conversation = std::function<Result<std::string>(const StunExchange &)>;
Result<std::string> talk_to(const ServerAddress &, const ServerTrust &, GCancellable *,
                            const Conversation &);

}  // namespace callagent
