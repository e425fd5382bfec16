// One allocation at a TURN server (RFC 8656, 6), asked for and given back: does it know our user
// and password, and does it relay? Calls themselves leave TURN to libnice.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace callagent {

struct TurnUser {
    std::string name, password;
};

// Sends a request, and waits for the answer to it; or why there is none.
using TurnExchange =
    std::function<Result<std::vector<std::uint8_t>>(std::span<const std::uint8_t> request)>;

// The address that the server relayed from: "203.0.113.7:40000"; or why it does not.
Result<std::string> allocate_turn(const TurnUser &, const TurnExchange &);

}  // namespace callagent
