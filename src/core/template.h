// A pipeline description with $(name) placeholders → text for gst_parse_*. Text in, text out.
//
// Lines that begin with # are comments. They also declare the placeholders, anywhere in a comment
// line as "$(name) unit = default"; without "= default" the value must be given.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/result.h"

namespace callagent {

// Fills the placeholders with `values`, else with their defaults, and strips the comments. Values
// are quoted: whatever they contain, they add neither elements nor properties. A placeholder that
// nothing fills, that has a malformed name or that stands in quotes is an error with `file` and
// line. Values that the text does not ask for are ignored, so that a user's file may have its own
// mind.
Result<std::string> fill_template(const std::string &file, std::string_view text,
                                  const std::map<std::string, std::string> &values);

// The value as one token of gst-launch's language; an error where that has no way to write it.
Result<std::string> launch_quoted(std::string_view value);

// The description with bare caps at its beginning or end turned into a capsfilter: as a bin of its
// own it may not begin or end with them.
std::string with_closed_ends(std::string_view description);

}  // namespace callagent
