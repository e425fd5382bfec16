// What the parts of the call use: call.cpp (our own end), call_messages.cpp (the peer's) and
// call_renewal.cpp (a new connection). Nobody else does.
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

// Which of them says why we end.
const char *bye_word(Exit exit);

// The ICE credentials tell one connection from another where no call id does.
std::string ufrag(const Sdp &sdp);

inline void append(Call::Actions &actions, Call::Actions more)
{
    std::move(more.begin(), more.end(), std::back_inserter(actions));
}

}  // namespace callagent
