#include "signaling/websocket_transport.h"

#include <algorithm>
#include <utility>

namespace callagent::signaling {
namespace {

// Of one message in fragments, their headers included.
constexpr std::uint64_t kFragmentation = 2;
constexpr std::uint64_t kFrameHeader = 10;  // RFC 6455, section 5.2; at most, unmasked

}  // namespace

WebSocketTransport::WebSocketTransport(glib::Ptr<SoupWebsocketConnection> connection,
                                       glib::Ptr<GIOStream> metered, std::size_t max_message,
                                       Handlers handlers)
    : Transport(std::move(handlers)), stream_(std::move(metered))
{
    auto &meter = signaling::meter(stream_.get());
    meter.pending = 0;
    meter.limit = kFragmentation * max_message;
    meter.together = true;
    queued_ = meter.written;

    WebSocket::Handlers socket;
    socket.text = [this](std::string_view text) {
        something_came();
        tell(handlers_.packet, text);
    };
    socket.binary = [this](std::size_t bytes) {
        something_came();
        tell(handlers_.odd,
             "sent a binary frame of " + std::to_string(bytes) + " bytes, which is ignored");
    };
    socket.pong = [this] {
        something_came();
        tell(handlers_.alive);
    };
    socket.closed = [this](const std::string &) { tell(handlers_.gone); };
    socket_ = std::make_unique<WebSocket>(std::move(connection), max_message, std::move(socket));
}

void WebSocketTransport::send(const std::string &packet)
{
    queued_ = std::max(queued_, meter(stream_.get()).written) + packet.size() + kFrameHeader;
    socket_->send(packet);
}

std::uint64_t WebSocketTransport::waiting() const
{
    const auto written = meter(stream_.get()).written;
    return queued_ > written ? queued_ - written : 0;
}

}  // namespace callagent::signaling
