#include "server_probe.h"

#include <array>
#include <charconv>
#include <future>
#include <random>
#include <string_view>

#include <gio/gio.h>

#include "core/stun.h"
#include "glib/ptr.h"

namespace callagent::glib {

template <>
struct Release<GCancellable> : ReleaseObject {
};
template <>
struct Release<GInetAddress> : ReleaseObject {
};
template <>
struct Release<GIOStream> : ReleaseObject {
};
template <>
struct Release<GResolver> : ReleaseObject {
};
template <>
struct Release<GSocket> : ReleaseObject {
};
template <>
struct Release<GSocketAddress> : ReleaseObject {
};
template <>
struct Release<GSocketClient> : ReleaseObject {
};
template <>
struct Release<GList> {
    void operator()(GList *p) const noexcept { g_resolver_free_addresses(p); }
};

}  // namespace callagent::glib

namespace callagent {
namespace {

using Clock = std::chrono::steady_clock;

struct Server {
    std::string shown;
    std::string host;
    std::uint16_t port = 0;
    bool tcp = false;
    bool tls = false;
};

Server server_of(std::string_view uri)
{
    Server server;
    const auto scheme = uri.substr(0, uri.find(':'));
    server.tls = scheme == "turns";
    server.tcp = server.tls || uri.ends_with("transport=tcp");
    auto rest = uri.substr(std::min(uri.find("//") + 2, uri.size()));
    if (const auto at = rest.rfind('@'); at != std::string_view::npos)
        rest.remove_prefix(at + 1);
    server.shown = std::string(scheme) + "://" + std::string(rest);
    rest = rest.substr(0, rest.find('?'));
    const auto colon = std::min(rest.rfind(':'), rest.size());
    auto host = rest.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    server.host = host;
    const auto port = rest.substr(std::min(colon + 1, rest.size()));
    std::from_chars(port.data(), port.data() + port.size(), server.port);
    return server;
}

stun::Transaction fresh_transaction()
{
    std::random_device random;
    stun::Transaction transaction{};
    for (auto &byte : transaction)
        byte = static_cast<std::uint8_t>(random() & 0xff);
    return transaction;
}

Error why(GError *raw)
{
    const auto error = glib::adopt(raw);
    if (!error || g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
        g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        return Error{"no answer"};
    return Error{error->message};
}

// Asks again every half second, as packets may get lost (RFC 8489, 6.2.1).
Result<std::string> ask(GSocket *socket, const std::vector<std::uint8_t> &request,
                        const stun::Transaction &transaction, GCancellable *cancellable)
{
    GError *error = nullptr;
    std::array<char, 1500> buffer{};
    const auto *bytes = reinterpret_cast<const char *>(request.data());
    while (!g_cancellable_is_cancelled(cancellable)) {
        if (g_socket_send(socket, bytes, request.size(), cancellable, &error) < 0)
            return why(error);
        if (!g_socket_condition_timed_wait(socket, G_IO_IN, G_USEC_PER_SEC / 2, cancellable,
                                           &error)) {
            if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
                return why(error);
            g_clear_error(&error);
            continue;
        }
        const auto size =
            g_socket_receive(socket, buffer.data(), buffer.size(), cancellable, &error);
        if (size < 0)
            return why(error);
        return stun::mapped_address(
            {reinterpret_cast<const std::uint8_t *>(buffer.data()), static_cast<std::size_t>(size)},
            transaction);
    }
    return Error{"no answer"};
}

Result<std::string> ask_over_udp(const Server &server, GCancellable *cancellable)
{
    GError *error = nullptr;
    const auto resolver = glib::adopt(g_resolver_get_default());
    const auto addresses = glib::adopt(
        g_resolver_lookup_by_name(resolver.get(), server.host.c_str(), cancellable, &error));
    if (!addresses)
        return why(error);
    Error last{"no address"};
    const auto transaction = fresh_transaction();
    const auto request = stun::binding_request(transaction);
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
        return ask(socket.get(), request, transaction, cancellable);
    }
    return last;
}

Result<std::string> ask_over_tcp(const Server &server, GCancellable *cancellable)
{
    GError *error = nullptr;
    const auto client = glib::adopt(g_socket_client_new());
    g_socket_client_set_tls(client.get(), server.tls);
    const auto stream = glib::adopt(G_IO_STREAM(g_socket_client_connect_to_host(
        client.get(), server.host.c_str(), server.port, cancellable, &error)));
    if (!stream)
        return why(error);
    const auto transaction = fresh_transaction();
    const auto request = stun::binding_request(transaction);
    auto *out = g_io_stream_get_output_stream(stream.get());
    auto *in = g_io_stream_get_input_stream(stream.get());
    if (!g_output_stream_write_all(out, request.data(), request.size(), nullptr, cancellable,
                                   &error))
        return why(error);
    // A STUN message over TCP has no frame but its own length (RFC 8489, 6.2.2).
    std::array<std::uint8_t, 20 + 1500> buffer{};
    gsize size = 0;
    if (!g_input_stream_read_all(in, buffer.data(), 20, &size, cancellable, &error))
        return why(error);
    const std::size_t length = static_cast<std::size_t>(buffer[2] << 8 | buffer[3]);
    if (size < 20 || length > buffer.size() - 20)
        return Error{"what came back is not STUN"};
    gsize more = 0;
    if (!g_input_stream_read_all(in, buffer.data() + 20, length, &more, cancellable, &error))
        return why(error);
    return stun::mapped_address({buffer.data(), 20 + more}, transaction);
}

ServerProbe probe(const std::string &uri, GCancellable *cancellable)
{
    const auto server = server_of(uri);
    const auto begin = Clock::now();
    const auto seen =
        server.tcp ? ask_over_tcp(server, cancellable) : ask_over_udp(server, cancellable);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    const auto after = " (after " + std::to_string(took.count()) + " ms)";
    if (!seen)
        return {server.shown, false, seen.error() + after};
    return {server.shown, true, "sees us as " + *seen + after};
}

}  // namespace

std::vector<ServerProbe> probe_servers(const std::vector<std::string> &uris,
                                       std::chrono::milliseconds timeout)
{
    const auto cancellable = glib::adopt(g_cancellable_new());
    const auto deadline = Clock::now() + timeout;
    std::vector<std::future<ServerProbe>> running;
    running.reserve(uris.size());
    for (const auto &uri : uris)
        running.push_back(std::async(std::launch::async, probe, uri, cancellable.get()));
    for (const auto &one : running)
        one.wait_until(deadline);
    g_cancellable_cancel(cancellable.get());
    std::vector<ServerProbe> all;
    all.reserve(running.size());
    for (auto &one : running)
        all.push_back(one.get());
    return all;
}

}  // namespace callagent
