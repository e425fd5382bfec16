// The samples of one measured value over a call, and what they come to.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace callagent {

enum class Aggregate { Min, Mean, Max, P5, P50, P95, Last };

const char *name(Aggregate aggregate);

class Series {
public:
    // `t`: seconds, in the order of time. `weight`: what the mean takes it for (the length of the
    // interval, the number of packets), so that it is that of the whole and not that of its parts.
    void add(double t, double value, double weight = 1);

    // Percentiles are those of the nearest rank: always a value that was measured. Absent where
    // there is no sample.
    std::optional<double> value(Aggregate aggregate) const;

    // When the first sample came for which this holds.
    std::optional<double> first(const std::function<bool(double)> &holds) const;

private:
    // Of a long call, percentiles come from so many samples, thinned out evenly.
    static constexpr std::size_t kKept = 1U << 15;

    struct Sample {
        double t;
        double value;
    };

    double percentile(double share) const;

    std::vector<Sample> samples_;  // every `stride_`th
    std::size_t stride_ = 1;
    std::size_t count_ = 0;
    double sum_ = 0, weights_ = 0;
    double min_ = 0, max_ = 0, last_ = 0;
};

}  // namespace callagent
