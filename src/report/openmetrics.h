// --metrics: how the calls of a process stand, as OpenMetrics text (Prometheus reads it): the
// newest value of each metric of --list-metrics and the W3C's statistics, in base units (seconds,
// bytes, ratios).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/call_meter.h"
#include "core/exit.h"
#include "core/stats.h"

namespace callagent::report {

struct Standing {
    std::map<Exit, int> ended;  // calls by how they ended
    struct Now {
        std::string state;  // of the call state machine
        std::optional<Stats> stats;
        Measurements measurements;
    };
    std::optional<Now> now;  // the call there is
};

constexpr auto kOpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

std::string open_metrics(const Standing &standing);

}  // namespace callagent::report
