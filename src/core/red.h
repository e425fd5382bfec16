// RED (RFC 2198) with one block, as video has it: a byte in front of the payload says what that
// really is. Pure; the bytes may come from anybody.
#pragma once

#include <optional>

#include "core/rtp.h"

namespace callagent::red {

// The packet with payload type `type`, its own before the payload.
inline rtp::Bytes wrapped(rtp::View packet, int type)
{
    const auto header = rtp::header_size(packet);
    rtp::Bytes bytes(packet.begin(), packet.end());
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(header),
                 static_cast<std::uint8_t>(rtp::payload_type(packet)));
    rtp::set_payload_type(bytes, type);
    return bytes;
}

// What the packet really is; nothing where it has more than one block. `skip`: bytes of the payload
// before the block, which stay (a number, in what is sent again: RFC 4588, 4).
struct Block {
    int type = -1;
    rtp::Bytes packet;  // without that byte, payload type as it was
};
inline std::optional<Block> unwrapped(rtp::View packet, std::size_t skip = 0)
{
    const auto header = rtp::header_size(packet);
    const auto at = header + skip;
    constexpr unsigned kMoreBlocks = 0x80;
    if (header == 0 || packet.size() <= at || (packet[at] & kMoreBlocks) != 0)
        return std::nullopt;
    Block block{packet[at], {packet.begin(), packet.end()}};
    block.packet.erase(block.packet.begin() + static_cast<std::ptrdiff_t>(at));
    return block;
}

}  // namespace callagent::red
