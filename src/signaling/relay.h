// The embedded signaling server: its page, Socket.IO (over WebSocket and HTTP long-polling) and
// plain WebSocket on one port, around core's Room, which decides who is told what. The agent in the
// same process takes part without a socket.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "core/exit.h"
#include "core/result.h"
#include "signaling/channel.h"
#include "signaling/relay_config.h"

namespace callagent::signaling {

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
