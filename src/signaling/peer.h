// A client of the relay, on its WebSocket: Socket.IO or plain, its heartbeat, and what is still
// waiting to be sent to it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/socketio.h"
#include "signaling/metered.h"
#include "signaling/timers.h"
#include "signaling/websocket.h"

namespace callagent::signaling {

class Peer {
public:
    struct Config {
        std::optional<socketio::Server::Config> socketio;  // else plain WebSocket
        socketio::Heartbeat heartbeat;
        std::size_t max_message = 1'000'000;  // bytes
        std::size_t max_waiting = 8'000'000;  // bytes; a client this far behind is dropped
    };

    // A handler may destroy the peer that calls it.
    struct Handlers {
        std::function<void()> ready;                      // takes and sends messages from now on
        std::function<void(std::string_view text)> text;  // a message
        std::function<void(const std::string &what)> odd;  // "sent …", "is dropped, …": for people
        std::function<void()> gone;                        // nothing follows
    };

    Peer(glib::Ptr<SoupWebsocketConnection>, glib::Ptr<GIOStream> metered, Config, Handlers);
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    void start();
    void send(const std::string &text);

private:
    // Calls a copy: a handler may destroy us.
    template <typename Handler, typename... Args>
    void tell(const Handler &handler, const Args &...args)
    {
        if (const auto copy = handler)
            copy(args...);
    }

    void received(std::string_view text);
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
    glib::Ptr<GIOStream> stream_;
    std::optional<socketio::Server> session_;
    std::uint64_t queued_ = 0;  // where the stream's meter will be when everything is written
    SocketIoTimers timers_;
    glib::Source silence_, behind_;
    std::unique_ptr<WebSocket> socket_;
    std::shared_ptr<int> life_ = std::make_shared<int>();
};

}  // namespace callagent::signaling
