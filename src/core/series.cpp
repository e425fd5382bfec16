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
    min_ = count_ == 0 ? value : std::min(min_, value);
    max_ = count_ == 0 ? value : std::max(max_, value);
    last_ = value;
    sum_ += value * weight;
    weights_ += weight;
    if (count_++ % stride_ != 0)
        return;
    samples_.push_back({t, value});
    if (samples_.size() <= kKept)
        return;
    for (std::size_t i = 0; 2 * i < samples_.size(); ++i)
        samples_[i] = samples_[2 * i];
    samples_.resize((samples_.size() + 1) / 2);
    stride_ *= 2;
}

std::optional<double> Series::value(Aggregate aggregate) const
{
    if (count_ == 0)
        return std::nullopt;
    switch (aggregate) {
        case Aggregate::Min:
            return min_;
        case Aggregate::Mean:
            return weights_ > 0 ? sum_ / weights_ : last_;
        case Aggregate::Max:
            return max_;
        case Aggregate::P5:
            return percentile(0.05);
        case Aggregate::P50:
            return percentile(0.5);
        case Aggregate::P95:
            return percentile(0.95);
        case Aggregate::Last:
            return last_;
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
