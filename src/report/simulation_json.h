// What --simulate asked for, and what it did, as members of events.
#pragma once

#include "core/simulated_link.h"
#include "core/value.h"

namespace callagent::report {

// {"seed":1,"in":{"loss":0.05,"delay_ms":80,"jitter_ms":20,"rate":500000,"queue_ms":200},"out":{…}}
// What is not simulated is absent.
Object to_object(const Simulation &simulation);

// {"packets":4821,"lost":237,"queue_full":12}: all that were sent, and those of them that were
// dropped.
Object to_object(const SimulatedLink::Counts &counts);

}  // namespace callagent::report
