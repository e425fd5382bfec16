// What a request to the relay asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/socketio.h"
#include "signaling/soup.h"

namespace callagent::signaling {

struct Request {
    bool upgrade = false;  // to a WebSocket
    std::optional<socketio::Version> socketio;
    std::string number;  // ?number=
    std::string token;   // from the Authorization header, else ?token=
    std::string
        refusal;  // why Engine.IO cannot be spoken with it, in Engine.IO's words; else empty
};

Request read_request(SoupServerMessage *message);

void respond(SoupServerMessage *message, unsigned status, std::string_view text);

// Takes as long whether the first character differs or the last.
bool same_secret(std::string_view a, std::string_view b);

// 128 bits that nobody can guess.
std::string session_id();

// The remote end, for people: "192.168.1.9:50312".
std::string remote_name(SoupServerMessage *message);

// libsoup hands the address of the remote end through from the connection to the request: that is
// where we remember the stream.
void remember_stream(GSocketAddress *remote, GIOStream *stream);
glib::Ptr<GIOStream> stream_of(SoupServerMessage *message);

}  // namespace callagent::signaling
