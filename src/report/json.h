// A Value as JSON text on one line: what events, statistics and the summary are written with.
#pragma once

#include <string>

#include "core/value.h"

namespace callagent::report {

// Numbers have at most 6 decimals (microseconds, parts of a million); NaN and infinity, which JSON
// does not have, become null. Text that is not UTF-8 is mended.
std::string to_json(const Value &value);
std::string to_json(const Object &object);

}  // namespace callagent::report
