// The words that both halves of the call use: call.cpp (our own end) and call_messages.cpp (the
// peer's). Nobody else does.
#pragma once

#include <iterator>
#include <utility>

#include "core/call.h"

namespace callagent {

// The words of our `bye`, which say to the other end what its own status should be.
constexpr char kHangup[] = "hangup";
constexpr char kIce[] = "ice";
constexpr char kDtls[] = "dtls";
constexpr char kMedia[] = "media";
constexpr char kNegotiation[] = "negotiation";
constexpr char kError[] = "error";

inline void append(Call::Actions &actions, Call::Actions more)
{
    std::move(more.begin(), more.end(), std::back_inserter(actions));
}

}  // namespace callagent
