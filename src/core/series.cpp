#include "core/series.h"

#include <algorithm>
#include <cmath>

namespace callagent {

const char *name(Aggregate aggregate)
{
    switch (aggregate) {
        case Aggregate::Min:
            return "min";
        case Aggregate::Mean:
            return "mean";
        case Aggregate::Max:
            return "max";
        case Aggregate::P5:
            return "p5";
        case Aggregate::P50:
            return "p50";
        case Aggregate::P95:
            return "p95";
        case Aggregate::Last:
            return "last";
    }
    return "";
}

void Series::add(double t, double value, double weight)
{
    samples_.push_back({t, value, weight});
}

std::optional<double> Series::value(Aggregate aggregate) const
{
    if (samples_.empty())
        return std::nullopt;
    switch (aggregate) {
        case Aggregate::Min:
            return percentile(0);
        case Aggregate::Mean:
            return mean();
        case Aggregate::Max:
            return percentile(1);
        case Aggregate::P5:
            return percentile(0.05);
        case Aggregate::P50:
            return percentile(0.5);
        case Aggregate::P95:
            return percentile(0.95);
        case Aggregate::Last:
            return samples_.back().value;
    }
    return std::nullopt;
}

std::optional<double> Series::first(const std::function<bool(double)> &holds) const
{
    for (const auto &sample : samples_)
        if (holds(sample.value))
            return sample.t;
    return std::nullopt;
}

double Series::mean() const
{
    double sum = 0;
    double weights = 0;
    for (const auto &sample : samples_) {
        sum += sample.value * sample.weight;
        weights += sample.weight;
    }
    return weights > 0 ? sum / weights : samples_.back().value;
}

double Series::percentile(double share) const
{
    std::vector<double> values;
    values.reserve(samples_.size());
    for (const auto &sample : samples_)
        values.push_back(sample.value);
    const auto rank =
        std::max(std::ceil(share * static_cast<double>(values.size())), 1.0);  // from 1
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

}  // namespace callagent
