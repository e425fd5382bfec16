// Text in messages, between quotes. Not named `quoted`: on a std::string that meets std::quoted.
#pragma once

#include <string>
#include <string_view>

namespace callagent {

// What our own user wrote, whole.
inline std::string in_quotes(std::string_view text)
{
    return "'" + std::string(text) + "'";
}

// What somebody else wrote: cut, without what could harm a terminal or a JSON string.
inline std::string excerpt(std::string_view text)
{
    constexpr std::size_t kShown = 60;
    std::string shown;
    for (const char c : text.substr(0, kShown))
        shown += c >= ' ' && c < 0x7f ? c : '?';
    return in_quotes(shown + (text.size() > kShown ? "…" : ""));
}

}  // namespace callagent
