// What can be measured of a call, by name: for --expect, --list-metrics and --metrics.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/series.h"

namespace callagent {

// Values are kept and shown in these.
enum class Unit { None, FramesPerSecond, Percent, Milliseconds, Seconds, Kbps, Decibels, Pixels };

struct Metric {
    const char *name;
    Unit unit;
    Aggregate usual;  // where none is named
    const char *meaning;
};

std::span<const Metric> metrics();
const Metric *find_metric(std::string_view name);  // null: there is none

// The name that was probably meant.
std::string nearest_metric(std::string_view name);

const char *name(Unit unit);  // "ms"; of None it is empty

// "29.97 fps", "1.2 %", "12"; up to two decimals.
std::string text(double value, Unit unit);

// For people: a line for each metric, and how an expression is written.
std::string list_metrics();

}  // namespace callagent
