#include "report/openmetrics.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "report/json.h"
#include "report/stats_json.h"

namespace callagent::report {
namespace {

// A family's lines stand together, whatever the order in which its values come.
class Page {
public:
    void add(const std::string &family, const char *type, const std::string &unit,
             const std::string &help, const std::string &labels, double value)
    {
        auto [found, is_new] = families_.try_emplace(family);
        if (is_new) {
            order_.push_back(family);
            found->second = "# TYPE " + family + " " + type + "\n";
            if (!unit.empty())
                found->second += "# UNIT " + family + " " + unit + "\n";
            if (!help.empty())
                found->second += "# HELP " + family + " " + help + "\n";
        }
        const bool counter = std::string_view(type) == "counter";
        found->second += family + (counter ? "_total" : "") +
                         (labels.empty() ? "" : "{" + labels + "}") + " " + to_json(Value(value)) +
                         "\n";
    }

    std::string text() const
    {
        std::string text;
        for (const auto &family : order_)
            text += families_.at(family);
        return text + "# EOF\n";
    }

private:
    std::vector<std::string> order_;
    std::map<std::string, std::string> families_;
};

struct Base {
    const char *unit;
    double factor;
};

Base base(Unit unit)
{
    switch (unit) {
        case Unit::None:
            return {"", 1};
        case Unit::FramesPerSecond:
            return {"frames_per_second", 1};
        case Unit::Percent:
            return {"ratio", 0.01};
        case Unit::Milliseconds:
            return {"seconds", 0.001};
        case Unit::Seconds:
            return {"seconds", 1};
        case Unit::Kbps:
            return {"bits_per_second", 1000};
        case Unit::Decibels:
            return {"decibels", 1};
        case Unit::Pixels:
            return {"pixels", 1};
    }
    return {"", 1};
}

std::string snake(std::string_view camel)
{
    std::string result;
    for (const char c : camel) {
        if (std::isupper(static_cast<unsigned char>(c))) {
            result += '_';
            result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else {
            result += c == '-' || c == '.' ? '_' : c;
        }
    }
    return result;
}

void add_metrics(Page &page, const Measurements &measurements)
{
    for (const auto &metric : metrics()) {
        const auto found = measurements.find(metric.name);
        if (found == measurements.end())
            continue;
        const auto [unit, factor] = base(metric.unit);
        const auto suffix = *unit ? std::string("_") + unit : "";
        page.add("callagent_" + snake(metric.name) + suffix, "gauge", unit, metric.meaning, "",
                 found->second.value(Aggregate::Last).value_or(0) * factor);
    }
}

const std::string *text_of(const Object &entry, std::string_view name)
{
    for (const auto &[key, value] : entry)
        if (key == name)
            return std::get_if<std::string>(&value.data);
    return nullptr;
}

std::optional<double> number(const Value &value)
{
    if (const auto *whole = std::get_if<std::int64_t>(&value.data))
        return static_cast<double>(*whole);
    if (const auto *real = std::get_if<double>(&value.data))
        return *real;
    return std::nullopt;
}

// What may become less again; all other numbers are totals.
bool is_gauge(std::string_view name)
{
    static const std::set<std::string_view> gauges{"jitter",
                                                   "framesPerSecond",
                                                   "audioLevel",
                                                   "frameWidth",
                                                   "frameHeight",
                                                   "targetBitrate",
                                                   "roundTripTime",
                                                   "currentRoundTripTime",
                                                   "fractionLost",
                                                   "packetsLost",
                                                   "availableOutgoingBitrate"};
    return gauges.contains(name);
}

void add_statistics(Page &page, const Stats &stats)
{
    static const std::set<std::string_view> types{
        "inbound-rtp", "outbound-rtp", "remote-inbound-rtp", "candidate-pair", "transport"};
    for (const auto &value : to_array(stats)) {
        const auto &entry = std::get<Object>(value.data);
        const auto *type = text_of(entry, "type");
        if (!type || !types.contains(*type))
            continue;
        std::string labels;
        if (const auto *kind = text_of(entry, "kind"))
            labels = "kind=\"" + *kind + "\"";
        for (const auto &[name, held] : entry)
            if (const auto ssrc = number(held); ssrc && name == "ssrc")
                labels += ",ssrc=\"" + std::to_string(static_cast<std::uint32_t>(*ssrc)) + "\"";
        for (const auto &[name, held] : entry)
            if (const auto amount = number(held); amount && name != "ssrc")
                page.add("callagent_" + snake(*type) + "_" + snake(name),
                         is_gauge(name) ? "gauge" : "counter", "", "", labels, *amount);
    }
}

}  // namespace

std::string open_metrics(const Standing &standing)
{
    Page page;
    for (const auto &[exit, count] : standing.ended)
        page.add("callagent_calls_ended", "counter", "", "calls by the exit status of each",
                 "exit_code=\"" + std::to_string(static_cast<int>(exit)) + "\"", count);
    if (standing.now) {
        page.add("callagent_call_state", "gauge", "", "1: the state that the call is in",
                 "state=\"" + standing.now->state + "\"", 1);
        add_metrics(page, standing.now->measurements);
        if (standing.now->stats)
            add_statistics(page, *standing.now->stats);
    }
    return page.text();
}

}  // namespace callagent::report
