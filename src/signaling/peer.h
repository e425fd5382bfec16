// A client of the relay: its session, Socket.IO or plain WebSocket, on whatever carries it, its
// heartbeat, and the change from HTTP long-polling to a WebSocket.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/rate_limit.h"
#include "core/socketio.h"
#include "signaling/polling.h"
#include "signaling/timers.h"
#include "signaling/websocket_transport.h"

namespace callagent::signaling {

// A WebSocket that a client has opened, and the stream below it.
struct Opened {
    glib::Ptr<SoupWebsocketConnection> connection;
    glib::Ptr<GIOStream> metered;
};

class Peer {
public:
    struct Config {
        std::optional<socketio::Server::Config> socketio;  // else plain WebSocket
        socketio::Heartbeat heartbeat;
        std::size_t max_message = 1'000'000;  // bytes
        std::size_t max_waiting = 8'000'000;  // bytes; a client this far behind is dropped
        double max_rate = 200;                // packets a second; 0: any
    };

    // A handler may destroy the peer that calls it.
    struct Handlers {
        std::function<void()> ready;                      // takes and sends messages from now on
        std::function<void(std::string_view text)> text;  // a message
        std::function<void(const std::string &what)> odd;  // "sent …", "is dropped, …": for people
        std::function<void()> gone;                        // nothing follows
    };

    Peer(Config, Handlers);
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    // One of the two, once.
    void start(Opened socket);
    void start_polling();

    // The transport that its GETs and POSTs go to; null when it has a WebSocket.
    Polling *polling() const { return polling_; }

    // The WebSocket that a polling client opened. It has 10 s to change over to it.
    void upgrade(Opened socket);

    void send(const std::string &text);

private:
    // Calls a copy: a handler may destroy us.
    template <typename Handler, typename... Args>
    void tell(const Handler &handler, const Args &...args)
    {
        if (const auto copy = handler)
            copy(args...);
    }

    Transport::Handlers transport_handlers();
    void start_session();
    bool takes_one_more();
    void received(std::string_view text);
    void probe(std::string_view text);
    void change_over();
    void stop_upgrading();
    void still_there();
    void transmit(const std::string &frame);
    void perform(const socketio::Actions &actions);
    void act(const socketio::Send &send) { transmit(send.frame); }
    void act(const socketio::StartTimer &start);
    void act(const socketio::StopTimer &stop) { timers_.stop(stop.timer); }
    void act(const socketio::Connected &) { tell(handlers_.ready); }
    void act(const socketio::Event &event);
    void act(const socketio::Warn &warning)
    {
        tell(handlers_.odd, "sent " + warning.why + ", which is ignored");
    }
    void act(const socketio::Close &close);
    void drop(const std::string &why);

    const Config config_;
    Handlers handlers_;
    RateLimit rate_;
    std::optional<socketio::Server> session_;
    SocketIoTimers timers_;
    glib::Source silence_, behind_, patience_;
    std::unique_ptr<Transport> transport_;
    std::unique_ptr<WebSocketTransport> next_;  // while changing over
    bool probed_ = false;                       // it has asked whether next_ carries
    Polling *polling_ = nullptr;                // transport_, when it is one
    std::shared_ptr<int> life_ = std::make_shared<int>();
};

}  // namespace callagent::signaling
