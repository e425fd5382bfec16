// What carries the packets of one of the relay's clients: a WebSocket, or HTTP long-polling.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace callagent::signaling {

class Transport {
public:
    // A handler may destroy the transport that calls it.
    struct Handlers {
        std::function<void(std::string_view text)> packet;
        std::function<void()> alive;                       // a sign of life that is no packet
        std::function<void(const std::string &what)> odd;  // "sent …": for people
        std::function<void()> gone;                        // nothing follows
    };

    explicit Transport(Handlers handlers) : handlers_(std::move(handlers)) {}
    virtual ~Transport() = default;
    Transport(const Transport &) = delete;
    Transport &operator=(const Transport &) = delete;

    virtual void send(const std::string &packet) = 0;

    // Bytes that the client has not taken yet.
    virtual std::uint64_t waiting() const = 0;

    // The relay ends it: so the client is told, where the transport has a word for that.
    virtual void close() {}

protected:
    // Calls a copy: a handler may destroy us.
    template <typename Handler, typename... Args>
    static void tell(const Handler &handler, const Args &...args)
    {
        if (const auto copy = handler)
            copy(args...);
    }

    Handlers handlers_;
};

}  // namespace callagent::signaling
