#include "signaling/request.h"

#include <array>
#include <cstdint>
#include <cstdlib>

#include <sys/random.h>

#include "core/json.h"

namespace callagent::signaling {
namespace {

constexpr const char *kStream = "callagent-stream";

class Query {
public:
    explicit Query(GUri *uri)
        : values_(
              glib::adopt(g_uri_get_query(uri) ? soup_form_decode(g_uri_get_query(uri)) : nullptr))
    {
    }
    std::string operator[](const char *key) const
    {
        const auto *value =
            values_ ? static_cast<const char *>(g_hash_table_lookup(values_.get(), key)) : nullptr;
        return value ? value : "";
    }

private:
    glib::Ptr<GHashTable> values_;
};

std::string bearer_token(SoupMessageHeaders *headers)
{
    constexpr std::string_view kBearer = "Bearer ";
    const auto *value = soup_message_headers_get_one(headers, "Authorization");
    const std::string_view text = value ? value : "";
    return std::string(text.starts_with(kBearer) ? text.substr(kBearer.size()) : "");
}

const char *words(EngineError error)
{
    switch (error) {
        case EngineError::TransportUnknown:
            return "Transport unknown";
        case EngineError::SessionUnknown:
            return "Session ID unknown";
        case EngineError::BadMethod:
            return "Bad handshake method";
        case EngineError::BadRequest:
            return "Bad request";
        case EngineError::Forbidden:
            return "Forbidden";
        case EngineError::Version:
            return "Unsupported protocol version";
    }
    return "";
}

std::optional<EngineError> refusal(const Request &request, std::string_view transport,
                                   std::string_view method)
{
    if (!request.socketio)
        return EngineError::Version;
    if (transport != (request.upgrade ? "websocket" : "polling"))
        return EngineError::TransportUnknown;
    if (method != "GET" && (method != "POST" || request.sid.empty()))
        return EngineError::BadMethod;
    return std::nullopt;
}

}  // namespace

Request read_request(SoupServerMessage *message)
{
    auto *uri = soup_server_message_get_uri(message);
    auto *headers = soup_server_message_get_request_headers(message);
    const std::string path = g_uri_get_path(uri);
    const Query query(uri);

    Request request;
    request.upgrade = soup_message_headers_header_contains(headers, "Upgrade", "websocket");
    request.number = query["number"];
    request.token = bearer_token(headers);
    if (request.token.empty())
        request.token = query["token"];
    if (!path.ends_with("/socket.io/") && !path.ends_with("/socket.io"))
        return request;

    request.engine_io = true;
    if (query["EIO"] == "3")
        request.socketio = socketio::Version::Engine3;
    else if (query["EIO"] == "4")
        request.socketio = socketio::Version::Engine4;
    request.sid = query["sid"];
    request.refusal = refusal(request, query["transport"], soup_server_message_get_method(message));
    return request;
}

std::string engine_error(EngineError error)
{
    return engine_error(error, words(error));
}

std::string engine_error(EngineError error, std::string_view message)
{
    return R"({"code":)" + std::to_string(static_cast<int>(error)) + R"(,"message":)" +
           json::quote(message) + "}";
}

OriginRules::Verdict judge(SoupServerMessage *message, const OriginRules &rules, bool engine_io)
{
    auto *headers = soup_server_message_get_request_headers(message);
    const auto *origin = soup_message_headers_get_list(headers, "Origin");
    // A GET that a page does not want to read ("no-cors") has no Origin, and opens a session.
    const auto *site = soup_message_headers_get_list(headers, "Sec-Fetch-Site");
    if (engine_io && !origin && site && std::string_view(site) == "cross-site")
        origin = "null";
    return rules.judge(origin, soup_message_headers_get_list(headers, "Host"));
}

void allow_origin(SoupServerMessage *message)
{
    auto *asked = soup_server_message_get_request_headers(message);
    auto *headers = soup_server_message_get_response_headers(message);
    soup_message_headers_replace(headers, "Vary", "Origin");
    const auto *origin = soup_message_headers_get_one(asked, "Origin");
    if (!origin)
        return;
    soup_message_headers_replace(headers, "Access-Control-Allow-Origin", origin);
    soup_message_headers_replace(headers, "Access-Control-Allow-Credentials", "true");
    if (const auto *wanted = soup_message_headers_get_list(asked, "Access-Control-Request-Headers"))
        soup_message_headers_replace(headers, "Access-Control-Allow-Headers", wanted);
    if (soup_message_headers_get_one(asked, "Access-Control-Request-Method"))
        soup_message_headers_replace(headers, "Access-Control-Allow-Methods", "GET, POST");
}

void respond(SoupServerMessage *message, unsigned status, std::string_view text)
{
    soup_server_message_set_status(message, status, nullptr);
    soup_server_message_set_response(message,
                                     text.starts_with('{') ? "application/json" : "text/plain",
                                     SOUP_MEMORY_COPY, text.data(), text.size());
}

bool same_secret(std::string_view a, std::string_view b)
{
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < b.size(); ++i) {
        const char other = a.empty() ? '\0' : a[i % a.size()];
        difference |= static_cast<unsigned char>(other) ^ static_cast<unsigned char>(b[i]);
    }
    return difference == 0;
}

std::string session_id()
{
    std::array<std::uint8_t, 16> bytes{};
    if (getentropy(bytes.data(), bytes.size()) != 0)
        std::abort();  // cannot happen with 16 bytes
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes)
        (text += kHex[byte >> 4]) += kHex[byte & 15];
    return text;
}

std::string remote_name(SoupServerMessage *message)
{
    auto *address = soup_server_message_get_remote_address(message);
    const auto text = glib::adopt(g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address)));
    return text.get();
}

std::string remote_host(SoupServerMessage *message)
{
    auto *address = soup_server_message_get_remote_address(message);
    if (!G_IS_INET_SOCKET_ADDRESS(address))
        return "";
    const auto text = glib::adopt(g_inet_address_to_string(
        g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address))));
    return text.get();
}

void remember_stream(GSocketAddress *remote, GIOStream *stream)
{
    g_object_set_data(G_OBJECT(remote), kStream, stream);
}

glib::Ptr<GIOStream> stream_of(SoupServerMessage *message)
{
    auto *address = soup_server_message_get_remote_address(message);
    return glib::retain(
        address ? static_cast<GIOStream *>(g_object_get_data(G_OBJECT(address), kStream))
                : nullptr);
}

}  // namespace callagent::signaling
