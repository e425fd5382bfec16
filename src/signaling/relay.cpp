#include "signaling/relay.h"

#include <algorithm>
#include <utility>

#include <sys/resource.h>

#include "core/notice.h"
#include "core/origin.h"
#include "core/quote.h"
#include "core/rate_limit.h"
#include "glib/loop.h"
#include "signaling/certificate.h"
#include "signaling/clients.h"
#include "signaling/listener.h"
#include "signaling/metered.h"
#include "signaling/page.h"
#include "signaling/request.h"

namespace callagent::signaling {
namespace {

// A client on its page has a connection that waits and one that sends, besides those of the page.
constexpr std::size_t kConnectionsEach = 3;
constexpr std::size_t kConnectionsMore = 64;
constexpr std::size_t kOtherFiles = 512;   // of a call in the same process
constexpr std::size_t kHeaders = 64'000;   // bytes of a request, at most
constexpr std::size_t kReadToTheEnd = 16;  // bodies up to that many times too large

// The system gives a process 1,024 files unless it asks for more.
void allow_files(std::size_t count)
{
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= count)
        return;
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, count);
    setrlimit(RLIMIT_NOFILE, &files);
}

class SoupRelay final : public Relay {
public:
    explicit SoupRelay(RelayConfig config)
        : config_(std::move(config)),
          origins_(config_.allow_origins, is_loopback(config_.host)),
          server_(glib::adopt(soup_server_new(nullptr, nullptr))),
          clients_(config_, [this](const std::string &text) { warn(text); })
    {
        soup_server_add_early_handler(server_.get(), nullptr, on_headers, this, nullptr);
        soup_server_add_handler(server_.get(), nullptr, on_request, this, nullptr);
    }

    ~SoupRelay() override
    {
        clients_.clear();
        if (listener_)
            listener_->hurry();
        soup_server_disconnect(server_.get());
    }

    // The error is why not.
    std::optional<Listener::Error> open(GTlsCertificate *certificate)
    {
        const auto connections = kConnectionsEach * config_.limits.clients + kConnectionsMore;
        allow_files(connections + kOtherFiles);
        auto listener = Listener::open(
            config_.host, config_.port, certificate,
            {connections, kConnectionsEach * config_.limits.per_address + kConnectionsMore,
             std::chrono::milliseconds(config_.limits.handshake_ms)},
            [this](GIOStream *stream, GSocketAddress *local, GSocketAddress *remote) {
                meter(stream).limit = config_.limits.message + kHeaders;
                remember_stream(remote, stream);
                soup_server_accept_iostream(server_.get(), stream, local, remote, nullptr);
            });
        if (auto *error = std::get_if<Listener::Error>(&listener))
            return *error;
        listener_ = std::move(std::get<std::unique_ptr<Listener>>(listener));
        return std::nullopt;
    }

    std::string url() const override
    {
        const bool any = config_.host.empty() || config_.host == "0.0.0.0" || config_.host == "::";
        const bool ipv6 = config_.host.find(':') != std::string::npos;
        const auto host = any ? "localhost" : ipv6 ? "[" + config_.host + "]" : config_.host;
        return (config_.tls_cert.empty() ? "http://" : "https://") + host + ":" +
               std::to_string(listener_->port());
    }

    std::unique_ptr<Channel> attach(const std::string &number) override
    {
        return clients_.attach(url(), number);
    }

    std::size_t clients() const override { return clients_.size(); }

private:
    // What a POST of Engine.IO brings is kept; other bodies are of no interest, and not to fill the
    // memory.
    static void on_headers(SoupServer *, SoupServerMessage *message, const char *, GHashTable *,
                           gpointer self) noexcept
    {
        static_cast<SoupRelay *>(self)->look_at_headers(message);
    }

