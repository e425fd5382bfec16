#include "media/tls_tunnel.h"

#include <array>
#include <list>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include <netinet/tcp.h>
#include <nice/interfaces.h>

#include "glib/tls.h"

namespace callagent::media {
namespace {

// libnice opens two for each of its addresses.
constexpr std::size_t kMaxConnections = 64;
constexpr guint kTimeout = 10;  // seconds to connect and shake hands

// libnice connects from each of its own addresses, to a server of the same family.
GSocketFamily family_from(const std::string &bind_address)
{
    bool only_ipv6 = bind_address.find(':') != std::string::npos;
    if (bind_address.empty()) {
        GList *all = nice_interfaces_get_local_ips(FALSE);
        only_ipv6 = all != nullptr;
        for (const GList *item = all; item; item = item->next)
            only_ipv6 = only_ipv6 && std::string_view(static_cast<char *>(item->data)).find(':') !=
                                         std::string_view::npos;
        g_list_free_full(all, g_free);
    }
    return only_ipv6 ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4;
}

// Media waits for nobody: each packet goes out as it comes.
void send_at_once(GSocketConnection *connection)
{
    g_socket_set_option(g_socket_connection_get_socket(connection), IPPROTO_TCP, TCP_NODELAY, TRUE,
                        nullptr);
}

// Until one end closes, or it is cancelled.
void pass_on(GIOStream *from, GIOStream *to, GCancellable *cancellable)
{
    std::array<char, 16384> buffer{};
    auto *in = g_io_stream_get_input_stream(from);
    auto *out = g_io_stream_get_output_stream(to);
    while (true) {
        const auto size =
            g_input_stream_read(in, buffer.data(), buffer.size(), cancellable, nullptr);
        if (size <= 0 || !g_output_stream_write_all(out, buffer.data(), static_cast<gsize>(size),
                                                    nullptr, cancellable, nullptr))
            return;
    }
}

}  // namespace

struct TlsTunnel::Inside {
    Server server;
    std::function<void(std::string)> failed;
    std::once_flag told;
    glib::Ptr<GTlsDatabase> authorities;
    glib::Ptr<GSocket> listener;
    glib::Ptr<GCancellable> cancellable = glib::adopt(g_cancellable_new());
    std::string address;
    std::uint16_t port = 0;
    std::thread accepting;
    std::list<std::thread> carrying;  // of `accepting`

    Status listen();
    void accept();
    glib::Ptr<GIOStream> connect();
    void carry(const glib::Ptr<GSocket> &local);
    void tell(const GError *error);
};

Status TlsTunnel::Inside::listen()
{
    const auto family = family_from(server.from);
    const auto loopback = glib::adopt(g_inet_address_new_loopback(family));
    const auto any_port = glib::adopt(g_inet_socket_address_new(loopback.get(), 0));
    GError *error = nullptr;
    listener =
        glib::adopt(g_socket_new(family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error));
    if (listener && g_socket_bind(listener.get(), any_port.get(), FALSE, &error) &&
        g_socket_listen(listener.get(), &error)) {
        const auto bound = glib::adopt(g_socket_get_local_address(listener.get(), &error));
        if (bound) {
            const auto text = glib::adopt(g_inet_address_to_string(loopback.get()));
            address = text.get();
            port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get()));
            return Done{};
        }
    }
    const auto why = glib::adopt(error);
    return Error{std::string("no port on the loopback interface for TURN over TLS: ") +
                 why->message};
}

void TlsTunnel::Inside::accept()
{
    while (auto local = glib::adopt(g_socket_accept(listener.get(), cancellable.get(), nullptr)))
        if (carrying.size() < kMaxConnections)
            carrying.emplace_back([this, socket = std::move(local)] { carry(socket); });
}

void TlsTunnel::Inside::tell(const GError *error)
{
    if (g_cancellable_is_cancelled(cancellable.get()))
        return;
    std::call_once(told, [&] { failed(glib::tls_reason(error)); });
}

glib::Ptr<GIOStream> TlsTunnel::Inside::connect()
{
    const auto client = glib::adopt(g_socket_client_new());
    g_socket_client_set_timeout(client.get(), kTimeout);
    if (!server.from.empty()) {
        const auto from =
            glib::adopt(g_inet_socket_address_new_from_string(server.from.c_str(), 0));
        g_socket_client_set_local_address(client.get(), from.get());
    }
    GError *error = nullptr;
    const auto connection = glib::adopt(g_socket_client_connect_to_host(
        client.get(), server.host.c_str(), server.port, cancellable.get(), &error));
    glib::Ptr<GIOStream> tls;
    if (connection) {
        send_at_once(connection.get());
        const auto identity = g_network_address_new(server.host.c_str(), server.port);
        tls = glib::adopt(
            g_tls_client_connection_new(G_IO_STREAM(connection.get()), identity, &error));
        g_object_unref(identity);
    }
    if (tls) {
        glib::set_trust(G_TLS_CONNECTION(tls.get()), authorities.get(), server.insecure);
        if (g_tls_connection_handshake(G_TLS_CONNECTION(tls.get()), cancellable.get(), &error)) {
            // From now on silence is nothing unusual.
            g_socket_set_timeout(g_socket_connection_get_socket(connection.get()), 0);
            return tls;
        }
    }
    const auto why = glib::adopt(error);
    tell(why.get());
    return {};
}

void TlsTunnel::Inside::carry(const glib::Ptr<GSocket> &local)
{
    const auto plain =
        glib::adopt(G_IO_STREAM(g_socket_connection_factory_create_connection(local.get())));
    send_at_once(G_SOCKET_CONNECTION(plain.get()));
    const auto tls = connect();
    if (!tls)
        return;
    // One of the two ends first, and takes the other with it.
    const auto ended = glib::adopt(g_cancellable_new());
    const auto chain = g_cancellable_connect(
        cancellable.get(),
        G_CALLBACK(+[](GCancellable *, gpointer one) { g_cancellable_cancel(G_CANCELLABLE(one)); }),
        ended.get(), nullptr);
    std::thread up([&] {
        pass_on(plain.get(), tls.get(), ended.get());
        g_cancellable_cancel(ended.get());
    });
    pass_on(tls.get(), plain.get(), ended.get());
    g_cancellable_cancel(ended.get());
    up.join();
    g_cancellable_disconnect(cancellable.get(), chain);
}

Result<std::unique_ptr<TlsTunnel>> TlsTunnel::open(const Server &server,
                                                   std::function<void(std::string)> failed)
{
    auto inside = std::make_unique<Inside>();
    inside->server = server;
    inside->failed = std::move(failed);
    auto authorities = glib::read_authorities(server.ca);
    if (!authorities)
        return Error{authorities.error()};
    inside->authorities = std::move(*authorities);
    glib::load_network_types();
    if (const auto listening = inside->listen(); !listening)
        return Error{listening.error()};
    inside->accepting = std::thread([raw = inside.get()] { raw->accept(); });
    return std::unique_ptr<TlsTunnel>(new TlsTunnel(std::move(inside)));
}

TlsTunnel::TlsTunnel(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

TlsTunnel::~TlsTunnel()
{
    g_cancellable_cancel(inside_->cancellable.get());
    inside_->accepting.join();
    for (auto &thread : inside_->carrying)
        thread.join();
}

const std::string &TlsTunnel::address() const
{
    return inside_->address;
}

std::uint16_t TlsTunnel::port() const
{
    return inside_->port;
}

}  // namespace callagent::media
