// The verdict in the events `end` and `call-ended`:
//
//     "verdict":[{"expect":"video.fps>=25","met":false,"measured":12.3,"unit":"fps","t":3.02}]
//
// Without `measured` where nothing was; `t` (seconds since the start) is when it broke.
#pragma once

#include <vector>

#include "core/expectation.h"
#include "core/value.h"

namespace callagent::report {

Array to_array(const std::vector<Verdict> &verdicts);

// "2 of 3 expectations broken: loss<=1% (measured 4.2 %), …", the first three by name; empty where
// all were met.
std::string broken_sentence(const std::vector<Verdict> &verdicts);

}  // namespace callagent::report
