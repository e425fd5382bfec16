#include "signaling/peer.h"

#include <algorithm>
#include <utility>

namespace callagent::signaling {
namespace {

using namespace std::chrono_literals;

// Of one message in fragments, their headers included.
constexpr std::uint64_t kFragmentation = 2;
constexpr std::uint64_t kFrameHeader = 10;  // RFC 6455, section 5.2; at most, unmasked

constexpr auto kTimerSlack = 1s;  // of GLib's timers that count in seconds

// libsoup's pings come every so many seconds, at least one.
std::chrono::seconds ping_interval(const socketio::Heartbeat &heartbeat)
{
    return std::max(std::chrono::ceil<std::chrono::seconds>(heartbeat.interval), 1s);
}

}  // namespace

Peer::Peer(glib::Ptr<SoupWebsocketConnection> connection, glib::Ptr<GIOStream> metered,
           Config config, Handlers handlers)
    : config_(std::move(config)), handlers_(std::move(handlers)), stream_(std::move(metered))
{
    auto &meter = signaling::meter(stream_.get());
    meter.pending = 0;
    meter.limit = kFragmentation * config_.max_message;
    queued_ = meter.written;

    WebSocket::Handlers socket;
    socket.text = [this](std::string_view text) { received(text); };
    socket.binary = [this](std::size_t bytes) {
        still_there();
        tell(handlers_.odd,
             "sent a binary frame of " + std::to_string(bytes) + " bytes, which is ignored");
    };
    socket.pong = [this] { still_there(); };
    socket.closed = [this](const std::string &) { tell(handlers_.gone); };
    socket_ =
        std::make_unique<WebSocket>(std::move(connection), config_.max_message, std::move(socket));
}

void Peer::start()
{
    if (config_.socketio) {
        session_.emplace(*config_.socketio);
        perform(session_->start());
        return;
    }
    socket_->ping_every(static_cast<unsigned>(ping_interval(config_.heartbeat).count()));
    still_there();
    tell(handlers_.ready);
}

void Peer::send(const std::string &text)
{
    transmit(session_ ? socketio::event_frame("onEvent", text) : text);
}

void Peer::transmit(const std::string &frame)
{
    const auto written = signaling::meter(stream_.get()).written;
    queued_ = std::max(queued_, written) + frame.size() + kFrameHeader;
    socket_->send(frame);
    const auto now_written = signaling::meter(stream_.get()).written;
    // Told later: whoever sends is in the middle of something.
    if (queued_ > now_written + config_.max_waiting && !behind_)
        behind_ = glib::after(0ms, [this] { drop("it does not take what is sent to it"); });
}

void Peer::received(std::string_view text)
{
    still_there();
    if (session_)
        perform(session_->receive(text));
    else
        tell(handlers_.text, text);
}

// A whole message or a pong came.
void Peer::still_there()
{
    signaling::meter(stream_.get()).pending = 0;
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
    tell(handlers_.odd, "is dropped: " + why);
    if (!life.expired())
        tell(handlers_.gone);
}

}  // namespace callagent::signaling
