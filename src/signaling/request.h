// What a request to the relay asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/origin.h"
#include "core/socketio.h"
#include "signaling/soup.h"

namespace callagent::signaling {

// Engine.IO's codes for what is wrong with a request.
enum class EngineError {
    TransportUnknown,
    SessionUnknown,
    BadMethod,
    BadRequest,
    Forbidden,
    Version
};

struct Request {
    bool upgrade = false;    // to a WebSocket
    bool engine_io = false;  // for /socket.io/, below whatever path
    std::optional<socketio::Version> socketio;
    std::string sid;     // of the Engine.IO session that it belongs to; empty: a new one
    std::string number;  // ?number=
    std::string token;   // from the Authorization header, else ?token=
    std::optional<EngineError> refusal;  // why Engine.IO cannot be spoken with it
};

Request read_request(SoupServerMessage *message);

// For Engine.IO: {"code":1,"message":"Session ID unknown"}.
std::string engine_error(EngineError error);
std::string engine_error(EngineError error, std::string_view message);

void respond(SoupServerMessage *message, unsigned status, std::string_view text);

// What the headers say of the page that asks, and of the name it asks for.
OriginRules::Verdict judge(SoupServerMessage *message, const OriginRules &rules, bool engine_io);

// Lets the page that asks, which is welcome, read the answer (Fetch, "CORS protocol").
void allow_origin(SoupServerMessage *message);

// Takes as long whether the first character differs or the last.
bool same_secret(std::string_view a, std::string_view b);

// 128 bits that nobody can guess.
std::string session_id();

// The remote end, for people: "192.168.1.9:50312"; and without its port.
std::string remote_name(SoupServerMessage *message);
std::string remote_host(SoupServerMessage *message);

// libsoup hands the address of the remote end through from the connection to the request: that is
// where we remember the stream.
void remember_stream(GSocketAddress *remote, GIOStream *stream);
glib::Ptr<GIOStream> stream_of(SoupServerMessage *message);

}  // namespace callagent::signaling
