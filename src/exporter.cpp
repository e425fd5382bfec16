#include "exporter.h"

#include <utility>
#include <variant>

#include "report/openmetrics.h"
#include "signaling/listener.h"

namespace callagent {
namespace {

using signaling::Listener;

constexpr std::size_t kConnections = 16;
constexpr std::chrono::milliseconds kPatience{5000};  // for a request to come

class Exporting final : public Exporter {
public:
    explicit Exporting(std::function<std::string()> text) : text_(std::move(text)) {}
    ~Exporting() override
    {
        if (listener_)
            listener_->hurry();
        if (server_)
            soup_server_disconnect(server_.get());
    }

    Status open(const Listen &where)
    {
        server_ = glib::adopt(soup_server_new(nullptr, nullptr));
        soup_server_add_handler(server_.get(), nullptr, answer, this, nullptr);
        host_ = where.host;
        auto opened = Listener::open(
            where.host, where.port, nullptr, {kConnections, kConnections, kPatience},
            [this](GIOStream *stream, GSocketAddress *local, GSocketAddress *remote) {
                soup_server_accept_iostream(server_.get(), stream, local, remote, nullptr);
            });
        if (const auto *error = std::get_if<Listener::Error>(&opened))
            return Error{"--metrics: cannot listen on port " + std::to_string(where.port) + ": " +
                         error->message + "; give another [HOST]:PORT"};
        listener_ = std::move(std::get<std::unique_ptr<Listener>>(opened));
        return Done{};
    }

    std::string url() const override
    {
        const bool any = host_.empty() || host_ == "0.0.0.0" || host_ == "::";
        const bool ipv6 = host_.find(':') != std::string::npos;
        return "http://" +
               (any    ? "localhost"
                : ipv6 ? "[" + host_ + "]"
                       : host_) +
               ":" + std::to_string(listener_->port()) + "/metrics";
    }

private:
    static void answer(SoupServer *, SoupServerMessage *message, const char *path, GHashTable *,
                       gpointer data)
    {
        const auto *method = soup_server_message_get_method(message);
        auto *headers = soup_server_message_get_response_headers(message);
        soup_message_headers_replace(headers, "Connection", "close");
        if (!g_str_equal(path, "/metrics"))
            return soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, nullptr);
        if (!g_str_equal(method, "GET") && !g_str_equal(method, "HEAD"))
            return soup_server_message_set_status(message, SOUP_STATUS_METHOD_NOT_ALLOWED, nullptr);
        const auto text = static_cast<Exporting *>(data)->text_();
        soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
        soup_message_headers_replace(headers, "Cache-Control", "no-store");
        soup_server_message_set_response(message, report::kOpenMetricsType, SOUP_MEMORY_COPY,
                                         text.data(), text.size());
    }

    const std::function<std::string()> text_;
    std::string host_;
    glib::Ptr<SoupServer> server_;
    std::unique_ptr<Listener> listener_;
};

}  // namespace

Result<std::unique_ptr<Exporter>> Exporter::open(const Listen &where,
                                                 std::function<std::string()> text)
{
    auto exporter = std::make_unique<Exporting>(std::move(text));
    if (const auto opened = exporter->open(where); !opened)
        return Error{opened.error()};
    return std::unique_ptr<Exporter>(std::move(exporter));
}

}  // namespace callagent
