// An RTP packet as bytes (RFC 3550, 5.1), as far as what repairs losses has to look into it. Pure;
// the bytes may come from anybody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace callagent::rtp {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

constexpr std::size_t kFixedHeader = 12;  // bytes

inline std::uint16_t read16(View bytes, std::size_t at)
{
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

inline std::uint32_t read32(View bytes, std::size_t at)
{
    return std::uint32_t{read16(bytes, at)} << 16 | read16(bytes, at + 2);
}

inline void write16(std::span<std::uint8_t> bytes, std::size_t at, unsigned value)
{
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

inline void write32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value)
{
    write16(bytes, at, value >> 16);
    write16(bytes, at + 2, value & 0xffff);
}

// With CSRCs and header extension; 0: this is no RTP packet.
inline std::size_t header_size(View packet)
{
    if (packet.size() < kFixedHeader || packet[0] >> 6 != 2)
        return 0;
    std::size_t size = kFixedHeader + std::size_t{4} * (packet[0] & 0x0fU);
    if ((packet[0] & 0x10U) != 0) {
        if (packet.size() < size + 4)
            return 0;
        size += 4 + std::size_t{4} * read16(packet, size + 2);
    }
    return packet.size() < size ? 0 : size;
}

inline bool has_marker(View packet)
{
    return (packet[1] & 0x80U) != 0;
}

inline int payload_type(View packet)
{
    return packet[1] & 0x7f;
}

inline void set_payload_type(std::span<std::uint8_t> packet, int type)
{
    packet[1] = static_cast<std::uint8_t>((packet[1] & 0x80U) | static_cast<unsigned>(type));
}

inline std::uint16_t sequence_number(View packet)
{
    return read16(packet, 2);
}

// A number that goes on where 16 bits go round: next to the newest of its stream, -1 where there is
// none yet.
inline std::int64_t unwrapped(std::uint16_t number, std::int64_t newest)
{
    if (newest < 0)
        return number + 65'536;  // what is late yet has one, too
    return newest + static_cast<std::int16_t>(number - static_cast<std::uint16_t>(newest));
}

// Of the one-byte header extension with that id (RFC 8285, 4.2), where there is one. What is
// written into it differs between who sends a packet first, who sends it on and who gets it.
inline void zero_extension(std::span<std::uint8_t> packet, int id)
{
    constexpr std::uint16_t kOneByte = 0xbede;
    const std::size_t end = header_size(packet);
    std::size_t at = kFixedHeader + std::size_t{4} * (end > 0 ? packet[0] & 0x0fU : 0U);
    if (end == 0 || (packet[0] & 0x10U) == 0 || read16(packet, at) != kOneByte)
        return;
    for (at += 4; at < end;) {
        const unsigned element = packet[at++];
        if (element == 0)
            continue;  // padding
        const std::size_t length = (element & 0x0fU) + 1;
        if (static_cast<int>(element >> 4) == id)
            for (std::size_t i = at; i < at + length && i < end; ++i)
                packet[i] = 0;
        at += length;
    }
}

}  // namespace callagent::rtp
