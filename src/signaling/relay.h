// The embedded signaling server: its page, Socket.IO (over WebSocket and HTTP long-polling) and
// plain WebSocket on one port, around core's Room, which decides who is told what. The agent in the
// same process takes part without a socket.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "core/exit.h"
#include "core/result.h"
#include "signaling/channel.h"

namespace callagent::signaling {

struct RelayLimits {
    std::size_t clients = 256;
    std::size_t per_address = 64;     // clients of one address
    std::size_t message = 1'000'000;  // bytes, and of a request's body
    std::size_t waiting = 8'000'000;  // bytes for a client that does not take them: it is dropped
    double rate = 200;                // messages a second of one client, with bursts of twice that
    int handshake_ms = 20'000;        // from the connection to its first request
};

struct RelayConfig {
    std::string
        host;  // "" or "0.0.0.0"/"::": every interface; "localhost": loopback, IPv4 and IPv6
    std::uint16_t port = 3000;  // 0: any free one
    std::string tls_cert;       // PEM files; both or none
    std::string tls_key;
    std::string token;  // demanded from clients; empty: none
    int ping_interval_ms = 25000;
    int ping_timeout_ms = 20000;
    RelayLimits limits;
};

class Relay {
public:
    // Listens at once. Port taken: an error whose `in_use` is true. Bad certificate files:
    // Exit::Usage.
    struct ListenError {
        Failure failure;
        bool in_use = false;
    };
    static std::variant<std::unique_ptr<Relay>, ListenError> listen(const RelayConfig &);
    virtual ~Relay() = default;

    // As a browser on this machine would write it: "http://localhost:3000".
    virtual std::string url() const = 0;

    // The agent's own place in the room. The relay outlives it.
    virtual std::unique_ptr<Channel> attach(const std::string &number) = 0;

    // Clients that are there, the agent not counted.
    virtual std::size_t clients() const = 0;

    // What a client sends that is no use to anybody, and clients that are dropped; may be empty.
    std::function<void(const Warning &)> warning;
};

}  // namespace callagent::signaling
