// JSON text taken apart and put together (RFC 8259), as far as signaling needs it: which members an
// object has, what a string says, and where a value ends. Values stay raw text until somebody asks,
// so that a relay passes on what it does not understand exactly as it came. Remote text is hostile:
// nothing here recurses, and numbers are never computed unless asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace callagent::json {

constexpr int kMaxDepth = 64;  // of arrays and objects; a signaling message has 3

struct Member {
    std::string key;         // unescaped
    std::string_view value;  // raw; points into the text that was parsed
};

using Members = std::vector<Member>;

// One value and nothing behind it, in valid UTF-8.
Status check(std::string_view text);

// The members of an object in their order, or the elements of an array. The whole text is checked.
Result<Members> members(std::string_view text);
Result<std::vector<std::string_view>> elements(std::string_view text);

// The member of that name; of several the last, as JavaScript does it. nullptr: none.
const Member *find(const Members &members, std::string_view key);

// What the raw value is: "object", "array", "string", "number", "boolean" or "null".
std::string_view kind(std::string_view value);

// A string's characters as UTF-8, a NUL among them where it has one. A lone surrogate becomes
// U+FFFD.
Result<std::string> string(std::string_view value);

// A whole number of the range of int.
Result<int> integer(std::string_view value);

// The text as a JSON string; bytes that are not UTF-8 become U+FFFD.
std::string quote(std::string_view text);

}  // namespace callagent::json
