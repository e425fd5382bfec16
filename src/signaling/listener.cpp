#include "signaling/listener.h"

#include <algorithm>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "signaling/metered.h"

namespace callagent::signaling {
namespace {

using namespace std::chrono_literals;

constexpr auto kAfterFailure = 200ms;
constexpr int kBacklog = 128;

using Addresses = std::vector<glib::Ptr<GInetAddress>>;

Addresses both(GInetAddress *(*make)(GSocketFamily))
{
    Addresses addresses;
    addresses.push_back(glib::adopt(make(G_SOCKET_FAMILY_IPV4)));
    addresses.push_back(glib::adopt(make(G_SOCKET_FAMILY_IPV6)));
    return addresses;
}

std::variant<Addresses, Listener::Error> addresses_of(const std::string &host)
{
    if (host.empty() || host == "0.0.0.0" || host == "::")
        return both(g_inet_address_new_any);
    if (host == "localhost")
        return both(g_inet_address_new_loopback);
    Addresses addresses;
    if (auto literal = glib::adopt(g_inet_address_new_from_string(host.c_str()))) {
        addresses.push_back(std::move(literal));
        return addresses;
    }
    auto *resolver = g_resolver_get_default();
    GError *raw = nullptr;
    auto *found = g_resolver_lookup_by_name(resolver, host.c_str(), nullptr, &raw);
    g_object_unref(resolver);
    if (const auto error = glib::adopt(raw))
        return Listener::Error{error->message};
    for (auto *item = found; item; item = item->next)
        addresses.push_back(glib::retain(static_cast<GInetAddress *>(item->data)));
    g_resolver_free_addresses(found);
    return addresses;
}

glib::Ptr<GSocket> listening(GInetAddress *address, std::uint16_t port, GError **error)
{
    const auto family = g_inet_address_get_family(address);
    auto socket =
        glib::adopt(g_socket_new(family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error));
    if (!socket)
        return nullptr;
    g_socket_set_blocking(socket.get(), FALSE);
    g_socket_set_listen_backlog(socket.get(), kBacklog);
    if (family == G_SOCKET_FAMILY_IPV6)
        g_socket_set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, TRUE, nullptr);
    const auto where = glib::adopt(g_inet_socket_address_new(address, port));
    if (!g_socket_bind(socket.get(), where.get(), TRUE, error) ||
        !g_socket_listen(socket.get(), error))
        return nullptr;
    return socket;
}

std::uint16_t port_of(GSocket *socket)
{
    const auto address = glib::adopt(g_socket_get_local_address(socket, nullptr));
    return address ? g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address.get()))
                   : std::uint16_t{0};
}

using Sockets = std::vector<glib::Ptr<GSocket>>;

// One for each address, all at the same port.
std::variant<Sockets, Listener::Error> listening(const Addresses &addresses, std::uint16_t port)
{
    Sockets sockets;
    std::string message = "no address";
    for (const auto &address : addresses) {
        GError *raw = nullptr;
        auto socket =
            listening(address.get(), sockets.empty() ? port : port_of(sockets[0].get()), &raw);
        const auto error = glib::adopt(raw);
        if (error && error->code == G_IO_ERROR_ADDRESS_IN_USE)
            return Listener::Error{error->message, true};
        // A machine without IPv6 is not an error, as long as there is one socket.
        if (error)
            message = error->message;
        else
            sockets.push_back(std::move(socket));
    }
    if (sockets.empty())
        return Listener::Error{message};
    return sockets;
}

}  // namespace

std::variant<std::unique_ptr<Listener>, Listener::Error> Listener::open(
    const std::string &host, std::uint16_t port, GTlsCertificate *certificate, Limits limits,
    Accepted accepted)
{
    auto addresses = addresses_of(host);
    if (auto *error = std::get_if<Error>(&addresses))
        return *error;
    // A port that is free in one family may be taken in the other: then another one is tried.
    constexpr int kTries = 8;
    std::variant<Sockets, Error> sockets;
    for (int i = 0; i < kTries; ++i) {
        sockets = listening(std::get<Addresses>(addresses), port);
        const auto *error = std::get_if<Error>(&sockets);
        if (!error || !error->in_use || port != 0)
            break;
    }
    if (auto *error = std::get_if<Error>(&sockets))
        return *error;

    std::unique_ptr<Listener> listener(new Listener(certificate, limits, std::move(accepted)));
    for (auto &socket : std::get<Sockets>(sockets))
        listener->sockets_.push_back({std::move(socket), {}});
    for (auto &socket : listener->sockets_)
        listener->watch(socket);
    listener->port_ = port_of(listener->sockets_[0].socket.get());
    return listener;
}

