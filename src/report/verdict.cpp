#include "report/verdict.h"

namespace callagent::report {
namespace {

constexpr std::size_t kNamed = 3;  // in a reason: the log and the event have them all

}  // namespace

Array to_array(const std::vector<Verdict> &verdicts)
{
    Array array;
    for (const auto &verdict : verdicts) {
        const auto unit = verdict.expectation.metric->unit;
        Object object{{"expect", verdict.expectation.text}, {"met", verdict.met}};
        if (verdict.measured)
            object.emplace_back("measured", *verdict.measured);
        if (unit != Unit::None)
            object.emplace_back("unit", name(unit));
        if (verdict.broke)
            object.emplace_back("t", *verdict.broke);
        array.emplace_back(std::move(object));
    }
    return array;
}

std::string broken_sentence(const std::vector<Verdict> &verdicts)
{
    std::size_t broken = 0;
    std::string list;
    for (const auto &verdict : verdicts) {
        if (verdict.met)
            continue;
        if (++broken > kNamed)
            continue;
        list += (list.empty() ? "" : ", ") + verdict.expectation.text + " (" +
                (verdict.measured
                     ? "measured " + text(*verdict.measured, verdict.expectation.metric->unit)
                     : "nothing measured") +
                ")";
    }
    if (broken == 0)
        return {};
    if (broken > kNamed)
        list += " and " + std::to_string(broken - kNamed) + " more";
    return std::to_string(broken) + " of " + std::to_string(verdicts.size()) +
           (verdicts.size() == 1 ? " expectation" : " expectations") + " broken: " + list;
}

}  // namespace callagent::report
