// Message ↔ the JSON text that goes over the wire. Tolerant of what we do not know, strict about
// what we rely on.
#pragma once

#include <string>
#include <string_view>

#include "core/message.h"
#include "core/result.h"

namespace callagent::signaling {

// The error says what is wrong with the text, and in which member.
Result<Message> decode(std::string_view text);

std::string encode(const Message &message);

}  // namespace callagent::signaling
