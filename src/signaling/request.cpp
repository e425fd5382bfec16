#include "signaling/request.h"

#include <array>
#include <cstdint>
#include <cstdlib>

#include <sys/random.h>

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

// Engine.IO's error codes.
std::string engine_error(int code, const char *message)
{
    return R"({"code":)" + std::to_string(code) + R"(,"message":")" + message + "\"}";
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

    if (query["EIO"] == "3")
        request.socketio = socketio::Version::Engine3;
    else if (query["EIO"] == "4")
        request.socketio = socketio::Version::Engine4;
    else
        request.refusal = engine_error(5, "Unsupported protocol version");
    if (!request.upgrade || query["transport"] != "websocket")
        request.refusal = engine_error(0, "Transport unknown");
    else if (!query["sid"].empty())
        request.refusal = engine_error(1, "Session ID unknown");
    return request;
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
