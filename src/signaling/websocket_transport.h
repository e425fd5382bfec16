// A client's packets, each a text frame of its WebSocket (RFC 6455).
#pragma once

#include <memory>

#include "signaling/metered.h"
#include "signaling/transport.h"
#include "signaling/websocket.h"

namespace callagent::signaling {

class WebSocketTransport final : public Transport {
public:
    // `metered`: the stream below the connection. `max_message`: bytes; a larger one ends it.
    WebSocketTransport(glib::Ptr<SoupWebsocketConnection>, glib::Ptr<GIOStream> metered,
                       std::size_t max_message, Handlers);

    void send(const std::string &packet) override;
    std::uint64_t waiting() const override;

    // Pings that often; each answer is a sign of life.
    void ping_every(unsigned seconds) { socket_->ping_every(seconds); }

private:
    void something_came() { meter(stream_.get()).pending = 0; }

    glib::Ptr<GIOStream> stream_;
    std::uint64_t queued_;  // where the stream's meter will be when everything is written
    std::unique_ptr<WebSocket> socket_;
};

}  // namespace callagent::signaling
