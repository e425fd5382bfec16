#include "core/socketio.h"

#include <algorithm>

#include "core/json.h"
#include "core/notice.h"
#include "core/socketio_packet.h"

namespace callagent::socketio {
namespace {

using namespace std::chrono_literals;

constexpr auto kOpenTimeout = 5s;        // a server that is one answers at once
constexpr auto kJoinTimeout = 45s;       // as Socket.IO's own connectTimeout
constexpr auto kRecogniseAfter = 250ms;  // version 3 sends its "40" together with the open packet

void append(Actions &actions, Actions more)
{
    std::move(more.begin(), more.end(), std::back_inserter(actions));
}

// Packets that both sides treat alike: events, and what neither of them uses.
Actions on_other(const Packet &packet)
{
    switch (packet.type) {
        case packet::kEvent: {
            if (!packet.ours())
                return {Warn{"an event for the namespace " + excerpt(packet.space)}};
            Actions actions;
            if (!packet.ack.empty())
                actions.emplace_back(Send{"43" + std::string(packet.ack) + "[]"});
            actions.emplace_back(event_in(packet));
            return actions;
        }
        case packet::kAck:
            return {};
        case packet::kBinaryEvent:
        case packet::kBinaryAck:
            return {Warn{"a binary event, which signaling has no use for"}};
        default:
            return {Warn{std::string("a Socket.IO packet of unknown type ") +
                         excerpt(std::string_view(&packet.type, packet.type ? 1 : 0))}};
    }
}

std::optional<std::chrono::milliseconds> milliseconds(const json::Members &members,
                                                      std::string_view key)
{
    const auto *member = json::find(members, key);
    if (!member)
        return std::nullopt;
    const auto value = json::integer(member->value);
    if (!value || *value <= 0)
        return std::nullopt;
    return std::chrono::milliseconds(*value);
}

}  // namespace

// ---- Client

Actions Client::start()
{
    return {StartTimer{Timer::Open, kOpenTimeout}};
}

Actions Client::receive(std::string_view frame)
{
    if (state_ == State::Closed || frame.empty())
        return {};
    if (state_ == State::Waiting)
        return frame.front() == engine::kOpen
                   ? on_open(frame.substr(1))
                   : end(Close::Why::NotOurs, "it begins with " + excerpt(frame));

    Actions actions = alive();
    switch (frame.front()) {
        case engine::kClose:
            return end(Close::Why::Left, "the server closed the session");
        case engine::kPing:
            actions.emplace_back(Send{"3" + std::string(frame.substr(1))});
            return actions;
        case engine::kMessage:
            append(actions, on_message(frame.substr(1)));
            return actions;
        case engine::kPong:
        case engine::kUpgrade:
        case engine::kNoop:
            return actions;
        default:
            actions.emplace_back(Warn{"an Engine.IO packet of unknown type: " + excerpt(frame)});
            return actions;
    }
}

Actions Client::on_open(std::string_view handshake)
{
    const auto members = json::members(handshake);
    if (!members || !json::find(*members, "sid"))
        return end(Close::Why::NotOurs, "it begins with " + excerpt(handshake));
    heartbeat_.interval = milliseconds(*members, "pingInterval").value_or(heartbeat_.interval);
    heartbeat_.timeout = milliseconds(*members, "pingTimeout").value_or(heartbeat_.timeout);
    tells_truth_ = json::find(*members, kRelayMember) != nullptr;

    if (json::find(*members, "maxPayload"))
        return join(Version::Engine4);
    // Socket.IO 2 or an early 3: the former opens the namespace unasked.
    state_ = State::Recognising;
    return {StartTimer{Timer::Recognise, kRecogniseAfter}};
}

// Asks for the namespace.
Actions Client::join(Version version)
{
    version_ = version;
    state_ = State::Joining;
    Actions actions = alive();
    actions.emplace_back(Send{"40"});
    return actions;
}

// The namespace is open. Only version 4 says more about it; so one that merely was slow to open it
// is still recognised.
Actions Client::joined(bool bare)
{
    version_ = bare ? Version::Engine3 : Version::Engine4;
    state_ = State::Open;
    Actions actions{StopTimer{Timer::Open}, StopTimer{Timer::Recognise}};
    append(actions, alive());
    if (version_ == Version::Engine3)
        actions.emplace_back(StartTimer{Timer::Ping, heartbeat_.interval});
    actions.emplace_back(Connected{});
    return actions;
}

Actions Client::on_message(std::string_view message)
{
    const auto packet = parse(message);
    switch (packet.type) {
        case packet::kConnect:
            return packet.ours() && state_ != State::Open ? joined(packet.json.empty()) : Actions{};
        case packet::kDisconnect:
            return packet.ours() ? end(Close::Why::Left, "the server disconnected us") : Actions{};
        case packet::kError:
            return packet.ours() ? end(Close::Why::Refused, refusal(packet.json)) : Actions{};
        default:
            return on_other(packet);
    }
}

Actions Client::elapsed(Timer timer)
{
    if (state_ == State::Closed)
        return {};
    switch (timer) {
        case Timer::Open:
            return end(Close::Why::NotOurs, "it said nothing that a Socket.IO server says");
        case Timer::Recognise:
            return state_ == State::Recognising ? join(Version::Engine4) : Actions{};
        case Timer::Ping:
            return {Send{"2"}, StartTimer{Timer::Ping, heartbeat_.interval}};
        case Timer::Dead:
            return end(Close::Why::Silent, "no heartbeat from the server");
    }
    return {};
}

// Whatever comes proves that the other side lives. Not before the version is known: until then
// Timer::Open watches.
Actions Client::alive() const
{
    if (!version_)
        return {};
    return {StartTimer{Timer::Dead, heartbeat_.interval + heartbeat_.timeout}};
}

Actions Client::end(Close::Why why, std::string detail)
{
    state_ = State::Closed;
    return {Close{why, std::move(detail)}};
}

// ---- Server

Actions Server::start()
{
    const auto ms = [](std::chrono::milliseconds t) { return std::to_string(t.count()); };
    std::string open = R"(0{"sid":)" + json::quote(config_.sid) + R"(,"upgrades":[)" +
                       (config_.upgrades ? R"("websocket")" : "") + R"(],"pingInterval":)" +
                       ms(config_.heartbeat.interval) + R"(,"pingTimeout":)" +
                       ms(config_.heartbeat.timeout);
    if (config_.version == Version::Engine4)
        open += R"(,"maxPayload":)" + std::to_string(config_.max_payload);
    open += "," + json::quote(kRelayMember) + ":true";
    Actions actions{Send{open + "}"}};
    if (config_.version == Version::Engine3) {
        state_ = State::Open;
        append(actions, {Send{"40"}, Connected{}});
    } else {
        append(actions, {StartTimer{Timer::Open, kJoinTimeout},
                         StartTimer{Timer::Ping, config_.heartbeat.interval}});
    }
    append(actions, alive());
    return actions;
}

Actions Server::receive(std::string_view frame)
{
    if (state_ == State::Closed || frame.empty())
        return {};
    Actions actions = alive();
    switch (frame.front()) {
        case engine::kClose:
            return end(Close::Why::Left, "the client closed the session");
        case engine::kPing:
            actions.emplace_back(Send{"3" + std::string(frame.substr(1))});
            return actions;
        case engine::kMessage:
            append(actions, on_message(frame.substr(1)));
            return actions;
        case engine::kPong:
        case engine::kUpgrade:
        case engine::kNoop:
            return actions;
        default:
            return end(Close::Why::NotOurs,
                       "it sent an Engine.IO packet of unknown type: " + excerpt(frame));
    }
}

Actions Server::on_message(std::string_view message)
{
    const auto packet = parse(message);
    if (!well_formed(packet))
        return end(Close::Why::NotOurs, "it sent what is no Socket.IO packet: " + excerpt(message));
    switch (packet.type) {
        case packet::kConnect:
            return on_connect(packet.space);
        case packet::kDisconnect:
            return packet.ours() ? end(Close::Why::Left, "the client disconnected") : Actions{};
        default:
            if (state_ != State::Open)
                return {Warn{"a packet before the namespace is open: " + excerpt(message)}};
            return on_other(packet);
    }
}

Actions Server::on_connect(std::string_view name)
{
    if (!name.empty() && name != "/") {
        const auto why = config_.version == Version::Engine4 ? R"({"message":"Invalid namespace"})"
                                                             : R"("Invalid namespace")";
        return {Send{"44" + std::string(name) + "," + why}};
    }
    if (state_ == State::Open)
        return {};
    state_ = State::Open;
    return {StopTimer{Timer::Open}, Send{R"(40{"sid":)" + json::quote(config_.sid) + "}"},
            Connected{}};
}

Actions Server::elapsed(Timer timer)
{
    if (state_ == State::Closed)
        return {};
    switch (timer) {
        case Timer::Open:
            return end(Close::Why::NotOurs, "the client never opened the namespace");
        case Timer::Ping:
            return {Send{"2"}, StartTimer{Timer::Ping, config_.heartbeat.interval}};
        case Timer::Dead:
            return end(Close::Why::Silent, "no heartbeat from the client");
        case Timer::Recognise:
            break;
    }
    return {};
}

Actions Server::alive() const
{
    return {StartTimer{Timer::Dead, config_.heartbeat.interval + config_.heartbeat.timeout}};
}

Actions Server::end(Close::Why why, std::string detail)
{
    state_ = State::Closed;
    return {Close{why, std::move(detail)}};
}

}  // namespace callagent::socketio
