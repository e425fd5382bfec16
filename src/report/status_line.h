// One line that says how a call stands, for a terminal.
#pragma once

#include <string>

#include "core/call.h"
#include "core/call_meter.h"

namespace callagent::report {

// "in call 0:12 | in 30 fps 812 kbps | out 30 fps 790 kbps | loss 0 % | round trip 1.1 ms"; before
// the call stands, what it waits for: "waiting for a call 0:03". `seconds`: for how long.
std::string status_line(Call::State state, double seconds, const CallMeter &meter);

}  // namespace callagent::report
