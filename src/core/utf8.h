// UTF-8 (RFC 3629): checked before anything else looks at remote text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace callagent::utf8 {

// How many bytes of valid UTF-8 `text` begins with.
std::size_t valid(std::string_view text);

// `code`: a code point that is no surrogate.
void append(std::string &out, int code);

}  // namespace callagent::utf8
