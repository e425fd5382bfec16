#include "core/command.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "core/json.h"

namespace callagent {
namespace {

using json::Members;

// The members of one command, asked for one after the other; what nobody asked for is a mistake.
class Fields {
public:
    Fields(const Members &members, std::string_view command) : members_(members), command_(command)
    {
    }

    std::string_view command() const { return command_; }

    // A member that has to be there, and be a string; `instead`: what to write.
    Result<std::string> text(std::string_view key, std::string_view instead) const
    {
        const auto *member = json::find(members_, key);
        if (!member)
            return Error{command_ + " needs " + json::quote(key) + ": " + std::string(instead)};
        auto value = json::string(member->value);
        if (!value)
            return Error{json::quote(key) + " of " + command_ + " is " + value.error() +
                         ": it takes " + std::string(instead)};
        if (value->size() > Request::kMaxText)
            return Error{json::quote(key) + " of " + command_ + " is longer than " +
                         std::to_string(Request::kMaxText) + " bytes"};
        return value;
    }

    Result<int> integer(std::string_view key, int min, int max) const
    {
        const auto range = "a whole number from " + std::to_string(min) + " to " +
                           std::to_string(max) + " (bit/s)";
        const auto *member = json::find(members_, key);
        if (!member)
            return Error{command_ + " needs " + json::quote(key) + ": " + range};
        auto value = json::integer(member->value);
        if (!value || *value < min || *value > max)
            return Error{json::quote(key) + " of " + command_ + " is " +
                         std::string(member->value.substr(0, 40)) + ": it takes " + range};
        return value;
    }

    // "audio", "video"
    Result<std::string> choice(std::string_view key,
                               std::initializer_list<std::string_view> choices) const
    {
        std::string all;
        for (const auto choice : choices)
            all += (all.empty() ? "" : " or ") + json::quote(choice);
        auto value = text(key, all);
        if (value && std::find(choices.begin(), choices.end(), *value) == choices.end())
            return Error{json::quote(key) + " of " + command_ + " is " +
                         json::quote(value->substr(0, 40)) + ": it takes " + all};
        return value;
    }

    Result<std::string> file(std::string_view key,
                             std::initializer_list<std::string_view> endings) const
    {
        std::string all;
        for (const auto ending : endings)
            all += (all.empty() ? "" : " or ") + std::string(ending);
        auto value = text(key, "a file whose name ends in " + all);
        if (value && std::none_of(endings.begin(), endings.end(), [&](std::string_view ending) {
                return value->size() > ending.size() && value->ends_with(ending);
            }))
            return Error{json::quote(key) + " of " + command_ + " is " +
                         json::quote(value->substr(0, 80)) + ": the name has to end in " + all};
        if (value && value->find('\0') != std::string::npos)
            return Error{json::quote(key) + " of " + command_ + " has a NUL in it"};
        return value;
    }

    bool has(std::string_view key) const { return json::find(members_, key) != nullptr; }

