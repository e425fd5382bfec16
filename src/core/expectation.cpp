#include "core/expectation.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace callagent {
namespace {

using Operator = Expectation::Operator;

constexpr double kSame = 1e-9;

std::string_view trim(std::string_view text)
{
    constexpr auto kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::optional<Aggregate> find_aggregate(std::string_view text)
{
    for (const auto aggregate : {Aggregate::Min, Aggregate::Mean, Aggregate::Max, Aggregate::P5,
                                 Aggregate::P50, Aggregate::P95, Aggregate::Last})
        if (text == name(aggregate))
            return aggregate;
    return std::nullopt;
}

// The longer ones first.
constexpr std::array kOperators{
    std::pair{">=", Operator::AtLeast}, std::pair{"<=", Operator::AtMost},
    std::pair{"==", Operator::Equal},   std::pair{"!=", Operator::NotEqual},
    std::pair{">", Operator::Above},    std::pair{"<", Operator::Below},
    std::pair{"=", Operator::Equal}};

// What a value with this unit is multiplied by; absent: not a unit of such a value.
std::optional<double> factor(Unit unit, std::string_view written)
{
    if (written.empty() || written == name(unit))
        return 1;
    using Factor = std::pair<const char *, double>;
    static constexpr std::array kMilliseconds{Factor{"s", 1000}, Factor{"us", 0.001}};
    static constexpr std::array kSeconds{Factor{"ms", 0.001}, Factor{"min", 60}};
    static constexpr std::array kKbps{Factor{"bps", 0.001}, Factor{"k", 1}, Factor{"kbit/s", 1},
                                      Factor{"Mbps", 1000}, Factor{"M", 1000}};
    const auto among = [&](const auto &factors) -> std::optional<double> {
        for (const auto &[known, value] : factors)
            if (written == known)
                return value;
        return std::nullopt;
    };
    switch (unit) {
        case Unit::Milliseconds:
            return among(kMilliseconds);
        case Unit::Seconds:
            return among(kSeconds);
        case Unit::Kbps:
            return among(kKbps);
        case Unit::None:
        case Unit::FramesPerSecond:
        case Unit::Percent:
        case Unit::Decibels:
        case Unit::Pixels:
            return std::nullopt;
    }
    return std::nullopt;
}

Error wrong(std::string_view text, const std::string &why)
{
    return Error{"'" + std::string(text) + "': " + why};
}

}  // namespace

bool Expectation::holds(double value) const
{
    switch (op) {
        case Operator::AtLeast:
            return value >= limit;
        case Operator::AtMost:
            return value <= limit;
        case Operator::Above:
            return value > limit;
        case Operator::Below:
            return value < limit;
        case Operator::Equal:
            return std::abs(value - limit) < kSame;
        case Operator::NotEqual:
            return std::abs(value - limit) >= kSame;
    }
    return false;
}

Result<Expectation> parse_expectation(std::string_view text)
{
    text = trim(text);
    Expectation parsed;
    parsed.text = text;
    const auto at = text.find_first_of("<>=!");
    if (at == std::string_view::npos)
        return wrong(text, "is no expectation: write NAME OP VALUE, e.g. video.fps>=25");

    const auto left = trim(text.substr(0, at));
    parsed.metric = find_metric(left);
    if (parsed.metric) {
        parsed.aggregate = parsed.metric->usual;
    } else if (const auto dot = left.rfind('.'); dot != std::string_view::npos) {
        if (const auto aggregate = find_aggregate(left.substr(dot + 1))) {
            parsed.metric = find_metric(left.substr(0, dot));
            parsed.aggregate = *aggregate;
        }
    }
    if (!parsed.metric)
        return wrong(text, "no such metric \"" + std::string(left) + "\"; the nearest is " +
                               nearest_metric(left) + ", and --list-metrics explains all");

    auto right = text.substr(at);
    bool found = false;
    for (const auto &[written, op] : kOperators)
        if (right.starts_with(written)) {
            parsed.op = op;
            right.remove_prefix(std::string_view(written).size());
            found = true;
            break;
        }
    if (!found)
        return wrong(text, "no operator; one of >= <= > < = != stands between name and value");

    right = trim(right);
    if (right.starts_with('+'))
        right.remove_prefix(1);
    const auto [end, error] =
        std::from_chars(right.data(), right.data() + right.size(), parsed.limit);
    if (error != std::errc() || !std::isfinite(parsed.limit))
        return wrong(text, "no number behind the operator");
    right.remove_prefix(static_cast<std::size_t>(end - right.data()));
    right = trim(right);
    const auto times = factor(parsed.metric->unit, right);
    if (!times) {
        const std::string unit = name(parsed.metric->unit);
        return wrong(text,
                     "\"" + std::string(right) + "\" is no unit of " + parsed.metric->name +
                         (unit.empty() ? ", which is a mere number" : ", which is in " + unit));
    }
    parsed.limit *= *times;
    return parsed;
}

std::string Verdict::sentence() const
{
    const auto unit = expectation.metric->unit;
    if (!measured)
        return expectation.text + ": broken: nothing was measured";
    return expectation.text + ": " + (met ? "met: " : "broken: ") +
           callagent::text(*measured, unit) +
           (broke ? ", first at " + callagent::text(*broke, Unit::Seconds) : "");
}

std::vector<Verdict> judge(const std::vector<Expectation> &expectations,
                           const Measurements &measurements)
{
    std::vector<Verdict> verdicts;
    for (const auto &expectation : expectations) {
        Verdict verdict{expectation, false, {}, {}};
        if (const auto found = measurements.find(expectation.metric->name);
            found != measurements.end()) {
            verdict.measured = found->second.value(expectation.aggregate);
            verdict.met = verdict.measured && expectation.holds(*verdict.measured);
            if (!verdict.met)
                verdict.broke =
                    found->second.first([&](double value) { return !expectation.holds(value); });
        }
        verdicts.push_back(std::move(verdict));
    }
    return verdicts;
}

}  // namespace callagent
