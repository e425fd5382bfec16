#include "server_exchange.h"

#include <utility>

#include "glib/tls.h"

namespace callagent::glib {

template <>
struct Release<GResolver> : ReleaseObject {
};
template <>
struct Release<GList> {
    void operator()(GList *p) const noexcept { g_resolver_free_addresses(p); }
};

}  // namespace callagent::glib

namespace callagent {
namespace {

Error why(GError *raw)
{
    const auto error = glib::adopt(raw);
    if (!error || g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
        g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        return Error{"no answer"};
    return Error{glib::tls_reason(error.get())};
}

// Asks again every half second, as packets may get lost (RFC 8489, 6.2.1).
StunAnswer ask_datagram(GSocket *socket, StunBytes request, GCancellable *cancellable)
{
    GError *error = nullptr;
    std::vector<std::uint8_t> buffer(1500);
    while (!g_cancellable_is_cancelled(cancellable)) {
        if (g_socket_send(socket, reinterpret_cast<const char *>(request.data()), request.size(),
                          cancellable, &error) < 0)
            return why(error);
        if (!g_socket_condition_timed_wait(socket, G_IO_IN, G_USEC_PER_SEC / 2, cancellable,
                                           &error)) {
            if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
                return why(error);
            g_clear_error(&error);
            continue;
        }
        const auto size = g_socket_receive(socket, reinterpret_cast<char *>(buffer.data()),
                                           buffer.size(), cancellable, &error);
        if (size < 0)
            return why(error);
        buffer.resize(static_cast<std::size_t>(size));
        return buffer;
    }
    return Error{"no answer"};
}

// A STUN message over TCP has no frame but its own length (RFC 8489, 6.2.2).
StunAnswer ask_stream(GIOStream *stream, StunBytes request, GCancellable *cancellable)
{
    GError *error = nullptr;
    auto *out = g_io_stream_get_output_stream(stream);
    auto *in = g_io_stream_get_input_stream(stream);
    if (!g_output_stream_write_all(out, request.data(), request.size(), nullptr, cancellable,
                                   &error))
        return why(error);
    std::vector<std::uint8_t> buffer(20 + 1500);
    gsize size = 0;
    if (!g_input_stream_read_all(in, buffer.data(), 20, &size, cancellable, &error))
        return why(error);
    const std::size_t length = static_cast<std::size_t>(buffer[2] << 8 | buffer[3]);
    if (size < 20 || length > buffer.size() - 20)
        return Error{"what came back is not STUN"};
    gsize more = 0;
    if (!g_input_stream_read_all(in, buffer.data() + 20, length, &more, cancellable, &error))
        return why(error);
    buffer.resize(20 + more);
    return buffer;
}

Result<std::string> over_udp(const ServerAddress &server, GCancellable *cancellable,
                             const Conversation &conversation)
{
    GError *error = nullptr;
    const auto resolver = glib::adopt(g_resolver_get_default());
    const auto addresses = glib::adopt(
        g_resolver_lookup_by_name(resolver.get(), server.host.c_str(), cancellable, &error));
    if (!addresses)
        return why(error);
    Error last{"no address"};
    for (const GList *item = addresses.get(); item; item = item->next) {
        auto *address = static_cast<GInetAddress *>(item->data);
        const auto socket =
            glib::adopt(g_socket_new(g_inet_address_get_family(address), G_SOCKET_TYPE_DATAGRAM,
                                     G_SOCKET_PROTOCOL_UDP, &error));
        if (!socket)
            return why(error);
        const auto target = glib::adopt(g_inet_socket_address_new(address, server.port));
        if (!g_socket_connect(socket.get(), target.get(), cancellable, &error)) {
            last = why(std::exchange(error, nullptr));
            continue;  // no route to that kind of address: perhaps to another
        }
        return conversation(
            [&](StunBytes request) { return ask_datagram(socket.get(), request, cancellable); });
    }
    return last;
}

Result<std::string> over_tcp(const ServerAddress &server, const ServerTrust &trust,
                             GCancellable *cancellable, const Conversation &conversation)
{
    GError *error = nullptr;
    const auto authorities = glib::read_authorities(server.tls ? trust.ca : "");
    if (!authorities)
        return Error{authorities.error()};
    struct Tls {
        GTlsDatabase *authorities;
        bool insecure;
    } tls{authorities->get(), trust.insecure};
    const auto client = glib::adopt(g_socket_client_new());
    g_socket_client_set_tls(client.get(), server.tls);
    g_signal_connect(client.get(), "event",
                     G_CALLBACK(+[](GSocketClient *, GSocketClientEvent event, GSocketConnectable *,
                                    GIOStream *connection, gpointer data) {
                         const auto *with = static_cast<Tls *>(data);
                         if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
                             glib::set_trust(G_TLS_CONNECTION(connection), with->authorities,
                                             with->insecure);
                     }),
                     &tls);
    const auto stream = glib::adopt(G_IO_STREAM(g_socket_client_connect_to_host(
        client.get(), server.host.c_str(), server.port, cancellable, &error)));
    if (!stream)
        return why(error);
    return conversation(
        [&](StunBytes request) { return ask_stream(stream.get(), request, cancellable); });
}

}  // namespace

Result<std::string> talk_to(const ServerAddress &server, const ServerTrust &trust,
                            GCancellable *cancellable, const Conversation &conversation)
{
    return server.tcp ? over_tcp(server, trust, cancellable, conversation)
                      : over_udp(server, cancellable, conversation);
}

}  // namespace callagent
