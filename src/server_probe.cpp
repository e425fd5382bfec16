#include "server_probe.h"

#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <random>
#include <string_view>
#include <thread>

#include <gio/gio.h>

#include "core/stun.h"
#include "glib/ptr.h"
#include "turn_exchange.h"

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
struct Release<GTlsDatabase> : ReleaseObject {
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
    bool turn = false;
    bool tcp = false;
    bool tls = false;
    TurnUser user;
};

std::string unescaped(std::string_view text)
{
    const auto plain = glib::adopt(g_uri_unescape_string(std::string(text).c_str(), nullptr));
    return plain ? plain.get() : std::string(text);
}

Server server_of(std::string_view uri)
{
    Server server;
    const auto scheme = uri.substr(0, uri.find(':'));
    server.turn = scheme != "stun";
    server.tls = scheme == "turns";
    server.tcp = server.tls || uri.ends_with("transport=tcp");
    auto rest = uri.substr(std::min(uri.find("//") + 2, uri.size()));
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const auto info = rest.substr(0, at);
        const auto colon = std::min(info.find(':'), info.size());
        server.user = {unescaped(info.substr(0, colon)),
                       unescaped(info.substr(std::min(colon + 1, info.size())))};
        rest.remove_prefix(at + 1);
    }
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
    if (g_error_matches(error.get(), G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
        return Error{std::string("its certificate is not trusted (") + error->message +
                     "): give its authority with --ca, or --insecure"};
    return Error{error->message};
}

using Answer = Result<std::vector<std::uint8_t>>;
using Bytes = std::span<const std::uint8_t>;

// Asks again every half second, as packets may get lost (RFC 8489, 6.2.1).
Answer ask_datagram(GSocket *socket, Bytes request, GCancellable *cancellable)
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
Answer ask_stream(GIOStream *stream, Bytes request, GCancellable *cancellable)
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

// What the server is for; the sentence about it, or why not.
Result<std::string> try_out(const Server &server, const TurnExchange &exchange)
{
    if (server.turn) {
        const auto relay = allocate_turn(server.user, exchange);
        if (!relay)
            return Error{relay.error()};
        return "relays from " + *relay;
    }
    const auto transaction = fresh_transaction();
    const auto answer = exchange(stun::binding_request(transaction));
    if (!answer)
        return Error{answer.error()};
    const auto seen = stun::mapped_address(*answer, transaction);
    if (!seen)
        return Error{seen.error()};
    return "sees us as " + *seen;
}

Result<std::string> over_udp(const Server &server, GCancellable *cancellable)
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
        return try_out(server, [&](Bytes request) {
            return ask_datagram(socket.get(), request, cancellable);
        });
    }
    return last;
}

Result<std::string> over_tcp(const Server &server, const ServerTrust &trust,
                             GCancellable *cancellable)
{
    GError *error = nullptr;
    glib::Ptr<GTlsDatabase> authorities;
    if (server.tls && !trust.ca.empty()) {
        const auto path = glib::adopt(g_canonicalize_filename(trust.ca.c_str(), nullptr));
        authorities = glib::adopt(g_tls_file_database_new(path.get(), &error));
        if (!authorities)
            return why(error);
    }
    struct Tls {
        GTlsDatabase *authorities;
        bool insecure;
    } tls{authorities.get(), trust.insecure};
    const auto client = glib::adopt(g_socket_client_new());
    g_socket_client_set_tls(client.get(), server.tls);
    g_signal_connect(
        client.get(), "event",
        G_CALLBACK(+[](GSocketClient *, GSocketClientEvent event, GSocketConnectable *,
                       GIOStream *connection, gpointer data) {
            const auto *with = static_cast<Tls *>(data);
            if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
                return;
            if (with->authorities)
                g_tls_connection_set_database(G_TLS_CONNECTION(connection), with->authorities);
            if (with->insecure)
                g_signal_connect(connection, "accept-certificate",
                                 G_CALLBACK(+[](GTlsConnection *, GTlsCertificate *,
                                                GTlsCertificateFlags, gpointer) { return TRUE; }),
                                 nullptr);
        }),
        &tls);
    const auto stream = glib::adopt(G_IO_STREAM(g_socket_client_connect_to_host(
        client.get(), server.host.c_str(), server.port, cancellable, &error)));
    if (!stream)
        return why(error);
    return try_out(server,
                   [&](Bytes request) { return ask_stream(stream.get(), request, cancellable); });
}

ServerProbe probe(const std::string &uri, const ServerTrust &trust, GCancellable *cancellable)
{
    const auto server = server_of(uri);
    const auto begin = Clock::now();
    const auto works =
        server.tcp ? over_tcp(server, trust, cancellable) : over_udp(server, cancellable);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    const auto after = " (after " + std::to_string(took.count()) + " ms)";
    return {server.shown, works.has_value(), (works ? *works : works.error()) + after};
}

// GLib 2.74 locks up where several threads are the first to need its network types and modules.
void load_network_types()
{
    for (const auto type : {G_TYPE_INET_SOCKET_ADDRESS, G_TYPE_SOCKET, G_TYPE_SOCKET_CLIENT,
                            G_TYPE_NETWORK_ADDRESS, G_TYPE_TCP_CONNECTION})
        g_type_class_unref(g_type_class_ref(type));
    g_tls_backend_get_default();
    g_proxy_resolver_get_default();
    g_object_unref(g_resolver_get_default());
}

}  // namespace

struct ServerProbes::Running {
    glib::Ptr<GCancellable> cancellable = glib::adopt(g_cancellable_new());
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t left = 0;
    bool over = false;
    std::vector<std::thread> threads;
};

ServerProbes::ServerProbes(const std::vector<std::string> &uris, const ServerTrust &trust,
                           std::chrono::milliseconds timeout,
                           std::function<void(std::size_t, ServerProbe)> found)
    : running_(std::make_unique<Running>())
{
    auto *running = running_.get();
    running->left = uris.size();
    load_network_types();
    for (std::size_t i = 0; i < uris.size(); ++i)
        running->threads.emplace_back([=, uri = uris[i]] {
            auto result = probe(uri, trust, running->cancellable.get());
            const std::lock_guard lock(running->mutex);
            if (!running->over)
                found(i, std::move(result));
            --running->left;
            running->changed.notify_all();
        });
    running->threads.emplace_back([=] {
        std::unique_lock lock(running->mutex);
        running->changed.wait_for(lock, timeout,
                                  [=] { return running->left == 0 || running->over; });
        lock.unlock();
        g_cancellable_cancel(running->cancellable.get());
    });
}

ServerProbes::~ServerProbes()
{
    {
        const std::lock_guard lock(running_->mutex);
        running_->over = true;
        running_->changed.notify_all();
    }
    for (auto &thread : running_->threads)
        thread.join();
}

std::vector<ServerProbe> probe_servers(const std::vector<std::string> &uris,
                                       const ServerTrust &trust, std::chrono::milliseconds timeout)
{
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<ServerProbe> all(uris.size());
    std::size_t done = 0;
    const ServerProbes probes(uris, trust, timeout, [&](std::size_t i, ServerProbe result) {
        const std::lock_guard lock(mutex);
        all[i] = std::move(result);
        ++done;
        changed.notify_all();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done == uris.size(); });
    lock.unlock();
    return all;
}

}  // namespace callagent