    void look_at_headers(SoupServerMessage *message) const
    {
        const auto request = read_request(message);
        auto *headers = soup_server_message_get_request_headers(message);
        const auto length =
            static_cast<std::uint64_t>(soup_message_headers_get_content_length(headers));
        const bool too_large = length > config_.limits.message;
        if (!request.engine_io || request.sid.empty() || too_large)
            soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
        if (!too_large)
            return;
        // libsoup answers when it has read the body. Thrown away, some more may come of it.
        if (const auto stream = stream_of(message);
            stream && length < kReadToTheEnd * config_.limits.message)
            meter(stream.get()).limit = length + kHeaders;
        if (judge(message, origins_, request.engine_io) == OriginRules::Verdict::Welcome)
            allow_origin(message);
        soup_message_headers_replace(soup_server_message_get_response_headers(message),
                                     "Connection", "close");
        respond(
            message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE,
            "callagent: a message may have " + std::to_string(config_.limits.message) + " bytes\n");
    }

    static void on_request(SoupServer *, SoupServerMessage *message, const char *, GHashTable *,
                           gpointer self) noexcept
    {
        static_cast<SoupRelay *>(self)->answer(message);
    }

    void answer(SoupServerMessage *message)
    {
        if (const auto stream = stream_of(message))
            meter(stream.get()).pending = 0;
        const auto request = read_request(message);
        const std::string_view path = g_uri_get_path(soup_server_message_get_uri(message));
        const std::string_view method = soup_server_message_get_method(message);
        // libsoup keeps no connection open that it did not accept itself; so it is said.
        if (!request.upgrade)
            soup_message_headers_replace(soup_server_message_get_response_headers(message),
                                         "Connection", "close");
        soup_message_headers_replace(soup_server_message_get_response_headers(message),
                                     kRelayHeader, "1");
        if (const auto verdict = judge(message, origins_, request.engine_io);
            verdict != OriginRules::Verdict::Welcome)
            return refuse(message, verdict);
        if (request.engine_io) {
            allow_origin(message);
            if (method == "OPTIONS")
                return soup_server_message_set_status(message, SOUP_STATUS_NO_CONTENT, nullptr);
        }
        const bool page = !request.upgrade && is_page(path);
        // What belongs to the page is no secret; the page itself is for whom may call.
        const bool open = page && !is_page_itself(path);
        if (!open && !config_.token.empty() && !same_secret(request.token, config_.token))
            return respond(
                message, SOUP_STATUS_UNAUTHORIZED,
                "callagent: this relay demands a token (Authorization: Bearer, or ?token=)\n");
        if (page)
            return serve_page(message);
        if (request.refusal)
            return respond(message, SOUP_STATUS_BAD_REQUEST, engine_error(*request.refusal));
        if (!request.sid.empty())
            return go_on(message, request);
        if (!request.upgrade && !request.engine_io)
            return respond(message, SOUP_STATUS_NOT_FOUND,
                           "callagent: a signaling server; there is nothing to see here\n");
        if (const auto why = clients_.why_no_place(remote_host(message)); !why.empty())
            return turn_away(message, why);
        if (request.upgrade)
            return take_upgrade(message);
        open_session(message, request);
    }

    // The page of somebody else, which a user of this machine or network has open in a browser.
    void refuse(SoupServerMessage *message, OriginRules::Verdict verdict)
    {
        auto *headers = soup_server_message_get_request_headers(message);
        const auto *host = soup_message_headers_get_list(headers, "Host");
        const auto *origin = soup_message_headers_get_list(headers, "Origin");
        const auto who =
            verdict == OriginRules::Verdict::StrangeHost && host
                ? "whoever asks for this machine as " + excerpt(host)
                : "a page of " + (origin ? excerpt(origin) : std::string("another site"));
        if (turned_away_.take(std::chrono::steady_clock::now()))
            warn("relay: client " + remote_name(message) + " is turned away: " + who +
                 " may not use this relay (see --allow-origin)");
        respond(message, SOUP_STATUS_FORBIDDEN,
                "callagent: " + who + " may not use this relay: --allow-origin allows it\n");
    }

    void turn_away(SoupServerMessage *message, const std::string &why)
    {
        if (turned_away_.take(std::chrono::steady_clock::now()))
            warn("relay: client " + remote_name(message) + " is turned away: " + why +
                 " (see --limit)");
        respond(message, SOUP_STATUS_SERVICE_UNAVAILABLE,
                engine_error(EngineError::Forbidden, "callagent: " + why));
    }

