// A JSON value as plain data: what events, statistics and the summary are made of before report
// writes them. Objects keep the order they were written in.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace callagent {

struct Value;
using Member = std::pair<std::string, Value>;
using Object = std::vector<Member>;
using Array = std::vector<Value>;

struct Value {
    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data;

    Value() : data(nullptr) {}
    Value(bool v) : data(v) {}
    Value(int v) : data(std::int64_t{v}) {}
    Value(unsigned v) : data(std::int64_t{v}) {}
    Value(std::int64_t v) : data(v) {}
    Value(std::uint64_t v) : data(static_cast<std::int64_t>(v)) {}
    Value(double v) : data(v) {}
    Value(const char *v) : data(std::string(v)) {}
    Value(std::string v) : data(std::move(v)) {}
    Value(Array v) : data(std::move(v)) {}
    Value(Object v) : data(std::move(v)) {}
};

}  // namespace callagent
