// --list-devices: what there is, and what to give to use it.
#pragma once

#include <string>

#include "media/devices.h"

namespace callagent {

// For a person; ends with a line end.
std::string describe(const media::Devices &devices);

}  // namespace callagent