    // A request of an Engine.IO session over HTTP long-polling.
    void go_on(SoupServerMessage *message, const Request &request)
    {
        const auto *peer = clients_.find(request.sid);
        if (!peer)
            return respond(message, SOUP_STATUS_BAD_REQUEST,
                           engine_error(EngineError::SessionUnknown));
        auto *polling = peer->polling();
        if (!polling)
            return respond(message, SOUP_STATUS_BAD_REQUEST, engine_error(EngineError::BadRequest));
        if (request.upgrade)
            return take_upgrade(message);
        const std::string_view method = soup_server_message_get_method(message);
        if (method == "POST")
            polling->post(message);
        else
            hold(message, *polling);
    }

    // A poll may wait; whoever then does not take its answer has as long as for a request.
    void hold(SoupServerMessage *message, Polling &polling)
    {
        const auto stream = stream_of(message);
        polling.poll(message, stream ? listener_->socket(stream.get()) : nullptr);
        if (!stream || !polling.waits())
            return;
        listener_->keep(stream.get());
        g_signal_connect(message, "wrote-headers", G_CALLBACK(on_answered), this);
    }

    static void on_answered(SoupServerMessage *message, gpointer relay) noexcept
    {
        const auto *self = static_cast<SoupRelay *>(relay);
        if (const auto stream = stream_of(message))
            self->listener_->expect(stream.get(),
                                    std::chrono::milliseconds(self->config_.limits.handshake_ms));
    }

    void open_session(SoupServerMessage *message, const Request &request)
    {
        auto &peer = clients_.add(request, remote_name(message), remote_host(message));
        peer.start_polling();
        hold(message, *peer.polling());
    }

    void take_upgrade(SoupServerMessage *message)
    {
        if (!soup_websocket_server_process_handshake(message, nullptr, nullptr, nullptr, nullptr))
            return;
        // The handler ends with the message, which ends when its connection is taken from it.
        g_signal_connect(message, "wrote-informational", G_CALLBACK(on_upgraded), this);
    }

    static void on_upgraded(SoupServerMessage *message, gpointer self) noexcept
    {
        static_cast<SoupRelay *>(self)->admit(message);
    }

    void admit(SoupServerMessage *message)
    {
        const auto keep = glib::retain(message);
        const auto request = read_request(message);
        auto metered = stream_of(message);
        const auto name = remote_name(message);
        const auto host = remote_host(message);
        const auto stream = glib::adopt(soup_server_message_steal_connection(message));
        if (!stream || !metered)
            return;
        auto *peer =
            request.sid.empty() ? &clients_.add(request, name, host) : clients_.find(request.sid);
        if (!peer)
            return;
        listener_->keep(metered.get());
        auto connection = glib::adopt(soup_websocket_connection_new(
            stream.get(), soup_server_message_get_uri(message), SOUP_WEBSOCKET_CONNECTION_SERVER,
            nullptr, nullptr, nullptr));
        if (request.sid.empty())
            peer->start({std::move(connection), std::move(metered)});
        else if (peer->polling())
            peer->upgrade({std::move(connection), std::move(metered)});
    }

    void warn(const std::string &text) const
    {
        if (const auto handler = warning)
            handler({"relay-client", text});
    }

    const RelayConfig config_;
    const OriginRules origins_;
    glib::Ptr<SoupServer> server_;
    std::unique_ptr<Listener> listener_;
    Clients clients_;
    RateLimit turned_away_{1};  // of the warnings
};

}  // namespace

std::variant<std::unique_ptr<Relay>, Relay::ListenError> Relay::listen(const RelayConfig &config)
{
    auto certificate = load_certificate(config.tls_cert, config.tls_key);
    if (auto *failure = std::get_if<Failure>(&certificate))
        return ListenError{std::move(*failure), false};
    auto relay = std::make_unique<SoupRelay>(config);
    if (const auto error = relay->open(std::get<glib::Ptr<GTlsCertificate>>(certificate).get())) {
        const auto where = config.host + ":" + std::to_string(config.port);
        const auto reason = error->in_use
                                ? "relay: port " + std::to_string(config.port) +
                                      " is taken: give another with --listen, or end what uses it"
                                : "relay: cannot listen at " + where + " (" + error->message +
                                      "): give an address of this machine with --listen";
        return ListenError{{Exit::Signaling, reason}, error->in_use};
    }
    return relay;
}

}  // namespace callagent::signaling
