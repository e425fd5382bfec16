// Listening sockets of the relay. Not SoupServer's own, because those stop for good at the first
// connection that cannot be accepted (too many open files), and take any number of silent ones.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "glib/loop.h"
#include "signaling/soup.h"

namespace callagent::signaling {

class Listener {
public:
    // A connection: the metered stream to read from and write to, and both ends.
    using Accepted =
        std::function<void(GIOStream *, GSocketAddress *local, GSocketAddress *remote)>;

    struct Error {
        std::string message;
        bool in_use = false;
    };

    struct Limits {
        std::size_t connections = 1024;
        std::size_t per_address = 1024;  // connections of one address
        std::chrono::milliseconds handshake{
            20'000};  // to become a WebSocket, or to ask for something
    };

    // `host`: as in RelayConfig. `certificate`: may be null; else the connections speak TLS.
    static std::variant<std::unique_ptr<Listener>, Error> open(const std::string &host,
                                                               std::uint16_t port,
                                                               GTlsCertificate *certificate,
                                                               Limits limits, Accepted accepted);
    ~Listener();
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;

    std::uint16_t port() const { return port_; }

    // This connection has become a WebSocket, or waits for us: it may stay.
    void keep(GIOStream *stream);

    // Something has to come of this one within that time, or it has to go.
    void expect(GIOStream *stream, std::chrono::milliseconds within);

    // Of a connection; null when it is gone.
    GSocket *socket(GIOStream *stream) const;

    // From here on nobody is waited for: whoever closes a stream of a silent client would wait for
    // TLS's goodbye as long as that is silent. To be called before the streams are closed.
    void hurry();

private:
    struct Socket {
        glib::Ptr<GSocket> socket;
        glib::Source watch;
    };

    Listener(GTlsCertificate *certificate, Limits limits, Accepted accepted);
    void watch(Socket &socket);
    void accept(Socket &socket);
    bool has_room_for(const std::string &address) const;
    void take(GSocket *socket);
    static void on_gone(gpointer self, GObject *stream) noexcept;

    glib::Ptr<GTlsCertificate> certificate_;
    Limits limits_;
    Accepted accepted_;
    std::uint16_t port_ = 0;
    std::vector<Socket> sockets_;
    struct Connection {
        glib::Ptr<GSocket> socket;
        std::string address;    // of the remote end
        glib::Source patience;  // until it has to go
    };
    std::map<GObject *, Connection> connections_;  // by their streams
};

}  // namespace callagent::signaling
