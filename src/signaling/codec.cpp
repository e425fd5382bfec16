#include "signaling/codec.h"

#include "core/json.h"

namespace callagent::signaling {
namespace {

using json::Members;
using Body = decltype(Message::body);

template <typename... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

bool is_absent(const json::Member *member)
{
    return !member || json::kind(member->value) == "null";
}

// A member that has to be there, and be a string. `where`: the object's name with a dot, or
// nothing.
Result<std::string> required(const Members &members, std::string_view key, std::string_view where)
{
    const auto name = '"' + std::string(where) + std::string(key) + '"';
    const auto *member = json::find(members, key);
    if (!member)
        return Error{"no " + name};
    auto text = json::string(member->value);
    if (!text)
        return Error{name + " is " + text.error()};
    return text;
}

// A string that may be missing or null.
Result<std::string> optional(const Members &members, std::string_view key, std::string_view where)
{
    return is_absent(json::find(members, key)) ? Result<std::string>(std::string())
                                               : required(members, key, where);
}

// A number in the telephone's sense: a string, but people write numbers too.
Result<std::string> telephone(const Members &members, std::string_view key)
{
    const auto *member = json::find(members, key);
    if (member && json::kind(member->value) == "number" && json::integer(member->value))
        return std::string(member->value);
    return optional(members, key, "");
}

Result<Members> object(const Members &members, std::string_view key)
{
    const auto name = '"' + std::string(key) + '"';
    const auto *member = json::find(members, key);
    if (!member)
        return Error{"no " + name};
    auto inner = json::members(member->value);
    if (!inner)
        return Error{name + " is " + inner.error()};
    return inner;
}

// {"type":"sdp","sdp":{"type":"offer","sdp":"v=0…"}}. What it is, the inner type says: there are
// pages that send both as "sdp".
Result<Body> description(const Members &members)
{
    const auto inner = object(members, "sdp");
    if (!inner)
        return Error{inner.error()};
    const auto type = required(*inner, "type", "sdp.");
    if (!type)
        return Error{type.error()};
    if (*type != "offer" && *type != "answer")
        return Error{R"("sdp.type" is neither "offer" nor "answer")"};
    auto text = required(*inner, "sdp", "sdp.");
    if (!text)
        return Error{text.error()};
    return Body(Sdp{*type == "offer" ? Sdp::Type::Offer : Sdp::Type::Answer, std::move(*text)});
}

Result<Body> candidate(const Members &members)
{
    // null is what onicecandidate hands out at the end.
    if (const auto *member = json::find(members, "candidate"); member && is_absent(member))
        return Body(Candidate{});
    const auto inner = object(members, "candidate");
    if (!inner)
        return Error{inner.error()};
    auto text = required(*inner, "candidate", "candidate.");
    if (!text)
        return Error{text.error()};
    auto mid = optional(*inner, "sdpMid", "candidate.");
    if (!mid)
        return Error{mid.error()};
    Candidate found{std::move(*text), std::move(*mid), -1};
    if (const auto *mline = json::find(*inner, "sdpMLineIndex"); !is_absent(mline)) {
        const auto index = json::integer(mline->value);
        if (!index || *index < 0)
            return Error{R"("candidate.sdpMLineIndex" is not an index)"};
        found.mline = *index;
    }
    return Body(std::move(found));
}

template <typename T>
Result<Body> with_reason(const Members &members)
{
    auto reason = optional(members, "reason", "");
    if (!reason)
        return Error{reason.error()};
    return Body(T{std::move(*reason)});
}

template <typename T>
Result<Body> with_id(const Members &members)
{
    auto id = telephone(members, "id");
    if (!id)
        return Error{id.error()};
    if (id->empty())
        return Error{R"(no "id")"};
    return Body(T{std::move(*id)});
}

Result<Body> body(const Members &members, std::string_view type)
{
    struct Known {
        std::string_view type;
        Result<Body> (*read)(const Members &);
    };
    static constexpr Known kKnown[] = {
        {"sdp", description},
        {"sdpRemote", description},
        {"candidate", candidate},
        {"ringing", [](const Members &) { return Result<Body>(Body(Ringing{})); }},
        {"busy", [](const Members &) { return Result<Body>(Body(Busy{})); }},
        {"reject", with_reason<Reject>},
        {"bye", with_reason<Bye>},
        {"id", with_id<Id>},
        {"joined", with_id<Joined>},
        {"left", with_id<Left>},
        {"unknown", with_id<Unknown>},
    };
    for (const auto &known : kKnown)
        if (known.type == type)
            return known.read(members);
    return Error{"of a type that we do not know: " + json::quote(type.substr(0, 40))};
}

// {"type":"…" and further members.
std::string begin(std::string_view type)
{
    return R"({"type":)" + json::quote(type);
}

std::string member(std::string_view key, std::string_view text)
{
    return "," + json::quote(key) + ":" + json::quote(text);
}

std::string with_reason(std::string_view type, std::string_view reason)
{
    return begin(type) + (reason.empty() ? "" : member("reason", reason));
}

}  // namespace

Result<Message> decode(std::string_view text)
{
    const auto members = json::members(text);
    if (!members)
        return Error{members.error()};
    const auto type = required(*members, "type", "");
    if (!type)
        return Error{type.error()};
    Message message;
    struct Common {
        std::string_view key;
        std::string Message::*member;
    };
    for (const auto &[key, target] :
         {Common{"from", &Message::from}, Common{"to", &Message::to},
          Common{"call", &Message::call}, Common{"connection", &Message::connection}}) {
        auto value = telephone(*members, key);
        if (!value)
            return Error{value.error()};
        message.*target = std::move(*value);
    }
    auto content = body(*members, *type);
    if (!content)
        return Error{content.error()};
    message.body = std::move(*content);
    return message;
}

std::string encode(const Message &message)
{
    auto text = std::visit(
        Overloaded{
            [](const Sdp &sdp) {
                const bool offer = sdp.type == Sdp::Type::Offer;
                return begin(offer ? "sdp" : "sdpRemote") + R"(,"sdp":)" +
                       begin(offer ? "offer" : "answer") + member("sdp", sdp.sdp) + "}";
            },
            [](const Candidate &c) {
                return begin("candidate") + R"(,"candidate":{"candidate":)" +
                       json::quote(c.candidate) + (c.mid.empty() ? "" : member("sdpMid", c.mid)) +
                       (c.mline < 0 ? "" : R"(,"sdpMLineIndex":)" + std::to_string(c.mline)) + "}";
            },
            [](const Ringing &) { return begin("ringing"); },
            [](const Busy &) { return begin("busy"); },
            [](const Reject &reject) { return with_reason("reject", reject.reason); },
            [](const Bye &bye) { return with_reason("bye", bye.reason); },
            [](const Id &id) { return begin("id") + member("id", id.id); },
            [](const Joined &joined) { return begin("joined") + member("id", joined.id); },
            [](const Left &left) { return begin("left") + member("id", left.id); },
            [](const Unknown &unknown) { return begin("unknown") + member("id", unknown.id); },
        },
        message.body);
    if (!message.from.empty())
        text += member("from", message.from);
    if (!message.to.empty())
        text += member("to", message.to);
    if (!message.call.empty())
        text += member("call", message.call);
    if (!message.connection.empty())
        text += member("connection", message.connection);
    return text + "}";
}

}  // namespace callagent::signaling
