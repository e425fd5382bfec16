// The one STUN exchange that --doctor needs: a binding request, and the address that the server saw
// (RFC 8489). Calls themselves leave STUN to libnice.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace callagent::stun {

using Transaction = std::array<std::uint8_t, 12>;

std::vector<std::uint8_t> binding_request(const Transaction &transaction);

// What a server says to it: "203.0.113.7:40000", "[2001:db8::7]:40000"; or why that is no answer.
Result<std::string> mapped_address(std::span<const std::uint8_t> response,
                                   const Transaction &transaction);

}  // namespace callagent::stun
