// One allocation at a TURN server (RFC 8656, 6), asked for and given back: does it know our user
// and password, and does it relay? Calls themselves leave TURN to libnice.
#pragma once

#include <string>

#include "core/result.h"
#include "server_exchange.h"

namespace callagent {

struct TurnUser {
    std::string name, password;
};

// The address that the server relayed from: "203.0.113.7:40000"; or why it does not.
Result<std::string> allocate_turn(const TurnUser &, const StunExchange &);

}  // namespace callagent
