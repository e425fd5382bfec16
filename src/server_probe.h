// Do the STUN and TURN servers answer from here, and do they do what they are for? For --doctor,
// and for a call that finds no path.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server_exchange.h"

namespace callagent {

struct ServerProbe {
    std::string server;  // as given, without user and password
    bool answers = false;
    std::string detail;  // as which address it sees us, or from which it relays, and how fast it
                         // was; or why it is of no use
};

// Asks all of them at the same time, each on a thread of its own: STUN servers for our address,
// TURN servers (over UDP, TCP or TLS as the URI says) for a relay, which is given back. The URIs
// are those of Options.
class ServerProbes {
public:
    // `found` comes once for each, with its place in `uris`, on one of the threads; after `timeout`
    // at the latest.
    ServerProbes(const std::vector<std::string> &uris, const ServerTrust &,
                 std::chrono::milliseconds timeout,
                 const std::function<void(std::size_t, ServerProbe)> &found);
    // What has not been found by now is not told any more; waits for threads that end at once.
    ~ServerProbes();
    ServerProbes(const ServerProbes &) = delete;
    ServerProbes &operator=(const ServerProbes &) = delete;

private:
    struct Running;
    std::unique_ptr<Running> running_;
};

// The same, all of them in the order of `uris`. Blocks for at most `timeout`.
std::vector<ServerProbe> probe_servers(const std::vector<std::string> &uris, const ServerTrust &,
                                       std::chrono::milliseconds timeout);

}  // namespace callagent
