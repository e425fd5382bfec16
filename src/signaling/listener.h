// Listening sockets of the relay. Not SoupServer's own, because those stop for good at the first
// connection that cannot be accepted (too many open files), and take any number of silent ones.
#pragma once

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

    // `host`: as in RelayConfig. `certificate`: may be null; else the connections speak TLS.
    static std::variant<std::unique_ptr<Listener>, Error> open(const std::string &host,
                                                               std::uint16_t port,
                                                               GTlsCertificate *certificate,
                                                               Accepted accepted);
    ~Listener();
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;

    std::uint16_t port() const { return port_; }

    // This connection has become a WebSocket: it may stay. One that does not within 20 s has to go.
    void keep(GIOStream *stream);

    // From here on nobody is waited for: whoever closes a stream of a silent client would wait for
    // TLS's goodbye as long as that is silent. To be called before the streams are closed.
    void hurry();

private:
    struct Socket {
        glib::Ptr<GSocket> socket;
        glib::Source watch;
    };

    Listener(GTlsCertificate *certificate, Accepted accepted);
    void watch(Socket &socket);
    void accept(Socket &socket);
    void take(GSocket *socket);
    static void on_gone(gpointer self, GObject *stream) noexcept;

    glib::Ptr<GTlsCertificate> certificate_;
    Accepted accepted_;
    std::uint16_t port_ = 0;
    std::vector<Socket> sockets_;
    struct Connection {
        glib::Ptr<GSocket> socket;
        glib::Source patience;  // until it has to have become a WebSocket
    };
    std::map<GObject *, Connection> connections_;  // by their streams
};

}  // namespace callagent::signaling
