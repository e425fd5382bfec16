// What the samples of a call come to, in the events `end` and `call-ended`, under
// `summary.metrics`:
//
//     {"rtt":{"unit":"ms","min":0.4,"mean":0.6,"max":2.1,"p5":0.4,"p50":0.5,"p95":1.2,"last":0.5},
//     …}
//
// Names and units are those of --list-metrics; what was not measured is absent.
#pragma once

#include "core/expectation.h"
#include "core/value.h"

namespace callagent::report {

Object to_object(const Measurements &measurements);

}  // namespace callagent::report
