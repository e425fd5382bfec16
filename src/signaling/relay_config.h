// How a relay is set up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace callagent::signaling {

struct RelayLimits {
    std::size_t clients = 256;
    std::size_t per_address = 64;     // clients of one address
    std::size_t message = 1'000'000;  // bytes, and of a request's body
    std::size_t waiting = 8'000'000;  // bytes for a client that does not take them: it is dropped
    double rate = 200;                // messages a second of one client, with bursts of twice that
    int handshake_ms = 20'000;        // from the connection to its first request
};

struct RelayConfig {
    std::string
        host;  // "" or "0.0.0.0"/"::": every interface; "localhost": loopback, IPv4 and IPv6
    std::uint16_t port = 3000;  // 0: any free one
    std::string tls_cert;       // PEM files; both or none
    std::string tls_key;
    std::string token;  // demanded from clients; empty: none
    // Web pages that may use it, besides its own and those of loopback; "*": all.
    std::vector<std::string> allow_origins;
    int ping_interval_ms = 25000;
    int ping_timeout_ms = 20000;
    RelayLimits limits;
};

}  // namespace callagent::signaling
