// A relay's routing: who is told what. Somebody said this → these are told that. No socket; a
// client is a handle that the caller chose, known to the others by its number.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace callagent {

class Room {
public:
    using Who = std::uint64_t;
    // A number below the given one; passed in, so that tests know what comes.
    using Random = std::function<std::uint32_t(std::uint32_t below)>;

    struct Delivery {
        Who to = 0;
        std::string text;  // one JSON object

        bool operator==(const Delivery &) const = default;
    };
    using Deliveries = std::vector<Delivery>;  // in this order

    explicit Room(Random random) : random_(std::move(random)) {}

    // Gives the newcomer its number: the one it wants, if that is free and 1-16 digits, else six
    // digits.
    Deliveries join(Who who, std::string_view wanted);
    Deliveries leave(Who who);

    // A client's JSON object goes to whom its "to" names, without one to everybody else. Its "from"
    // is ours to write; the rest is passed on as it came. The error is text that is no JSON object,
    // or says what only a relay says.
    Result<Deliveries> say(Who who, std::string_view text) const;

    // Empty: not there.
    std::string number(Who who) const;

private:
    std::string free_number();
    Deliveries to_others(Who who, const std::string &text) const;

    Random random_;
    std::map<Who, std::string> numbers_;
    std::map<std::string, Who, std::less<>> clients_;  // by number
};

}  // namespace callagent
