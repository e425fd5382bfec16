#include "signaling/relay.h"

#include <map>
#include <utility>

#include <sys/random.h>

#include "core/room.h"
#include "glib/loop.h"
#include "signaling/codec.h"
#include "signaling/listener.h"
#include "signaling/page.h"
#include "signaling/peer.h"
#include "signaling/request.h"

namespace callagent::signaling {
namespace {

constexpr int kMaxWarnings = 20;  // for each client

std::uint32_t random_below(std::uint32_t below)
{
    return static_cast<std::uint32_t>(g_random_int_range(0, static_cast<gint32>(below)));
}

// The agent's place: what the room says to it arrives later, never while it is calling us.
class Seat final : public Channel {
public:
    struct Hooks {
        std::function<void()> join;
        std::function<void(std::string_view text)> say;
        std::function<void()> leave;
    };

    Seat(std::string url, Hooks hooks) : url_(std::move(url)), hooks_(std::move(hooks)) {}
    ~Seat() override { leave(); }

    void start() override
    {
        later([this] {
            if (handlers.state)
                handlers.state(State::Connected, "");
        });
        hooks_.join();
    }

    void send(const Message &message) override { hooks_.say(encode(message)); }

    void close(std::function<void()> done) override
    {
        leave();
        later(std::move(done));
    }

    std::string url() const override { return url_; }

    void deliver(const std::string &text)
    {
        later([this, text] { receive(text); });
    }

private:
    void later(std::function<void()> work)
    {
        glib::post([life = std::weak_ptr<int>(life_), work = std::move(work)] {
            if (!life.expired() && work)
                work();
        });
    }

    void receive(const std::string &text)
    {
        const auto message = decode(text);
        if (message) {
            if (const auto handler = handlers.message)
                handler(*message);
        } else if (const auto handler = handlers.warning) {
            handler({"signaling-message",
                     "signaling: a client's message is ignored: it is " + message.error()});
        }
    }

    void leave()
    {
        if (const auto hook = std::exchange(hooks_.leave, nullptr))
            hook();
    }

    std::string url_;
    Hooks hooks_;
    std::shared_ptr<int> life_ = std::make_shared<int>();
};

class SoupRelay final : public Relay {
public:
    explicit SoupRelay(RelayConfig config)
        : config_(std::move(config)),
          server_(glib::adopt(soup_server_new(nullptr, nullptr))),
          room_(random_below)
    {
        soup_server_add_early_handler(server_.get(), nullptr, on_headers, nullptr, nullptr);
        soup_server_add_handler(server_.get(), nullptr, on_request, this, nullptr);
    }

    ~SoupRelay() override
    {
        if (listener_)
            listener_->hurry();
        soup_server_disconnect(server_.get());
    }

    // The error is why not.
    std::optional<Listener::Error> open(GTlsCertificate *certificate)
    {
        auto listener = Listener::open(
            config_.host, config_.port, certificate,
            [this](GIOStream *stream, GSocketAddress *local, GSocketAddress *remote) {
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
        int warnings = 0;
    };

    // The body of a request is of no interest: it is not to fill the memory.
    static void on_headers(SoupServer *, SoupServerMessage *message, const char *, GHashTable *,
                           gpointer) noexcept
    {
        soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    }

    static void on_request(SoupServer *, SoupServerMessage *message, const char *, GHashTable *,
                           gpointer self) noexcept
    {
        static_cast<SoupRelay *>(self)->answer(message);
    }

    void answer(SoupServerMessage *message)
    {
        const auto request = read_request(message);
        const std::string_view path = g_uri_get_path(soup_server_message_get_uri(message));
        const bool page = !request.upgrade && is_page(path);
        // What belongs to the page is no secret; the page itself is for whom may call.
        const bool open = page && !is_page_itself(path);
        if (!open && !config_.token.empty() && !same_secret(request.token, config_.token))
            return respond(
                message, SOUP_STATUS_UNAUTHORIZED,
                "callagent: this relay demands a token (Authorization: Bearer, or ?token=)\n");
        if (page)
            return serve_page(message);
        if (!request.refusal.empty())
            return respond(message, SOUP_STATUS_BAD_REQUEST, request.refusal);
        if (!request.upgrade)
            return respond(message, SOUP_STATUS_NOT_FOUND,
                           "callagent: a signaling server; there is nothing to see here\n");
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
        const auto name = remote_name(message);
        auto metered = stream_of(message);
        const auto stream = glib::adopt(soup_server_message_steal_connection(message));
        if (!stream || !metered)
            return;
        listener_->keep(metered.get());
        auto connection = glib::adopt(soup_websocket_connection_new(
            stream.get(), soup_server_message_get_uri(message), SOUP_WEBSOCKET_CONNECTION_SERVER,
            nullptr, nullptr, nullptr));

        const auto who = next_++;
        Peer::Handlers handlers;
        handlers.ready = [this, who, number = request.number] { deliver(room_.join(who, number)); };
        handlers.text = [this, who](std::string_view text) { say(who, text); };
        handlers.odd = [this, who](const std::string &what) { warn(who, what); };
        handlers.gone = [this, who] {
            peers_.erase(who);
            deliver(room_.leave(who));
        };
        auto &client = peers_[who];
        client.name = name;
        client.peer = std::make_unique<Peer>(std::move(connection), std::move(metered),
                                             peer_config(request), std::move(handlers));
        client.peer->start();
    }

    Peer::Config peer_config(const Request &request) const
    {
        Peer::Config config;
        config.heartbeat = {std::chrono::milliseconds(config_.ping_interval_ms),
                            std::chrono::milliseconds(config_.ping_timeout_ms)};
        if (request.socketio)
            config.socketio = {*request.socketio, session_id(), config.heartbeat,
                               config.max_message};
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
    std::map<Room::Who, Seat *> seats_;
};

std::variant<glib::Ptr<GTlsCertificate>, Failure> load_certificate(const RelayConfig &config)
{
    if (config.tls_cert.empty() && config.tls_key.empty())
        return glib::Ptr<GTlsCertificate>();
    if (config.tls_cert.empty() || config.tls_key.empty())
        return Failure{Exit::Usage,
                       "relay: --tls-cert and --tls-key go together: give both, or none"};
    GError *raw = nullptr;
    auto certificate = glib::adopt(
        g_tls_certificate_new_from_files(config.tls_cert.c_str(), config.tls_key.c_str(), &raw));
    if (const auto error = glib::adopt(raw))
        return Failure{Exit::Usage, "relay: no certificate and key in " + config.tls_cert +
                                        " and " + config.tls_key + " (" + error->message +
                                        "): give PEM files"};
    return certificate;
}

}  // namespace

std::variant<std::unique_ptr<Relay>, Relay::ListenError> Relay::listen(const RelayConfig &config)
{
    auto certificate = load_certificate(config);
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
