#include "signaling/page.h"

#include "web/files.h"

namespace callagent::signaling {
namespace {

// Scripts, styles and connections of its own only (W3C CSP3); and nobody may frame it, or learn
// from a link where it was.
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' "
    "blob: mediastream:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct File {
    std::string_view name;
    const char *type;
};

// GResource finds "page.js/" as well: what is served is what stands here.
constexpr File kFiles[] = {
    {"index.html", "text/html; charset=utf-8"},    {"page.css", "text/css; charset=utf-8"},
    {"call.js", "text/javascript; charset=utf-8"}, {"renewal.js", "text/javascript; charset=utf-8"},
    {"chat.js", "text/javascript; charset=utf-8"}, {"page.js", "text/javascript; charset=utf-8"}};

const File *find(std::string_view path)
{
    const auto name = is_page_itself(path) ? "index.html" : path.substr(path.empty() ? 0 : 1);
    for (const auto &file : kFiles)
        if (file.name == name)
            return &file;
    return nullptr;
}

}  // namespace

bool is_page(std::string_view path)
{
    return find(path) != nullptr;
}

void serve_page(SoupServerMessage *message)
{
    auto *headers = soup_server_message_get_response_headers(message);
    const std::string_view method = soup_server_message_get_method(message);
    if (method != "GET" && method != "HEAD") {
        soup_message_headers_replace(headers, "Allow", "GET, HEAD");
        return soup_server_message_set_status(message, SOUP_STATUS_METHOD_NOT_ALLOWED, nullptr);
    }
    const auto *file = find(g_uri_get_path(soup_server_message_get_uri(message)));
    if (!file)
        return soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, nullptr);
    soup_message_headers_replace(headers, "Content-Security-Policy", kPolicy);
    soup_message_headers_replace(headers, "X-Content-Type-Options", "nosniff");
    soup_message_headers_replace(headers, "Referrer-Policy", "no-referrer");
    soup_message_headers_replace(headers, "Permissions-Policy", "camera=(self), microphone=(self)");
    soup_message_headers_replace(headers, "Cache-Control", "no-cache");
    soup_message_headers_replace(headers, "Content-Type", file->type);
    const auto contents = web::file(file->name);
    soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
    soup_message_body_append(soup_server_message_get_response_body(message), SOUP_MEMORY_STATIC,
                             contents.data(), contents.size());
}

}  // namespace callagent::signaling
