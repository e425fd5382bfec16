// User and password of a TURN server that shares a secret with us instead (the "TURN REST API",
// draft-uberti-behave-turn-rest; coturn's use-auth-secret): the user is when it expires, and the
// password proves that whoever made it knows the secret.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace callagent {

// The URIs of Options: one without a password gets a user (its own name is kept in it) and a
// password that are good for a day. For each call anew, as an agent may wait longer for it.
std::vector<std::string> with_credentials(std::vector<std::string> turn, const std::string &secret,
                                          std::chrono::system_clock::time_point now);

}  // namespace callagent