Listener::Listener(GTlsCertificate *certificate, Limits limits, Accepted accepted)
    : certificate_(glib::retain(certificate)), limits_(limits), accepted_(std::move(accepted))
{
}

Listener::~Listener()
{
    for (const auto &connection : connections_)
        g_object_weak_unref(connection.first, on_gone, this);
}

void Listener::watch(Socket &socket)
{
    struct Watched {
        Listener *self;
        Socket *socket;
    };
    auto *source = g_socket_create_source(socket.socket.get(), G_IO_IN, nullptr);
    const GSocketSourceFunc ready = [](GSocket *, GIOCondition, gpointer data) -> gboolean {
        const auto *watched = static_cast<Watched *>(data);
        watched->self->accept(*watched->socket);
        return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(source, G_SOURCE_FUNC(ready), new Watched{this, &socket},
                          [](gpointer data) { delete static_cast<Watched *>(data); });
    g_source_attach(source, nullptr);
    socket.watch = glib::Source(source);
}

void Listener::accept(Socket &socket)
{
    GError *raw = nullptr;
    const auto accepted = glib::adopt(g_socket_accept(socket.socket.get(), nullptr, &raw));
    if (const auto error = glib::adopt(raw)) {
        // Out of file descriptors, most likely: it stays ready to accept, so look again later.
        if (error->code != G_IO_ERROR_WOULD_BLOCK)
            socket.watch = glib::after(kAfterFailure, [this, &socket] { watch(socket); });
        return;
    }
    take(accepted.get());
}

// Who fills all connections keeps others out, whether they say anything or not.
bool Listener::has_room_for(const std::string &address) const
{
    if (connections_.size() >= limits_.connections)
        return false;
    const auto same =
        std::count_if(connections_.begin(), connections_.end(),
                      [&](const auto &item) { return item.second.address == address; });
    return static_cast<std::size_t>(same) < limits_.per_address;
}

void Listener::take(GSocket *socket)
{
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, TRUE, nullptr);
    const auto local = glib::adopt(g_socket_get_local_address(socket, nullptr));
    const auto remote = glib::adopt(g_socket_get_remote_address(socket, nullptr));
    if (!local || !remote)
        return;  // gone already
    const auto address = glib::adopt(g_inet_address_to_string(
        g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote.get()))));
    if (!has_room_for(address.get()))
        return;
    glib::Ptr<GIOStream> base =
        glib::adopt(G_IO_STREAM(g_socket_connection_factory_create_connection(socket)));
    if (certificate_) {
        base = glib::adopt(g_tls_server_connection_new(base.get(), certificate_.get(), nullptr));
        if (!base)
            return;
    }
    const auto stream = make_metered(base.get());
    auto &connection = connections_[G_OBJECT(stream.get())];
    connection.socket = glib::retain(socket);
    connection.address = address.get();
    expect(stream.get(), limits_.handshake);
    g_object_weak_ref(G_OBJECT(stream.get()), on_gone, this);
    accepted_(stream.get(), local.get(), remote.get());
}

void Listener::keep(GIOStream *stream)
{
    if (const auto found = connections_.find(G_OBJECT(stream)); found != connections_.end())
        found->second.patience.cancel();
}

void Listener::expect(GIOStream *stream, std::chrono::milliseconds within)
{
    const auto found = connections_.find(G_OBJECT(stream));
    if (found == connections_.end())
        return;
    // Shut down rather than closed: whoever reads from it finds out and tidies up.
    found->second.patience = glib::after(within, [socket = found->second.socket.get()] {
        g_socket_shutdown(socket, TRUE, TRUE, nullptr);
    });
}

GSocket *Listener::socket(GIOStream *stream) const
{
    const auto found = connections_.find(G_OBJECT(stream));
    return found == connections_.end() ? nullptr : found->second.socket.get();
}

void Listener::hurry()
{
    for (auto &[stream, connection] : connections_)
        if (connection.patience)
            g_socket_shutdown(connection.socket.get(), TRUE, TRUE, nullptr);
        else
            g_socket_set_timeout(connection.socket.get(), 1);  // s
}

void Listener::on_gone(gpointer self, GObject *stream) noexcept
{
    static_cast<Listener *>(self)->connections_.erase(stream);
}

}  // namespace callagent::signaling
