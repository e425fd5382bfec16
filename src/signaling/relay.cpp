#include "signaling/relay.h"

#include <algorithm>
#include <map>
#include <utility>

#include <sys/resource.h>

#include "core/room.h"
#include "glib/loop.h"
#include "signaling/certificate.h"
#include "signaling/listener.h"
#include "signaling/metered.h"
#include "signaling/page.h"
#include "signaling/peer.h"
#include "signaling/request.h"
#include "signaling/seat.h"

namespace callagent::signaling {
namespace {

constexpr int kMaxWarnings = 20;  // for each client

// A client on its page has a connection that waits and one that sends, besides those of the page.
constexpr std::size_t kConnectionsEach = 3;
constexpr std::size_t kConnectionsMore = 64;
constexpr std::size_t kOtherFiles = 512;   // of a call in the same process
constexpr std::size_t kHeaders = 64'000;   // bytes of a request, at most
constexpr std::size_t kReadToTheEnd = 16;  // bodies up to that many times too large

std::uint32_t random_below(std::uint32_t below)
{
    return static_cast<std::uint32_t>(g_random_int_range(0, static_cast<gint32>(below)));
}

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
          server_(glib::adopt(soup_server_new(nullptr, nullptr))),
          room_(random_below)
    {
        soup_server_add_early_handler(server_.get(), nullptr, on_headers, this, nullptr);
        soup_server_add_handler(server_.get(), nullptr, on_request, this, nullptr);
        g_signal_connect(server_.get(), "request-finished", G_CALLBACK(on_finished), this);
    }

    ~SoupRelay() override
    {
        g_signal_handlers_disconnect_by_data(server_.get(), this);
        peers_.clear();
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
            {connections, std::chrono::milliseconds(config_.limits.handshake_ms)},
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
        const auto who = next_++;
        auto seat = std::make_unique<Seat>(
            url(), Seat::Hooks{
                       [this, who, number] { deliver(room_.join(who, number)); },
                       [this, who](std::string_view text) { say(who, text); },
                       [this, who] {
                           seats_.erase(who);
                           deliver(room_.leave(who));
                       },
                   });
        seats_[who] = seat.get();
        return seat;
    }

    std::size_t clients() const override { return peers_.size(); }

private:
    struct Client {
        std::unique_ptr<Peer> peer;
        std::string name;  // for warnings
        std::string host;
        std::string sid;  // of Engine.IO
        int warnings = 0;
    };

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
        if (const auto why = why_no_place(remote_host(message)); !why.empty())
            return turn_away(message, why);
        if (request.upgrade)
            return take_upgrade(message);
        open_session(message, request);
    }

    // Empty: there is one.
    std::string why_no_place(const std::string &host) const
    {
        const auto &limits = config_.limits;
        if (peers_.size() >= limits.clients)
            return "the relay is full, with " + std::to_string(peers_.size()) + " clients";
        const auto same = std::count_if(peers_.begin(), peers_.end(), [&](const auto &client) {
            return client.second.host == host;
        });
        if (static_cast<std::size_t>(same) >= limits.per_address)
            return "there are " + std::to_string(same) + " clients of that address already";
        return "";
    }

    void turn_away(SoupServerMessage *message, const std::string &why)
    {
        if (const auto handler = warning)
            handler({"relay-client", "relay: client " + remote_name(message) +
                                         " is turned away: " + why + " (see --limit)"});
        respond(message, SOUP_STATUS_SERVICE_UNAVAILABLE,
                engine_error(EngineError::Forbidden, "callagent: " + why));
    }

