// A client of a signaling server: Socket.IO over WebSocket (http, https; Engine.IO 3 or 4,
// recognised from what the server sends) or plain WebSocket (ws, wss), one JSON message a text
// frame.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "signaling/channel.h"

namespace callagent::signaling {

struct ClientConfig {
    std::string url;        // http(s):// or ws(s)://
    std::string ca_file;    // trust this instead of the system's authorities; empty: the system's
    bool insecure = false;  // accept any certificate
    std::string token;      // sent as "Authorization: Bearer"; empty: none
    std::string number;     // asked for with ?number=; empty: none
};

// The error is a URL that is none (Exit::Usage).
Result<std::unique_ptr<Channel>> make_client(const ClientConfig &);

}  // namespace callagent::signaling
