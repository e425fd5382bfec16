#include "report/metrics_json.h"

#include <utility>

namespace callagent::report {

Object to_object(const Measurements &measurements)
{
    Object all;
    for (const auto &metric : metrics()) {
        const auto found = measurements.find(metric.name);
        if (found == measurements.end() || !found->second.value(Aggregate::Last))
            continue;
        Object one;
        if (metric.unit != Unit::None)
            one.emplace_back("unit", name(metric.unit));
        for (const auto aggregate : {Aggregate::Min, Aggregate::Mean, Aggregate::Max, Aggregate::P5,
                                     Aggregate::P50, Aggregate::P95, Aggregate::Last})
            if (const auto value = found->second.value(aggregate))
                one.emplace_back(name(aggregate), *value);
        all.emplace_back(metric.name, std::move(one));
    }
    return all;
}

}  // namespace callagent::report
