// What a relay says by itself, and how it shows that it is one whose notices can be believed: over
// a server that passes on whatever it is told, anybody could say that a peer has left, or that our
// number is another.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>

#include "core/message.h"

namespace callagent {

// Only a relay says these; ours refuses them from its clients.
inline bool is_notice(std::string_view type)
{
    constexpr std::array<std::string_view, 4> kNotices{"id", "joined", "left", "unknown"};
    return std::find(kNotices.begin(), kNotices.end(), type) != kNotices.end();
}

inline bool is_notice(const Message &message)
{
    return std::holds_alternative<Id>(message.body) ||
           std::holds_alternative<Joined>(message.body) ||
           std::holds_alternative<Left>(message.body) ||
           std::holds_alternative<Unknown>(message.body);
}

// The marks of such a relay, which no client can set: a member of Engine.IO's open packet, and a
// header of the answers over HTTP, that to the upgrade to a WebSocket among them.
constexpr std::string_view kRelayMember = "callagent";
constexpr const char *kRelayHeader = "Callagent-Relay";

}  // namespace callagent
