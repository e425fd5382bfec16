#include "core/stun.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace callagent::stun {
namespace {

constexpr std::uint16_t kBindingRequest = 0x0001;
constexpr std::uint16_t kBindingSuccess = 0x0101;
constexpr std::uint16_t kMappedAddress = 0x0001;
constexpr std::uint16_t kXorMappedAddress = 0x0020;
constexpr std::array<std::uint8_t, 4> kCookie = {0x21, 0x12, 0xa4, 0x42};
constexpr std::size_t kHeader = 20;

unsigned read16(std::span<const std::uint8_t> bytes, std::size_t at)
{
    return static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]);
}

std::string hex(unsigned value)
{
    std::array<char, 8> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, 16);
    return error == std::errc() ? std::string(text.data(), end) : std::string();
}

// Without the shortening of runs of zeros: it is for reading only.
std::string shown(std::span<const std::uint8_t> address, unsigned port)
{
    std::string text;
    if (address.size() == 4) {
        for (const auto byte : address)
            text += (text.empty() ? "" : ".") + std::to_string(byte);
    } else {
        for (std::size_t i = 0; i < address.size(); i += 2)
            text += (i == 0 ? "" : ":") + hex(read16(address, i));
        text = "[" + text + "]";
    }
    return text + ":" + std::to_string(port);
}

// The value of (XOR-)MAPPED-ADDRESS: 0, family, port, address. `mask`: what it is XORed with, or
// zeros.
std::optional<std::string> address_in(std::span<const std::uint8_t> value,
                                      const std::array<std::uint8_t, 16> &mask)
{
    const std::size_t size = value.size() >= 2 && value[1] == 1 ? 4 : 16;
    if (value.size() != 4 + size || (value[1] != 1 && value[1] != 2))
        return std::nullopt;
    std::vector<std::uint8_t> address(value.begin() + 4, value.end());
    for (std::size_t i = 0; i < size; ++i)
        address[i] = static_cast<std::uint8_t>(address[i] ^ mask.at(i));
    return shown(address, read16(value, 2) ^ read16(mask, 0));
}

}  // namespace

std::vector<std::uint8_t> binding_request(const Transaction &transaction)
{
    std::vector<std::uint8_t> request = {0, kBindingRequest, 0, 0};  // no attributes
    request.insert(request.end(), kCookie.begin(), kCookie.end());
    request.insert(request.end(), transaction.begin(), transaction.end());
    return request;
}

Result<std::string> mapped_address(std::span<const std::uint8_t> response,
                                   const Transaction &transaction)
{
    if (response.size() < kHeader ||
        !std::equal(kCookie.begin(), kCookie.end(), response.begin() + 4) ||
        !std::equal(transaction.begin(), transaction.end(), response.begin() + 8))
        return Error{"what came back is not STUN, or for somebody else"};
    if (read16(response, 0) != kBindingSuccess)
        return Error{"the server refuses the request"};
    const auto length = std::min<std::size_t>(read16(response, 2), response.size() - kHeader);
    auto attributes = response.subspan(kHeader, length);

    std::array<std::uint8_t, 16> mask{};
    std::copy(kCookie.begin(), kCookie.end(), mask.begin());
    std::copy(transaction.begin(), transaction.end(), mask.begin() + 4);
    std::optional<std::string> plain;
    while (attributes.size() >= 4) {
        const auto type = read16(attributes, 0);
        const std::size_t size = read16(attributes, 2);
        if (size > attributes.size() - 4)
            break;
        const auto value = attributes.subspan(4, size);
        if (type == kXorMappedAddress)
            if (auto address = address_in(value, mask))
                return *address;
        if (type == kMappedAddress)  // servers from before RFC 5389
            plain = address_in(value, {});
        attributes = attributes.subspan(std::min(4 + (size + 3) / 4 * 4, attributes.size()));
    }
    if (plain)
        return *plain;
    return Error{"the answer has no address"};
}

}  // namespace callagent::stun
