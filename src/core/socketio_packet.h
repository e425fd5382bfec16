// The frames of Engine.IO and Socket.IO, as text. Only for core/socketio.
#pragma once

#include <string>
#include <string_view>

#include "core/socketio.h"

namespace callagent::socketio {

// Engine.IO packet types.
namespace engine {
constexpr char kOpen = '0';
constexpr char kClose = '1';
constexpr char kPing = '2';
constexpr char kPong = '3';
constexpr char kMessage = '4';
constexpr char kUpgrade = '5';
constexpr char kNoop = '6';
}  // namespace engine

// Socket.IO packet types, behind engine::kMessage.
namespace packet {
constexpr char kConnect = '0';
constexpr char kDisconnect = '1';
constexpr char kEvent = '2';
constexpr char kAck = '3';
constexpr char kError = '4';
constexpr char kBinaryEvent = '5';
constexpr char kBinaryAck = '6';
}  // namespace packet

// A Socket.IO packet: <type>[<namespace>,][<ack id>][<JSON>]
struct Packet {
    char type = '\0';
    std::string_view space;  // the namespace without its query; empty or "/": the default
    std::string_view ack;    // digits
    std::string_view json;

    bool ours() const { return space.empty() || space == "/"; }
};

Packet parse(std::string_view text);

// A known type, with a payload of the kind that it has.
bool well_formed(const Packet &packet);

// For sentences about what somebody sent: short, and nothing that a terminal would obey.
std::string excerpt(std::string_view text);

// The event in a packet, or a warning.
Action event_in(const Packet &packet);

// Why the namespace is refused: {"message":"…"} of version 4, "…" of version 3.
std::string refusal(std::string_view json);

}  // namespace callagent::socketio
