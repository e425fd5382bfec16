// Lines, numbers and tokens of SDP: what parsing, editing and candidates share, and for numbers and
// letters core/origin.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace callagent::sdp {

struct Line {
    int number = 0;  // from 1, for error messages
    char type = ' ';
    std::string_view value;

    // Of an attribute: "rtpmap" and "96 VP8/90000".
    std::string_view key() const;
    std::string_view attribute() const;
    bool is(std::string_view key) const { return type == 'a' && this->key() == key; }
};

using Lines = std::vector<Line>;

// The session's lines first, then one entry for each m-line, which is its first line. The views
// point into `text`. Size, number and form of the lines are checked.
Result<std::vector<Lines>> split(std::string_view text);

// Digits only, the whole text, within the bounds.
std::optional<std::int64_t> number(std::string_view text, std::int64_t min, std::int64_t max);

// Takes the first word away from `text`; empty when there is none.
std::string_view word(std::string_view &text);
std::vector<std::string_view> words(std::string_view text);

bool is_token(std::string_view text);               // RFC 8866 token: not empty, no separators
bool same(std::string_view a, std::string_view b);  // ASCII letters regardless of case
std::string lower(std::string_view text);

Error at(const Line &line, const std::string &what);

}  // namespace callagent::sdp
