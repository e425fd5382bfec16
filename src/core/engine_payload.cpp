#include "core/engine_payload.h"

#include <algorithm>
#include <optional>

#include "core/socketio_packet.h"

namespace callagent::socketio {
namespace {

constexpr char kSeparator = '\x1e';
constexpr std::size_t kMaxDigits = 9;

// What the character that begins with this byte takes in JavaScript's strings.
std::size_t utf16_units(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    constexpr unsigned kContinuation = 0x80;
    constexpr unsigned kFourBytes = 0xF0;
    return (byte & 0xC0U) == kContinuation ? 0 : byte >= kFourBytes ? 2 : 1;
}

std::size_t utf16_length(std::string_view text)
{
    std::size_t units = 0;
    for (const char c : text)
        units += utf16_units(c);
    return units;
}

// The bytes of so many code units at the beginning; none where there are not as many, or where the
// end would be inside of a character.
std::optional<std::size_t> bytes_of(std::string_view text, std::size_t units)
{
    std::size_t i = 0;
    while (i < text.size() && (units > 0 || utf16_units(text[i]) == 0)) {
        const auto next = utf16_units(text[i]);
        if (next > units)
            return std::nullopt;
        units -= next;
        ++i;
    }
    return units == 0 ? std::optional(i) : std::nullopt;
}

// "12:" at the beginning, which is taken off.
std::optional<std::size_t> take_length(std::string_view &text)
{
    const auto colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos || colon > kMaxDigits)
        return std::nullopt;
    std::size_t length = 0;
    for (const char c : text.substr(0, colon)) {
        if (c < '0' || c > '9')
            return std::nullopt;
        length = length * 10 + static_cast<std::size_t>(c - '0');
    }
    text.remove_prefix(colon + 1);
    return length;
}

// A binary packet in base64 begins with a "b".
bool is_packet(std::string_view text)
{
    return !text.empty() && (text.front() == 'b' ||
                             (text.front() >= engine::kOpen && text.front() <= engine::kNoop));
}

}  // namespace

std::string encode_payload(Version version, const std::vector<std::string> &packets)
{
    std::string body;
    for (const auto &packet : packets) {
        if (version == Version::Engine3)
            body += std::to_string(utf16_length(packet)) + ":";
        else if (!body.empty())
            body += kSeparator;
        body += packet;
    }
    return body;
}

Result<std::vector<std::string_view>> decode_payload(Version version, std::string_view body)
{
    std::vector<std::string_view> packets;
    while (!body.empty()) {
        std::size_t size = std::min(body.find(kSeparator), body.size());
        std::size_t behind = 1;  // the separator
        if (version == Version::Engine3) {
            const auto length = take_length(body);
            const auto bytes = length ? bytes_of(body, *length) : std::nullopt;
            if (!bytes)
                return Error{"a payload without lengths that fit: " + excerpt(body)};
            size = *bytes;
            behind = 0;
        }
        const auto packet = body.substr(0, size);
        if (!is_packet(packet))
            return Error{"an Engine.IO packet of unknown type: " + excerpt(packet)};
        packets.push_back(packet);
        body.remove_prefix(std::min(size + behind, body.size()));
    }
    if (packets.empty())
        return Error{"an empty payload"};
    return packets;
}

}  // namespace callagent::socketio
