#include "core/room.h"

#include <algorithm>

#include "core/json.h"
#include "core/notice.h"

namespace callagent {
namespace {

constexpr std::size_t kMaxDigits = 16;

std::string notice(std::string_view type, std::string_view id)
{
    return R"({"type":)" + json::quote(type) + R"(,"id":)" + json::quote(id) + "}";
}

bool is_number(std::string_view text)
{
    return !text.empty() && text.size() <= kMaxDigits &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The same object with our "from" instead of the client's.
std::string stamped(const json::Members &members, std::string_view from)
{
    std::string text = R"({"from":)" + json::quote(from);
    for (const auto &[key, value] : members)
        if (key != "from")
            text += "," + json::quote(key) + ":" + std::string(value);
    return text + "}";
}

}  // namespace

std::string Room::number(Who who) const
{
    const auto found = numbers_.find(who);
    return found == numbers_.end() ? "" : found->second;
}

std::string Room::free_number()
{
    constexpr std::uint32_t kFirst = 100'000;
    constexpr std::uint32_t kCount = 900'000;
    // From a random one upwards: ends even when the random numbers are no good.
    auto number = random_(kCount) % kCount;
    while (clients_.contains(std::to_string(kFirst + number)))
        number = (number + 1) % kCount;
    return std::to_string(kFirst + number);
}

Room::Deliveries Room::to_others(Who who, const std::string &text) const
{
    Deliveries deliveries;
    for (const auto &[other, number] : numbers_)
        if (other != who)
            deliveries.push_back({other, text});
    return deliveries;
}

Room::Deliveries Room::join(Who who, std::string_view wanted)
{
    if (numbers_.contains(who))
        return {};
    const auto number =
        is_number(wanted) && !clients_.contains(wanted) ? std::string(wanted) : free_number();
    Deliveries deliveries{{who, notice("id", number)}};
    const auto others = to_others(who, notice("joined", number));
    deliveries.insert(deliveries.end(), others.begin(), others.end());
    numbers_[who] = number;
    clients_[number] = who;
    return deliveries;
}

Room::Deliveries Room::leave(Who who)
{
    const auto found = numbers_.find(who);
    if (found == numbers_.end())
        return {};
    const auto number = found->second;
    clients_.erase(number);
    numbers_.erase(found);
    return to_others(who, notice("left", number));
}

Result<Room::Deliveries> Room::say(Who who, std::string_view text) const
{
    const auto sender = numbers_.find(who);
    if (sender == numbers_.end())
        return Error{"from somebody who is not in the room"};
    const auto members = json::members(text);
    if (!members)
        return Error{members.error()};
    // Each of them: of two of the same name, some read the first.
    for (const auto &[key, value] : *members)
        if (const auto type = key == "type" ? json::string(value) : Result<std::string>(Error{});
            type && is_notice(*type))
            return Error{"of the type " + json::quote(*type) + ", which only a relay says"};

    const auto message = stamped(*members, sender->second);
    const auto *to = json::find(*members, "to");
    if (!to || json::kind(to->value) == "null")
        return to_others(who, message);

    // A page may well write a number as a number.
    const auto string = json::string(to->value);
    const auto number = string ? *string : std::string(to->value);
    if (number.empty())
        return to_others(who, message);
    const auto receiver = clients_.find(number);
    if (receiver == clients_.end())
        return Deliveries{{who, notice("unknown", number)}};
    return Deliveries{{receiver->second, message}};
}

}  // namespace callagent