    // Nothing but these, "command" and "token".
    Status only(const std::array<std::string_view, 2> &known) const
    {
        for (const auto &member : members_) {
            if (member.key == "command" || member.key == "token" ||
                (!member.key.empty() &&
                 std::find(known.begin(), known.end(), member.key) != known.end()))
                continue;
            std::string takes;
            for (const auto &key : known)
                if (!key.empty())
                    takes += (takes.empty() ? "" : " and ") + json::quote(key);
            return Error{command_ + " takes no " + json::quote(member.key.substr(0, 40)) +
                         (takes.empty() ? ": nothing beside \"token\"" : ", only " + takes)};
        }
        return Done{};
    }

private:
    const Members &members_;
    const std::string command_;
};

template <typename T>
Result<Command> plain(const Fields &)
{
    return Command(T{});
}

Result<Command> mute(const Fields &fields)
{
    const auto media = fields.choice("media", {"audio", "video"});
    if (!media)
        return Error{media.error()};
    return Command(command::Mute{*media == "audio" ? Medium::Audio : Medium::Video,
                                 fields.command() == "mute"});
}

Result<Command> bitrate(const Fields &fields)
{
    const auto bps = fields.integer("bps", 10'000, 100'000'000);
    if (!bps)
        return Error{bps.error()};
    return Command(command::Bitrate{*bps});
}

Result<Command> snapshot(const Fields &fields)
{
    auto file = fields.file("file", {".png"});
    if (!file)
        return Error{file.error()};
    return Command(command::Snapshot{std::move(*file)});
}

Result<Command> record(const Fields &fields)
{
    const auto action = fields.choice("action", {"start", "stop"});
    if (!action)
        return Error{action.error()};
    if (*action == "stop")
        return Command(command::Record{false, {}});
    auto file = fields.file("file", {".mkv", ".webm"});
    if (!file)
        return Error{file.error()};
    return Command(command::Record{true, std::move(*file)});
}

Result<Command> dial(const Fields &fields)
{
    constexpr std::string_view kNumber = "a number of 1 to 16 digits, as a string";
    auto to = fields.text("to", kNumber);
    if (!to)
        return Error{to.error()};
    if (to->empty() || to->size() > 16 ||
        !std::all_of(to->begin(), to->end(), [](char c) { return c >= '0' && c <= '9'; }))
        return Error{R"("to" of dial is )" + json::quote(to->substr(0, 40)) + ": it takes " +
                     std::string(kNumber)};
    return Command(command::Dial{std::move(*to)});
}

Result<Command> reject(const Fields &fields)
{
    if (!fields.has("reason"))
        return Command(command::Reject{});
    auto reason = fields.text("reason", "a sentence, or nothing");
    if (!reason)
        return Error{reason.error()};
    return Command(command::Reject{std::move(*reason)});
}

Result<Command> say(const Fields &fields)
{
    auto text = fields.text("text", "what to say");
    if (!text)
        return Error{text.error()};
    if (text->empty())
        return Error{R"("text" of say is empty)"};
    return Command(command::Say{std::move(*text)});
}

struct Known {
    std::string_view name;
    Result<Command> (*read)(const Fields &);
    std::array<std::string_view, 2> takes;
};

constexpr Known kKnown[] = {
    {"hangup", plain<command::HangUp>, {}},
    {"mute", mute, {"media"}},
    {"unmute", mute, {"media"}},
    {"keyframe", plain<command::Keyframe>, {}},
    {"bitrate", bitrate, {"bps"}},
    {"snapshot", snapshot, {"file"}},
    {"record", record, {"action", "file"}},
    {"stats", plain<command::Stats>, {}},
    {"dial", dial, {"to"}},
    {"accept", plain<command::Accept>, {}},
    {"reject", reject, {"reason"}},
    {"say", say, {"text"}},
};

std::string all_commands()
{
    std::string all;
    for (const auto &known : kKnown)
        all += (all.empty() ? "" : ", ") + std::string(known.name);
    return all;
}

// Nothing where there is none.
Result<std::optional<Value>> token_of(const Members &members)
{
    const auto *member = json::find(members, "token");
    if (!member || json::kind(member->value) == "null")
        return std::optional<Value>();
    if (const auto number = json::integer(member->value))
        return std::optional<Value>(*number);
    auto text = json::string(member->value);
    if (!text || text->size() > Request::kMaxToken)
        return Error{R"("token" takes a string of at most )" + std::to_string(Request::kMaxToken) +
                     " bytes, or a whole number"};
    return std::optional<Value>(std::move(*text));
}

Result<Command> command_of(const Members &members)
{
    const auto *member = json::find(members, "command");
    if (!member)
        return Error{R"(no "command": it is one of )" + all_commands()};
    const auto name = json::string(member->value);
    if (!name)
        return Error{R"("command" is )" + name.error() + ": it is one of " + all_commands()};
    const auto *known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                     [&](const Known &one) { return one.name == *name; });
    if (known == std::end(kKnown))
        return Error{"no command " + json::quote(name->substr(0, 40)) + ": there are " +
                     all_commands()};
    const Fields fields(members, known->name);
    if (const auto only = fields.only(known->takes); !only)
        return Error{only.error()};
    return known->read(fields);
}

}  // namespace

Request parse_request(std::string_view line)
{
    if (line.size() > Request::kMaxLine)
        return {{}, Error{"longer than " + std::to_string(Request::kMaxLine) + " bytes"}};
    const auto members = json::members(line);
    if (!members)
        return {{},
                Error{members.error() + R"(: write for example {"command":"hangup","token":"1"})"}};
    auto token = token_of(*members);
    if (!token)
        return {{}, Error{token.error()}};
    return {std::move(*token), command_of(*members)};
}

Object reply_to(const std::optional<Value> &token, const Result<Object> &outcome)
{
    Object reply;
    if (token)
        reply.emplace_back("token", *token);
    reply.emplace_back("ok", outcome.has_value());
    if (outcome)
        reply.insert(reply.end(), outcome->begin(), outcome->end());
    else
        reply.emplace_back("error", outcome.error());
    return reply;
}

}  // namespace callagent
