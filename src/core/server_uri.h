// The address of a STUN or TURN server in its parts, as Options hold it: checked, with its port,
// user and password percent-escaped (RFC 7064 and RFC 7065, with "//" and a user, as GStreamer has
// it).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callagent {

struct ServerUri {
    std::string scheme;                   // "stun", "turn" or "turns"
    std::string user;                     // escaped; empty: none
    std::optional<std::string> password;  // escaped
    std::string host;                     // a name or an address, without brackets
    std::uint16_t port = 0;
    std::string query;  // "?transport=tcp"; may be empty
};

// Of what is no such URI, the parts that can be told.
ServerUri split_server_uri(std::string_view uri);

std::string to_string(const ServerUri &uri);

// For people and the log: without user and password.
std::string shown(ServerUri uri);

}  // namespace callagent
