// Do the STUN and TURN servers answer from here? For --doctor.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace callagent {

struct ServerProbe {
    std::string server;  // as given, without user and password
    bool answers = false;
    std::string
        detail;  // as which address it sees us, and how fast it was; or why there was no answer
};

// Sends each a STUN binding request (TURN servers answer those as well; over TCP or TLS where the
// URI says so) and waits for at most `timeout`, for all at the same time. The URIs are those of
// Options. Blocks.
std::vector<ServerProbe> probe_servers(const std::vector<std::string> &uris,
                                       std::chrono::milliseconds timeout);

}  // namespace callagent
