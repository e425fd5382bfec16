#include "signaling/address.h"

#include <string_view>
#include <utility>

namespace callagent::signaling {
namespace {

using retry::Fault;

constexpr auto kUriFlags = static_cast<GUriFlags>(SOUP_HTTP_URI_FLAGS);

bool is_loopback(const std::string &host)
{
    if (host == "localhost")
        return true;
    const auto address = glib::adopt(g_inet_address_new_from_string(host.c_str()));
    return address && g_inet_address_get_is_loopback(address.get());
}

// Where Socket.IO listens below the path of the URL.
std::string socketio_path(std::string path)
{
    while (path.ends_with('/'))
        path.pop_back();
    if (!path.ends_with("/socket.io"))
        path += "/socket.io";
    return path + "/";
}

std::string certificate_flaw(GTlsCertificateFlags flaws)
{
    struct Flaw {
        GTlsCertificateFlags flag;
        const char *text;
    };
    static constexpr Flaw kFlaws[] = {
        {G_TLS_CERTIFICATE_REVOKED, "it has been revoked"},
        {G_TLS_CERTIFICATE_EXPIRED, "it has expired"},
        {G_TLS_CERTIFICATE_NOT_ACTIVATED, "it is not valid yet"},
        {G_TLS_CERTIFICATE_UNKNOWN_CA, "its authority is unknown"},
        {G_TLS_CERTIFICATE_BAD_IDENTITY, "it is for another name"},
        {G_TLS_CERTIFICATE_INSECURE, "its algorithm is insecure"},
    };
    std::string text;
    for (const auto &flaw : kFlaws)
        if (flaws & flaw.flag)
            text += (text.empty() ? "" : ", ") + std::string(flaw.text);
    return text.empty() ? "it is not valid" : text;
}

// With the wrong name or date another authority does not help.
std::string certificate_remedy(GTlsCertificateFlags flaws)
{
    if (flaws & G_TLS_CERTIFICATE_UNKNOWN_CA)
        return "trust its authority with --ca FILE, or accept any certificate with --insecure";
    if (flaws & G_TLS_CERTIFICATE_BAD_IDENTITY)
        return "use the name that is in it, or accept any certificate with --insecure";
    return "have it renewed, or accept any certificate with --insecure";
}

std::string how_to_start_one(const Address &address)
{
    const std::string what =
        address.loopback ? "start callagent --answer --listen " + std::to_string(address.port)
                         : "start callagent --answer --listen :" + std::to_string(address.port);
    return what + " there, or give another URL";
}

Trouble from_status(const Address &address, unsigned status)
{
    const auto answer = address.shown + " answers with HTTP " + std::to_string(status);
    if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_FORBIDDEN)
        return {Fault::Permanent,
                "signaling: " + address.shown + " refuses us (HTTP " + std::to_string(status) +
                    "): give the token it demands with --token" +
                    (status == SOUP_STATUS_FORBIDDEN
                         ? ", or, if it is callagent's relay, allow that name there: --allow-origin"
                         : "")};
    if (SOUP_STATUS_IS_REDIRECTION(status))
        return {Fault::Permanent, "signaling: " + answer +
                                      ", which sends us elsewhere: give the URL that it leads to"};
    if (SOUP_STATUS_IS_SERVER_ERROR(status))
        return {Fault::Passing,
                "signaling: " + answer + ": the server, or what is behind it, is broken"};
    return {Fault::Permanent,
            "signaling: " + answer + ": it is a web server, but not a signaling server" +
                (address.socketio ? " (Socket.IO)" : " (WebSocket)") + ": check the URL"};
}

Trouble from_tls(const Address &address, const GError *error, GTlsCertificateFlags flaws)
{
    if (flaws != 0)
        return {Fault::Permanent, "signaling: the certificate of " + address.shown +
                                      " is not trusted: " + certificate_flaw(flaws) + ": " +
                                      certificate_remedy(flaws)};
    return {Fault::Permanent, "signaling: no TLS with " + address.shown + " (" + error->message +
                                  "): if it is a server without TLS, write " +
                                  (address.socketio ? "http://" : "ws://")};
}

Trouble from_io(const Address &address, const GError *error)
{
    switch (error->code) {
        case G_IO_ERROR_CONNECTION_REFUSED:
            return {Fault::Passing, "signaling: nothing listens at " + address.shown +
                                        " (connection refused): " + how_to_start_one(address)};
        case G_IO_ERROR_TIMED_OUT:
            return {Fault::Passing,
                    "signaling: " + address.shown +
                        " does not answer (timed out): check address, port and firewall" +
                        (address.secure ? ", and whether it speaks TLS at all" : "")};
        case G_IO_ERROR_HOST_UNREACHABLE:
        case G_IO_ERROR_NETWORK_UNREACHABLE:
            return {Fault::Passing, "signaling: no way to " + address.shown + " (" +
                                        error->message + "): check the network and the address"};
        case G_IO_ERROR_CONNECTION_CLOSED:
        case G_IO_ERROR_PARTIAL_INPUT:
            return {
                Fault::Passing,
                "signaling: " + address.shown + " closed the connection (" + error->message + ")" +
                    (address.secure ? ": see the server's log"
                                    : ": see the server's log; if it wants TLS, write " +
                                          std::string(address.socketio ? "https://" : "wss://"))};
        default:
            return {Fault::Passing,
                    "signaling: cannot connect to " + address.shown + ": " + error->message};
    }
}

}  // namespace

