#include "report/simulation_json.h"

namespace callagent::report {
namespace {

double milliseconds(SimulatedLink::Time time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

Object to_object(const LinkConditions &link)
{
    Object object;
    if (link.loss > 0)
        object.emplace_back("loss", link.loss);
    if (link.delay.count() > 0)
        object.emplace_back("delay_ms", milliseconds(link.delay));
    if (link.jitter.count() > 0)
        object.emplace_back("jitter_ms", milliseconds(link.jitter));
    if (link.rate > 0) {
        object.emplace_back("rate", link.rate);
        object.emplace_back("queue_ms", milliseconds(link.queue));
    }
    return object;
}

}  // namespace

Object to_object(const Simulation &simulation)
{
    return {{"seed", simulation.seed},
            {"in", to_object(simulation.in)},
            {"out", to_object(simulation.out)}};
}

Object to_object(const SimulatedLink::Counts &counts)
{
    return {{"packets", counts.packets}, {"lost", counts.lost}, {"queue_full", counts.queue_full}};
}

}  // namespace callagent::report
