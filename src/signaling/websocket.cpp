#include "signaling/websocket.h"

#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "glib/network.h"

namespace callagent::signaling {
namespace {

std::string why_closed(SoupWebsocketConnection *connection, const std::string &error)
{
    if (!error.empty())
        return error;
    const auto code = soup_websocket_connection_get_close_code(connection);
    if (code == 0)
        return "the connection broke off";
    const auto *reason = soup_websocket_connection_get_close_data(connection);
    return "closed by the other side (" + std::to_string(code) +
           (reason && *reason ? std::string(", ") + reason : "") + ")";
}

// TLS, and libsoup itself, put streams around that of the socket.
glib::Ptr<GIOStream> around(GIOStream *stream)
{
    for (const char *name : {"base-io-stream", "base-iostream"}) {
        GIOStream *inner = nullptr;
        if (g_object_class_find_property(G_OBJECT_GET_CLASS(stream), name))
            g_object_get(stream, name, &inner, nullptr);
        if (inner)
            return glib::adopt(inner);
    }
    return {};
}

}  // namespace

WebSocket::WebSocket(glib::Ptr<SoupWebsocketConnection> connection, std::size_t max_incoming,
                     Handlers handlers)
    : connection_(std::move(connection)), handlers_(std::move(handlers))
{
    soup_websocket_connection_set_max_incoming_payload_size(connection_.get(), max_incoming);

    // Copies of the handlers are called, because a handler may destroy us. libsoup may go on
    // reading after it decided to close: what comes then is nobody's business any more.
    connections_.push_back(glib::connect<void(SoupWebsocketConnection *, gint, GBytes *)>(
        connection_.get(), "message", [this](SoupWebsocketConnection *, gint type, GBytes *bytes) {
            if (!open())
                return;
            gsize size = 0;
            const auto *data = static_cast<const char *>(g_bytes_get_data(bytes, &size));
            if (type == SOUP_WEBSOCKET_DATA_TEXT) {
                if (const auto handler = handlers_.text)
                    handler({data, size});
            } else if (const auto handler = handlers_.binary) {
                handler(size);
            }
        }));
    connections_.push_back(glib::connect<void(SoupWebsocketConnection *, GBytes *)>(
        connection_.get(), "pong", [this](SoupWebsocketConnection *, GBytes *) {
            if (const auto handler = handlers_.pong)
                handler();
        }));
    connections_.push_back(glib::connect<void(SoupWebsocketConnection *, GError *)>(
        connection_.get(), "error", [this](SoupWebsocketConnection *, GError *error) {
            if (error_.empty())
                error_ = error->message;
        }));
    connections_.push_back(glib::connect<void(SoupWebsocketConnection *)>(
        connection_.get(), "closed", [this](SoupWebsocketConnection *closed) {
            if (const auto handler = std::exchange(handlers_.closed, nullptr))
                handler(why_closed(closed, error_));
        }));
}

WebSocket::~WebSocket()
{
    connections_.clear();
    // libsoup holds itself while it closes; its keepalive timer, though, would outlive us.
    soup_websocket_connection_set_keepalive_interval(connection_.get(), 0);
    if (open())
        soup_websocket_connection_close(connection_.get(), SOUP_WEBSOCKET_CLOSE_GOING_AWAY,
                                        nullptr);
}

bool WebSocket::open() const
{
    return soup_websocket_connection_get_state(connection_.get()) == SOUP_WEBSOCKET_STATE_OPEN;
}

void WebSocket::send(std::string_view text)
{
    if (!open())
        return;
    const auto bytes = glib::adopt(g_bytes_new(text.data(), text.size()));
    soup_websocket_connection_send_message(connection_.get(), SOUP_WEBSOCKET_DATA_TEXT,
                                           bytes.get());
}

void WebSocket::close()
{
    if (open())
        soup_websocket_connection_close(connection_.get(), SOUP_WEBSOCKET_CLOSE_NORMAL, nullptr);
}

void WebSocket::ping_every(unsigned seconds)
{
    soup_websocket_connection_set_keepalive_interval(connection_.get(), seconds);
}

glib::Ptr<GSocket> WebSocket::socket() const
{
    auto stream = glib::retain(soup_websocket_connection_get_io_stream(connection_.get()));
    while (stream && !G_IS_SOCKET_CONNECTION(stream.get()))
        stream = around(stream.get());
    if (!stream)
        return {};
    return glib::retain(g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream.get())));
}

void WebSocket::set_patience(std::chrono::milliseconds patience)
{
    if (const auto tcp = socket())
        g_socket_set_option(tcp.get(), IPPROTO_TCP, TCP_USER_TIMEOUT,
                            static_cast<gint>(patience.count()), nullptr);
}

bool WebSocket::has_address() const
{
    const auto tcp = socket();
    const auto local = glib::adopt(tcp ? g_socket_get_local_address(tcp.get(), nullptr) : nullptr);
    if (!local || !G_IS_INET_SOCKET_ADDRESS(local.get()))
        return true;
    auto *address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(local.get()));
    if (g_inet_address_get_is_loopback(address))
        return true;
    const auto text = glib::adopt(g_inet_address_to_string(address));
    return glib::addresses_here().contains(text.get());
}

}  // namespace callagent::signaling
