// A way to the others: a server somewhere, or the relay in this process. The agent holds one and
// does not care which. Everything here is called, and calls back, on the main loop.
#pragma once

#include <functional>
#include <string>

#include "core/exit.h"
#include "core/message.h"

namespace callagent::signaling {

enum class State { Connecting, Connected, Reconnecting, Closed };

inline const char *name(State state)
{
    switch (state) {
        case State::Connecting:
            return "connecting";
        case State::Connected:
            return "connected";
        case State::Reconnecting:
            return "reconnecting";
        case State::Closed:
            return "closed";
    }
    return "";
}

class Channel {
public:
    // Set before start(); any may be empty. A handler may destroy the channel that calls it.
    struct Handlers {
        // Each change, reconnects included. `detail`: why, for a person; may be empty.
        std::function<void(State, const std::string &detail)> state;
        std::function<void(const Message &)> message;
        // Text that is no message of ours, a binary frame, …: reported, and life goes on.
        std::function<void(const Warning &)> warning;
        // Given up for good: the retries are used up, or retrying cannot help. Nothing follows.
        std::function<void(const Failure &)> failed;
    };

    virtual ~Channel() = default;
    Channel(const Channel &) = delete;
    Channel &operator=(const Channel &) = delete;

    virtual void start() = 0;

    // Sent when connected; while reconnecting, kept (the last 256) and sent afterwards.
    virtual void send(const Message &message) = 0;

    // Sends what is queued, then closes; `done` is called once, at the latest after a second.
    virtual void close(std::function<void()> done) = 0;

    // While media is missing, the way to the server is in doubt as well: what it does not
    // acknowledge within a second is taken for a lost connection, and new ones are tried often.
    virtual void doubt(bool) {}

    // This machine has other addresses than before: what was connected from one that is gone is
    // lost, and another attempt need not wait.
    virtual void network_changed() {}

    // As the user would write it.
    virtual std::string url() const = 0;

    Handlers handlers;

protected:
    Channel() = default;
};

}  // namespace callagent::signaling
