#include "signaling/peer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace callagent::signaling {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimerSlack = 1s;  // of GLib's timers that count in seconds
constexpr auto kToChangeOver = 10s;

// libsoup's pings come every so many seconds, at least one.
std::chrono::seconds ping_interval(const socketio::Heartbeat &heartbeat)
{
    return std::max(std::chrono::ceil<std::chrono::seconds>(heartbeat.interval), 1s);
}

}  // namespace

Peer::Peer(Config config, Handlers handlers)
    : config_(std::move(config)), handlers_(std::move(handlers)), rate_(config_.max_rate)
{
}

Transport::Handlers Peer::transport_handlers()
{
    return {[this](std::string_view text) { received(text); },
            [this] {
                if (takes_one_more())
                    still_there();
            },
            [this](const std::string &what) {
                if (!takes_one_more())
                    return;
                still_there();
                tell(handlers_.odd, what);
            },
            [this] { tell(handlers_.gone); }};
}

void Peer::start(Opened socket)
{
    auto transport = std::make_unique<WebSocketTransport>(
        std::move(socket.connection), std::move(socket.metered), config_.max_message,
        transport_handlers());
    if (!config_.socketio)
        transport->ping_every(static_cast<unsigned>(ping_interval(config_.heartbeat).count()));
    transport_ = std::move(transport);
    if (config_.socketio)
        return start_session();
    still_there();
    tell(handlers_.ready);
}

void Peer::start_polling()
{
    auto transport = std::make_unique<Polling>(config_.socketio->version, transport_handlers());
    polling_ = transport.get();
    transport_ = std::move(transport);
    start_session();
}

void Peer::start_session()
{
    session_.emplace(*config_.socketio);
    perform(session_->start());
}

void Peer::upgrade(Opened socket)
{
    if (next_)
        return;  // one at a time: this one is let go
    probed_ = false;
    auto handlers = transport_handlers();
    handlers.packet = [this](std::string_view text) { polling_ ? probe(text) : received(text); };
    handlers.gone = [this] { polling_ ? stop_upgrading() : tell(handlers_.gone); };
    next_ = std::make_unique<WebSocketTransport>(std::move(socket.connection),
                                                 std::move(socket.metered), config_.max_message,
                                                 std::move(handlers));
    patience_ = glib::after(kToChangeOver, [this] { stop_upgrading(); });
}

// "Upgrade" in the protocol document: the probe shows that the WebSocket carries, and then the
// client, which polls no more, asks for the change.
void Peer::probe(std::string_view text)
{
    if (text == "2probe" && !std::exchange(probed_, true)) {
        next_->send("3probe");
        polling_->upgrade(true);
    } else if (text == "5") {
        change_over();
    } else {
        stop_upgrading();
    }
}

void Peer::change_over()
{
    patience_.cancel();
    const auto left_over = polling_->take();
    polling_ = nullptr;
    transport_ = std::move(next_);
    for (const auto &packet : left_over)
        transport_->send(packet);
}

void Peer::stop_upgrading()
{
    patience_.cancel();
    const auto keep = std::move(next_);
    polling_->upgrade(false);
}

void Peer::send(const std::string &text)
{
    transmit(session_ ? socketio::event_frame("onEvent", text) : text);
}

void Peer::transmit(const std::string &frame)
{
    transport_->send(frame);
    // Told later: whoever sends is in the middle of something.
    if (transport_->waiting() > config_.max_waiting && !behind_)
        behind_ = glib::after(0ms, [this] { drop("it does not take what is sent to it"); });
}

void Peer::received(std::string_view text)
{
    if (!takes_one_more())
        return;
    still_there();
    if (session_)
        perform(session_->receive(text));
    else
        tell(handlers_.text, text);
}

// Something whole came. If not, the client is dropped, and so are we.
bool Peer::takes_one_more()
{
    if (rate_.take(std::chrono::steady_clock::now()))
        return true;
    drop("it sends more than " + std::to_string(std::lround(config_.max_rate)) +
         " messages a second");
    return false;
}

// A whole message or a pong came.
void Peer::still_there()
{
    if (session_)
        return;  // Socket.IO has a heartbeat of its own
    silence_ =
        glib::after(ping_interval(config_.heartbeat) + kTimerSlack + config_.heartbeat.timeout,
                    [this] { drop("it does not answer pings"); });
}

// Each action may destroy us.
void Peer::perform(const socketio::Actions &actions)
{
    const std::weak_ptr<int> life = life_;
    for (const auto &action : actions) {
        std::visit([this](const auto &a) { act(a); }, action);
        if (life.expired())
            return;
    }
}

void Peer::act(const socketio::StartTimer &start)
{
    timers_.start(start, [this](socketio::Timer timer) { perform(session_->elapsed(timer)); });
}

void Peer::act(const socketio::Event &event)
{
    if (event.name == "dispatchEvent")
        tell(handlers_.text, event.text);
    else
        tell(handlers_.odd, "sent an event that is not dispatchEvent, which is ignored");
}

void Peer::act(const socketio::Close &close)
{
    if (close.why == socketio::Close::Why::Left)
        tell(handlers_.gone);
    else
        drop(close.detail);
}

void Peer::drop(const std::string &why)
{
    const std::weak_ptr<int> life = life_;
    transport_->close();
    tell(handlers_.odd, "is dropped: " + why);
    if (!life.expired())
        tell(handlers_.gone);
}

}  // namespace callagent::signaling