    // A request of an Engine.IO session over HTTP long-polling.
    void go_on(SoupServerMessage *message, const Request &request)
    {
        const auto session = sessions_.find(request.sid);
        if (session == sessions_.end())
            return respond(message, SOUP_STATUS_BAD_REQUEST,
                           engine_error(EngineError::SessionUnknown));
        auto *polling = peers_.at(session->second).peer->polling();
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

    void hold(SoupServerMessage *message, Polling &polling)
    {
        const auto stream = stream_of(message);
        if (stream)
            listener_->keep(stream.get());
        polling.poll(message, stream ? listener_->socket(stream.get()) : nullptr);
    }

    // Between two requests of a client that polls there is at most a heartbeat.
    static void on_finished(SoupServer *, SoupServerMessage *message, gpointer relay) noexcept
    {
        const auto *self = static_cast<SoupRelay *>(relay);
        const auto request = read_request(message);
        const auto stream = stream_of(message);
        if (stream && request.engine_io && !request.upgrade)
            self->listener_->expect(stream.get(),
                                    std::chrono::milliseconds(self->config_.ping_interval_ms) +
                                        std::chrono::milliseconds(self->config_.ping_timeout_ms));
    }

    void open_session(SoupServerMessage *message, const Request &request)
    {
        const auto who = add(message, request);
        auto &peer = *peers_.at(who).peer;
        sessions_[peers_.at(who).sid] = who;
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
        const auto session = sessions_.find(request.sid);
        const auto who = request.sid.empty()          ? add(message, request)
                         : session != sessions_.end() ? session->second
                                                      : Room::Who{0};
        const auto stream = glib::adopt(soup_server_message_steal_connection(message));
        if (!stream || !metered || who == 0)
            return;
        listener_->keep(metered.get());
        auto connection = glib::adopt(soup_websocket_connection_new(
            stream.get(), soup_server_message_get_uri(message), SOUP_WEBSOCKET_CONNECTION_SERVER,
            nullptr, nullptr, nullptr));
        auto &peer = *peers_.at(who).peer;
        if (request.sid.empty())
            peer.start({std::move(connection), std::move(metered)});
        else if (peer.polling())
            peer.upgrade({std::move(connection), std::move(metered)});
    }

    // A client, whose peer is not started yet.
    Room::Who add(SoupServerMessage *message, const Request &request)
    {
        const auto who = next_++;
        Peer::Handlers handlers;
        handlers.ready = [this, who, number = request.number] { deliver(room_.join(who, number)); };
        handlers.text = [this, who](std::string_view text) { say(who, text); };
        handlers.odd = [this, who](const std::string &what) { warn(who, what); };
        handlers.gone = [this, who] {
            sessions_.erase(peers_.at(who).sid);
            peers_.erase(who);
            deliver(room_.leave(who));
        };
        auto &client = peers_[who];
        client.name = remote_name(message);
        client.host = remote_host(message);
        client.sid = session_id();
        client.peer = std::make_unique<Peer>(peer_config(request, client.sid), std::move(handlers));
        return who;
    }

    Peer::Config peer_config(const Request &request, const std::string &sid) const
    {
        Peer::Config config;
        config.heartbeat = {std::chrono::milliseconds(config_.ping_interval_ms),
                            std::chrono::milliseconds(config_.ping_timeout_ms)};
        config.max_message = config_.limits.message;
        config.max_waiting = config_.limits.waiting;
        config.max_rate = config_.limits.rate;
        if (request.socketio)
            config.socketio = {*request.socketio, sid, config.heartbeat, config.max_message,
                               !request.upgrade};
        return config;
    }

    void say(Room::Who who, std::string_view text)
    {
        const auto deliveries = room_.say(who, text);
        if (deliveries)
            deliver(*deliveries);
        else
            warn(who, "sent a message that is " + deliveries.error() + ", which is not passed on");
    }

    void deliver(const Room::Deliveries &deliveries)
    {
        for (const auto &[to, text] : deliveries) {
            if (const auto peer = peers_.find(to); peer != peers_.end())
                peer->second.peer->send(text);
            else if (const auto seat = seats_.find(to); seat != seats_.end())
                seat->second->deliver(text);
        }
    }

    void warn(Room::Who who, const std::string &what)
    {
        const auto client = peers_.find(who);
        if (client == peers_.end() || ++client->second.warnings > kMaxWarnings)
            return;
        if (const auto handler = warning)
            handler({"relay-client", "relay: client " + client->second.name + " " + what});
    }

    const RelayConfig config_;
    glib::Ptr<SoupServer> server_;
    std::unique_ptr<Listener> listener_;
    Room room_;
    Room::Who next_ = 1;
    std::map<Room::Who, Client> peers_;
    std::map<std::string, Room::Who> sessions_;  // by Engine.IO's sid
    std::map<Room::Who, Seat *> seats_;
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
