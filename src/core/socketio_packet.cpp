#include "core/socketio_packet.h"

#include <algorithm>

#include "core/json.h"

namespace callagent::socketio {

Packet parse(std::string_view text)
{
    Packet packet;
    if (text.empty())
        return packet;
    packet.type = text.front();
    text.remove_prefix(1);
    if (text.starts_with('/')) {
        const auto comma = std::min(text.find(','), text.size());
        packet.space = text.substr(0, comma);
        packet.space = packet.space.substr(0, packet.space.find('?'));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    packet.ack = text.substr(0, digits);
    packet.json = text.substr(digits);
    return packet;
}

bool well_formed(const Packet &packet)
{
    switch (packet.type) {
        case packet::kConnect:
            return packet.json.empty() || json::kind(packet.json) == "object";
        case packet::kDisconnect:
            return packet.json.empty();
        case packet::kEvent: {
            const auto parts = json::elements(packet.json);
            return parts && !parts->empty();
        }
        case packet::kAck:
            return json::kind(packet.json) == "array";
        case packet::kError:
        case packet::kBinaryEvent:
        case packet::kBinaryAck:
            return true;
        default:
            return false;
    }
}

std::string excerpt(std::string_view text)
{
    std::string out;
    for (const char c : text.substr(0, 40))
        out += c >= 0x20 && c < 0x7F ? c : '.';
    return '"' + out + (text.size() > 40 ? "…\"" : "\"");
}

Action event_in(const Packet &packet)
{
    const auto parts = json::elements(packet.json);
    if (!parts)
        return Warn{"an event that is " + parts.error() + ": " + excerpt(packet.json)};
    if (parts->empty())
        return Warn{"an event without a name"};
    auto name = json::string(parts->front());
    if (!name)
        return Warn{"an event whose name is " + name.error()};
    if (parts->size() < 2)
        return Warn{"the event " + excerpt(*name) + " without an argument"};
    const auto argument = (*parts)[1];
    if (json::kind(argument) == "object")
        return Event{std::move(*name), std::string(argument)};
    auto text = json::string(argument);
    if (!text)
        return Warn{"the event " + excerpt(*name) + " whose argument is " + text.error()};
    return Event{std::move(*name), std::move(*text)};
}

std::string refusal(std::string_view json)
{
    const auto members = json::members(json);
    const auto *message = members ? json::find(*members, "message") : nullptr;
    const auto text = json::string(message ? message->value : json);
    return text ? excerpt(*text) : excerpt(json);
}

std::string event_frame(std::string_view name, std::string_view argument)
{
    return "42[" + json::quote(name) + "," + json::quote(argument) + "]";
}

}  // namespace callagent::socketio
