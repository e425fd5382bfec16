// What a call wants done, looked for in tests.
#pragma once

#include <optional>

#include "core/call.h"

namespace callagent {

template <typename T>
std::optional<T> find(const Call::Actions &actions)
{
    for (const auto &action : actions)
        if (const auto *found = std::get_if<T>(&action))
            return *found;
    return std::nullopt;
}

template <typename Body>
std::optional<Message> sent(const Call::Actions &actions)
{
    for (const auto &action : actions)
        if (const auto *send = std::get_if<Call::Send>(&action))
            if (std::holds_alternative<Body>(send->message.body))
                return send->message;
    return std::nullopt;
}

}  // namespace callagent
