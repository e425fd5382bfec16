#include "report/json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "core/json.h"

namespace callagent::report {
namespace {

std::string number(double value)
{
    if (!std::isfinite(value))
        return "null";
    std::array<char, 64> text{};
    const bool huge = std::abs(value) >= 1e15;  // where a double has no decimals left
    const auto [end, error] = huge ? std::to_chars(text.data(), text.data() + text.size(), value)
                                   : std::to_chars(text.data(), text.data() + text.size(), value,
                                                   std::chars_format::fixed, 6);
    if (error != std::errc())
        return "null";
    std::string result(text.data(), end);
    if (!huge) {
        result.erase(result.find_last_not_of('0') + 1);
        if (result.ends_with('.'))
            result.pop_back();
    }
    return result == "-0" ? "0" : result;
}

struct Writer {
    std::string &out;

    void operator()(std::nullptr_t) const { out += "null"; }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(std::int64_t value) const { out += std::to_string(value); }
    void operator()(double value) const { out += number(value); }
    void operator()(const std::string &value) const { out += json::quote(value); }

    void operator()(const Array &array) const
    {
        out += '[';
        for (const auto &value : array) {
            if (&value != array.data())
                out += ',';
            std::visit(*this, value.data);
        }
        out += ']';
    }

    void operator()(const Object &object) const
    {
        out += '{';
        for (const auto &member : object) {
            if (&member != object.data())
                out += ',';
            out += json::quote(member.first) + ':';
            std::visit(*this, member.second.data);
        }
        out += '}';
    }
};

}  // namespace

std::string to_json(const Value &value)
{
    std::string out;
    std::visit(Writer{out}, value.data);
    return out;
}

std::string to_json(const Object &object)
{
    std::string out;
    Writer{out}(object);
    return out;
}

}  // namespace callagent::report
