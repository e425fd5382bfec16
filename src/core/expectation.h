// What a call is expected to be (--expect), and whether it was.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/metrics.h"
#include "core/result.h"

namespace callagent {

// By the name of the metric.
using Measurements = std::map<std::string, Series, std::less<>>;

struct Expectation {
    enum class Operator { AtLeast, AtMost, Above, Below, Equal, NotEqual };

    std::string text;  // as it was written, without spaces around it
    const Metric *metric = nullptr;
    Aggregate aggregate = Aggregate::Mean;
    Operator op = Operator::AtLeast;
    double limit = 0;  // in the metric's unit

    bool holds(double value) const;
};

// NAME[.AGGREGATE] OP VALUE[UNIT]. The error is a sentence about the text.
Result<Expectation> parse_expectation(std::string_view text);

struct Verdict {
    Expectation expectation;
    bool met = false;
    std::optional<double> measured;  // absent: nothing was measured, which meets nothing
    std::optional<double> broke;     // when the first sample beyond the limit came, seconds

    // "video.fps>=25: broken: 12.3 fps, first at 3.02 s".
    std::string sentence() const;
};

// In the order of the expectations.
std::vector<Verdict> judge(const std::vector<Expectation> &expectations,
                           const Measurements &measurements);

}  // namespace callagent
