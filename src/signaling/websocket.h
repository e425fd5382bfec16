// One WebSocket of libsoup, of a client or of the relay: text in, text out. Main loop only.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "signaling/soup.h"

namespace callagent::signaling {

class WebSocket {
public:
    // A handler may destroy the WebSocket that calls it.
    struct Handlers {
        std::function<void(std::string_view text)> text;
        std::function<void(std::size_t bytes)> binary;
        std::function<void()> pong;
        // The connection is gone; `why` is for a person. Nothing follows.
        std::function<void(const std::string &why)> closed;
    };

    // `max_incoming`: a larger frame ends the connection.
    WebSocket(glib::Ptr<SoupWebsocketConnection> connection, std::size_t max_incoming, Handlers);
    // Closes without a word.
    ~WebSocket();
    WebSocket(const WebSocket &) = delete;
    WebSocket &operator=(const WebSocket &) = delete;

    // Does nothing when the connection is closing.
    void send(std::string_view text);

    // Says goodbye; `closed` follows, at the latest when the other side has let 5 s pass.
    void close();

    // Pings that often; `pong` tells of the answers.
    void ping_every(unsigned seconds);

    // How long what was sent may stay unacknowledged before the connection is lost (RFC 5482); 0:
    // as long as the system has patience, a quarter of an hour.
    void set_patience(std::chrono::milliseconds patience);

    // Whether the address that we are connected from is still one of this machine.
    bool has_address() const;

private:
    bool open() const;
    glib::Ptr<GSocket> socket() const;

    glib::Ptr<SoupWebsocketConnection> connection_;
    Handlers handlers_;
    std::string error_;
    std::vector<glib::Connection> connections_;
};

}  // namespace callagent::signaling
