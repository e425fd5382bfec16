// A signaling server's URL, and why it could not be reached, as sentences.
#pragma once

#include <string>

#include "core/result.h"
#include "core/retry.h"
#include "signaling/soup.h"

namespace callagent::signaling {

struct Address {
    bool socketio = false;  // else plain WebSocket
    bool secure = false;
    bool loopback = false;
    int port = -1;        // as written, else the scheme's
    std::string shown;    // for people: without user, password and query
    glib::Ptr<GUri> uri;  // to ask for the WebSocket
};

// http, https: Socket.IO, which listens at /socket.io/. A path in the URL is where that is mounted
// (https://host/calls means https://host/calls/socket.io/, as behind a reverse proxy); it is not a
// namespace, as it would be for socket.io-client: a signaling server has only one.
// ws, wss: plain WebSocket, at the path as it is.
Result<Address> parse_address(const std::string &url);

// The URI with ?number= added; an empty number adds nothing.
glib::Ptr<GUri> with_number(GUri *uri, const std::string &number);

struct Trouble {
    retry::Fault fault = retry::Fault::Passing;
    std::string sentence;
};

// Why there is no WebSocket. `status` is HTTP's, or 0; `flaws` are those of the server's
// certificate.
Trouble explain(const Address &, const GError *, unsigned status, GTlsCertificateFlags flaws);

// For a server that speaks WebSocket, but not what was expected behind it.
Trouble not_a_signaling_server(const Address &, const std::string &detail);

}  // namespace callagent::signaling
