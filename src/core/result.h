// A value, or the sentence that says why there is none. Spelled as std::expected, which libstdc++
// 12 has only from C++23 on, so that an alias can replace it.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace callagent {

// `message` is for a person: who, what, why, and where it helps, what to do.
struct Error {
    std::string message;

    bool operator==(const Error &) const = default;
};

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return state_.index() == 0; }
    bool has_value() const { return state_.index() == 0; }

    // Reading the one that is not there is our bug, and throws std::bad_variant_access.
    T &operator*() & { return std::get<0>(state_); }
    const T &operator*() const & { return std::get<0>(state_); }
    T &&operator*() && { return std::get<0>(std::move(state_)); }
    T *operator->() { return &std::get<0>(state_); }
    const T *operator->() const { return &std::get<0>(state_); }
    const std::string &error() const { return std::get<1>(state_).message; }

private:
    std::variant<T, Error> state_;
};

// What can only fail or not.
struct Done {};
using Status = Result<Done>;

}  // namespace callagent
