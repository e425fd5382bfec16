// Socket.IO over Engine.IO, both sides, as far as signaling needs it: the handshake, the heartbeat,
// the namespace "/" and text events. A session is fed the frames of some transport and the timers
// that it asked for, and answers what to do; it has no socket and no clock.
//
// Engine.IO 3 (Socket.IO 2): the server opens the namespace unasked, and the client pings.
// Engine.IO 4 (Socket.IO 3, 4): the client asks for the namespace, and the server pings.
// https://github.com/socketio/engine.io-protocol, https://github.com/socketio/socket.io-protocol
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace callagent::socketio {

enum class Version { Engine3 = 3, Engine4 = 4 };

struct Heartbeat {
    std::chrono::milliseconds interval{25000};
    std::chrono::milliseconds timeout{20000};
};

// A session has few timers; starting one again replaces it.
enum class Timer {
    Open,  // client: the server has to say something; server: the client has to open the namespace
    Recognise,  // client: a server of version 3 would have opened the namespace by now
    Ping,       // to send one is due
    Dead,       // the other side has been silent for too long
};

// What a session wants done, in this order.
struct Send {
    std::string frame;
    bool operator==(const Send &) const = default;
};
struct StartTimer {
    Timer timer;
    std::chrono::milliseconds delay;
    bool operator==(const StartTimer &) const = default;
};
struct StopTimer {
    Timer timer;
    bool operator==(const StopTimer &) const = default;
};
struct Connected {  // the namespace is open: events may be sent
    bool operator==(const Connected &) const = default;
};
struct Event {  // the other side emitted one
    std::string name;
    std::string text;  // its argument: JSON text, whether it came as a string or as an object
    bool operator==(const Event &) const = default;
};
struct Warn {  // something we cannot use, and ignore
    std::string why;
    bool operator==(const Warn &) const = default;
};
struct Close {  // the session is over; nothing follows
    enum class Why {
        Left,     // said goodbye
        Silent,   // heartbeat lost, or never anything heard
        Refused,  // the server does not let us into the namespace
        NotOurs,  // it does not speak Socket.IO, or sent what is none
    };
    Why why;
    std::string detail;
    bool operator==(const Close &) const = default;
};
using Action = std::variant<Send, StartTimer, StopTimer, Connected, Event, Warn, Close>;
using Actions = std::vector<Action>;

// `42["name","argument"]`
std::string event_frame(std::string_view name, std::string_view argument);

class Client {
public:
    Actions start();  // the transport is open
    Actions receive(std::string_view frame);
    Actions elapsed(Timer);

    // Engine.IO's, once it is known.
    std::optional<Version> version() const { return version_; }

    // The server is a relay whose notices can be believed (core/notice.h).
    bool tells_truth() const { return tells_truth_; }

private:
    enum class State { Waiting, Recognising, Joining, Open, Closed };

    Actions on_open(std::string_view handshake);
    Actions on_message(std::string_view message);
    Actions join(Version);
    Actions joined(bool bare);
    Actions alive() const;
    Actions end(Close::Why, std::string detail);

    State state_ = State::Waiting;
    Heartbeat heartbeat_;
    std::optional<Version> version_;
    bool tells_truth_ = false;
};

class Server {
public:
    struct Config {
        Version version = Version::Engine4;
        std::string sid;  // for the session; unguessable
        Heartbeat heartbeat;
        std::size_t max_payload = 1'000'000;  // bytes
        bool upgrades = false;                // the transport is HTTP; WebSocket is there too
    };
    explicit Server(Config config) : config_(std::move(config)) {}

    Actions start();  // the transport is open
    Actions receive(std::string_view frame);
    Actions elapsed(Timer);

private:
    enum class State { Waiting, Open, Closed };

    Actions on_message(std::string_view message);
    Actions on_connect(std::string_view name);
    Actions alive() const;
    Actions end(Close::Why, std::string detail);

    State state_ = State::Waiting;
    Config config_;
};

}  // namespace callagent::socketio
