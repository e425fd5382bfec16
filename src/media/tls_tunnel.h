// TURN over TLS (RFC 8656, 3.1). libnice writes plain TURN into the connection to a turns: server,
// so it is told of a TCP server on the loopback interface instead, which is this tunnel: whatever
// comes in there goes on to the true server inside of TLS, with its certificate verified.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"

namespace callagent::media {

class TlsTunnel {
public:
    struct Server {
        std::string host;        // a name or an address, without brackets
        std::uint16_t port = 0;  // TCP
        std::string ca;          // PEM file of the authorities to trust; empty: the system's
        bool insecure = false;   // accept any certificate
        std::string from;        // local address to connect from; empty: any
    };

    // Listens at once. `failed` gets the first reason why the server could not be reached or is not
    // who it should be; on a thread of the tunnel.
    static Result<std::unique_ptr<TlsTunnel>> open(const Server &,
                                                   std::function<void(std::string)> failed);
    // Closes all connections, and waits for its threads, which do not hang. Any thread.
    ~TlsTunnel();
    TlsTunnel(const TlsTunnel &) = delete;
    TlsTunnel &operator=(const TlsTunnel &) = delete;

    // Where it listens: 127.0.0.1, or ::1 where there is no IPv4.
    const std::string &address() const;
    std::uint16_t port() const;

private:
    struct Inside;
    explicit TlsTunnel(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

}  // namespace callagent::media
