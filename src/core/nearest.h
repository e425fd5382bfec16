// The word that was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace callagent {

// The one of `words` with the fewest letters to add, drop or change (Levenshtein). Not empty.
std::string_view nearest(std::string_view word, std::span<const std::string_view> words);

}  // namespace callagent