Result<Address> parse_address(const std::string &url)
{
    const auto wrong = [&url](const std::string &why) {
        return Error{"signaling: \"" + url + "\" is no URL of a signaling server: " + why +
                     "; write for example http://192.168.1.7:3000 or ws://host:3000/ws"};
    };
    GError *raw = nullptr;
    const auto uri = glib::adopt(g_uri_parse(url.c_str(), kUriFlags, &raw));
    if (const auto error = glib::adopt(raw))
        return wrong(error->message);

    const std::string scheme = g_uri_get_scheme(uri.get());
    const auto *host = g_uri_get_host(uri.get());
    if (scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss")
        return wrong("the scheme is none of http, https, ws, wss");
    if (!host || !*host)
        return wrong("there is no host");
    if (std::string_view(host).find_first_of(" \t\"<>\\^`{|}") != std::string_view::npos)
        return wrong("the host is no name or address");
    if (g_uri_get_port(uri.get()) == 0)
        return wrong("there is no port 0");

    Address address;
    address.socketio = scheme.starts_with("http");
    address.secure = scheme == "https" || scheme == "wss";
    address.loopback = is_loopback(host);
    const int port = g_uri_get_port(uri.get());
    address.port = port > 0 ? port : address.secure ? 443 : 80;
    const std::string path = g_uri_get_path(uri.get());
    address.shown = glib::adopt(g_uri_join(kUriFlags, scheme.c_str(), nullptr, host, port,
                                           path.c_str(), nullptr, nullptr))
                        .get();
    if (path.empty() || path == "/")
        address.shown.pop_back();  // as people write it

    std::string query = g_uri_get_query(uri.get()) ? g_uri_get_query(uri.get()) : "";
    if (address.socketio)
        query += (query.empty() ? "" : "&") + std::string("EIO=4&transport=websocket");
    address.uri = glib::adopt(g_uri_build_with_user(
        kUriFlags, address.secure ? "https" : "http", g_uri_get_user(uri.get()),
        g_uri_get_password(uri.get()), nullptr, host, port,
        address.socketio ? socketio_path(path).c_str() : (path.empty() ? "/" : path.c_str()),
        query.empty() ? nullptr : query.c_str(), nullptr));
    return address;
}

glib::Ptr<GUri> with_number(GUri *uri, const std::string &number)
{
    if (number.empty())
        return glib::adopt(g_uri_ref(uri));
    const auto escaped = glib::adopt(g_uri_escape_string(number.c_str(), nullptr, FALSE));
    const auto *query = g_uri_get_query(uri);
    const auto extended = (query ? std::string(query) + "&" : "") + "number=" + escaped.get();
    return glib::adopt(soup_uri_copy(uri, SOUP_URI_QUERY, extended.c_str(), SOUP_URI_NONE));
}

Trouble explain(const Address &address, const GError *error, unsigned status,
                GTlsCertificateFlags flaws)
{
    // A status without an upgrade says more than libsoup's words.
    if (status != SOUP_STATUS_NONE && status != SOUP_STATUS_SWITCHING_PROTOCOLS)
        return from_status(address, status);
    if (error->domain == G_RESOLVER_ERROR)
        return {Fault::Doubtful, "signaling: the name in " + address.shown + " does not resolve (" +
                                     error->message + "): check the name and the network"};
    if (error->domain == G_TLS_ERROR)
        return from_tls(address, error, flaws);
    if (error->domain == G_IO_ERROR)
        return from_io(address, error);
    return not_a_signaling_server(address, error->message);
}

Trouble not_a_signaling_server(const Address &address, const std::string &detail)
{
    return {Fault::Permanent,
            "signaling: " + address.shown + " is not a " +
                (address.socketio ? "Socket.IO" : "WebSocket") + " server (" + detail +
                "): check the URL" +
                (address.socketio ? "; for plain WebSocket write ws:// or wss://" : "")};
}

}  // namespace callagent::signaling
