#include "signaling/client.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>

#include "core/notice.h"
#include "core/retry.h"
#include "core/socketio.h"
#include "glib/loop.h"
#include "glib/tls.h"
#include "signaling/address.h"
#include "signaling/codec.h"
#include "signaling/dial.h"
#include "signaling/timers.h"
#include "signaling/websocket.h"

namespace callagent::signaling {
namespace {

using namespace std::chrono_literals;
using retry::Fault;

constexpr std::size_t kMaxQueue = 256;
// So that an oversized description reaches the call, which refuses it with a reason.
constexpr std::size_t kMaxIncoming = std::size_t{32} << 20;
constexpr auto kCloseTimeout = 1s;
constexpr auto kDoubt = 1s;  // for an acknowledgement, and for an attempt, while media is missing
constexpr auto kDoubtDelay = 500ms;  // between attempts then
constexpr auto kSettled = 5s;        // a connection that held that long starts the retries anew
constexpr unsigned kPingSeconds = 10;
constexpr auto kSilence = 25s;    // plain WebSocket: two pings without any answer
constexpr int kMaxWarnings = 20;  // for each connection

class Client final : public Channel {
public:
    Client(Address address, ClientConfig config, glib::Ptr<GTlsDatabase> authorities)
        : address_(std::move(address)),
          config_(std::move(config)),
          authorities_(std::move(authorities)),
          number_(config_.number)
    {
    }

    void start() override
    {
        trouble_since_ = g_get_monotonic_time();
        if (change(State::Connecting, ""))
            attempt();
    }

    void send(const Message &message) override
    {
        auto text = encode(message);
        if (state_ == State::Connected) {
            transmit(text);
            return;
        }
        if (state_ == State::Closed)
            return;
        queue_.push_back(std::move(text));
        if (queue_.size() > kMaxQueue) {
            queue_.pop_front();
            warn("signaling-queue", "signaling: more than " + std::to_string(kMaxQueue) +
                                        " messages wait for the connection: the oldest is dropped");
        }
    }

    void close(std::function<void()> done) override
    {
        closed_ = std::move(done);
        closing_ = true;
        retry_.cancel();
        if (socket_ && state_ == State::Connected)
            socket_->close();
        else if (queue_.empty() || (!dial_ && !socket_))
            return finish_later();
        deadline_ = glib::after(kCloseTimeout, [this] { finish(); });
    }

    void doubt(bool doubting) override
    {
        doubting_ = doubting;
        impatience_.cancel();
        if (socket_)
            socket_->set_patience(doubting ? kDoubt : 0ms);
        else if (doubting && !closing_ && state_ == State::Reconnecting)
            try_now();
    }

    void network_changed() override
    {
        if (closing_ || state_ == State::Closed || !history_.was_connected)
            return;
        if (!socket_)
            return try_now();
        if (socket_->has_address())
            return;
        const std::weak_ptr<int> life = life_;
        lost({Fault::Passing,
              "signaling: the address from which we spoke to " + address_.shown + " is gone"});
        if (!life.expired() && retry_)
            try_now();
    }

    std::string url() const override { return address_.shown; }

private:
    using Life = std::shared_ptr<int>;

    // Calls a handler; false: it destroyed us.
    template <typename Handler, typename... Args>
    bool tell(const Handler &handler, const Args &...args)
    {
        const std::weak_ptr<int> life = life_;
        if (const auto copy = handler)
            copy(args...);
        return !life.expired();
    }

    bool change(State state, const std::string &detail)
    {
        state_ = state;
        return closing_ || tell(handlers.state, state, detail);
    }

    bool warn(const std::string &code, const std::string &message)
    {
        if (closing_ || ++warnings_ > kMaxWarnings)
            return true;
        const std::string more =
            warnings_ == kMaxWarnings ? " (further ones are not reported)" : "";
        return tell(handlers.warning, Warning{code, message + more});
    }

    // ---- Getting connected

    void try_now()
    {
        retry_.cancel();
        dial_.reset();
        attempt();
    }

    // A session keeps what a name has led to, and the server may have moved.
    void begin_session()
    {
        session_ = glib::adopt(soup_session_new());
        if (authorities_)
            soup_session_set_tls_database(session_.get(), authorities_.get());
        if (address_.loopback)
            soup_session_set_proxy_resolver(session_.get(), nullptr);
    }

    void attempt()
    {
        warnings_ = 0;
        begin_session();
        if (doubting_)
            impatience_ = glib::after(kDoubt, [this] {
                if (std::exchange(dial_, nullptr))
                    lost({Fault::Passing, "signaling: " + address_.shown + " does not answer"});
            });
        dial_ = std::make_unique<Dial>(session_.get(), address_, number_,
                                       Dial::Credentials{config_.token, config_.insecure},
                                       [this](Dial::Outcome outcome) {
                                           const auto done = std::move(dial_);
                                           if (const auto *trouble = std::get_if<Trouble>(&outcome))
                                               lost(*trouble);
                                           else
                                               opened(std::move(std::get<Dial::Opened>(outcome)));
                                       });
    }

    void opened(Dial::Opened opened)
    {
        tells_truth_ = opened.tells_truth;
        WebSocket::Handlers socket;
        socket.text = [this](std::string_view text) { received(text); };
        socket.binary = [this](std::size_t bytes) {
            still_there();
            warn("signaling-binary", "signaling: a binary frame of " + std::to_string(bytes) +
                                         " bytes from " + address_.shown + " is ignored");
        };
        socket.pong = [this] { still_there(); };
        socket.closed = [this](const std::string &why) {
            lost({Fault::Passing, "signaling: the connection to " + address_.shown + " is lost (" +
                                      why + "): see whether the server still runs"});
        };
        socket_ = std::make_unique<WebSocket>(std::move(opened.connection), kMaxIncoming,
                                              std::move(socket));
        if (doubting_)
            socket_->set_patience(kDoubt);
        if (address_.socketio) {
            socketio_.emplace();
            perform(socketio_->start());
        } else {
            socket_->ping_every(kPingSeconds);
            still_there();
            connected();
        }
    }

    void connected()
    {
        connected_at_ = g_get_monotonic_time();
        history_.was_connected = true;
        if (!change(State::Connected, ""))
            return;
        for (const auto &text : std::exchange(queue_, {}))
            transmit(text);
        if (closing_ && socket_)
            socket_->close();
    }

    // ---- Being connected

    void transmit(const std::string &text)
    {
        if (socket_)
            socket_->send(socketio_ ? socketio::event_frame("dispatchEvent", text) : text);
    }

    void received(std::string_view text)
    {
        still_there();
        if (socketio_)
            perform(socketio_->receive(text));
        else
            on_text(text);
    }

    // Plain WebSocket only; Socket.IO has a heartbeat of its own.
    void still_there()
    {
        if (!socketio_)
            silence_ = glib::after(kSilence, [this] {
                lost({Fault::Passing,
                      "signaling: " + address_.shown +
                          " has stopped answering: see whether the server still runs"});
            });
    }

    // False: a handler destroyed us, or the text made no difference.
    bool on_text(std::string_view text)
    {
        if (closing_)
            return true;
        const auto message = decode(text);
        if (!message)
            return warn("signaling-message", "signaling: a message from " + address_.shown +
                                                 " is ignored: it is " + message.error());
        // Anybody may have said it, where the server passes on what it is told.
        if (is_notice(*message) && !tells_truth_ && !(socketio_ && socketio_->tells_truth()))
            return true;
        if (const auto *id = std::get_if<Id>(&message->body))
            number_ = id->id;  // to be asked for again when we have to reconnect
        return tell(handlers.message, *message);
    }

    // Each may destroy us: nothing is touched behind one that says so.
    void perform(const socketio::Actions &actions)
    {
        const std::weak_ptr<int> life = life_;
        for (const auto &action : actions) {
            std::visit([this](const auto &a) { act(a); }, action);
            if (life.expired())
                return;
        }
    }

    void act(const socketio::Send &send)
    {
        if (socket_)
            socket_->send(send.frame);
    }
    void act(const socketio::StartTimer &start)
    {
        timers_.start(start, [this](socketio::Timer timer) {
            if (socketio_)
                perform(socketio_->elapsed(timer));
        });
    }
    void act(const socketio::StopTimer &stop) { timers_.stop(stop.timer); }
    void act(const socketio::Connected &) { connected(); }
    void act(const socketio::Event &event)
    {
        if (event.name == "onEvent")
            on_text(event.text);
        else
            warn("signaling-event", "signaling: an event from " + address_.shown +
                                        " is ignored: its name is not onEvent");
    }
    void act(const socketio::Warn &warning)
    {
        warn("signaling-frame", "signaling: " + address_.shown + " sent " + warning.why);
    }
    void act(const socketio::Close &close)
    {
        using Why = socketio::Close::Why;
        switch (close.why) {
            case Why::NotOurs:
                return lost(not_a_signaling_server(address_, close.detail));
            case Why::Refused:
                return lost({Fault::Permanent, "signaling: " + address_.shown +
                                                   " does not let us in (" + close.detail +
                                                   "): if it demands a token, give --token"});
            case Why::Left:
            case Why::Silent:
                return lost({Fault::Passing, "signaling: the connection to " + address_.shown +
                                                 " is lost (" + close.detail +
                                                 "): see whether the server still runs"});
        }
    }

    // ---- Losing it

    void lost(const Trouble &trouble)
    {
        socket_.reset();
        socketio_.reset();
        timers_.clear();
        silence_.cancel();
        if (closing_)
            return finish();

        const auto now = g_get_monotonic_time();
        const bool was_up = state_ == State::Connected;
        if (was_up && std::chrono::microseconds(now - connected_at_) >= kSettled) {
            history_.failures = 0;
            trouble_since_ = now;
        }
        history_.spent = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::microseconds(now - trouble_since_));
        auto delay = retry::delay(trouble.fault, history_, g_random_double());
        if (!delay)
            return give_up(trouble.sentence);
        if (doubting_)
            delay = std::min<std::chrono::milliseconds>(*delay, kDoubtDelay);
        ++history_.failures;
        retry_ = glib::after(*delay, [this] { attempt(); });
        if (doubting_ && state_ == State::Reconnecting)
            return;  // twice a second is no news
        change(history_.was_connected ? State::Reconnecting : State::Connecting,
               trouble.sentence + "; trying again in " + std::to_string(delay->count()) + " ms");
    }

    void give_up(const std::string &sentence)
    {
        if (change(State::Closed, sentence))
            tell(handlers.failed, Failure{Exit::Signaling, sentence});
    }

    // ---- Closing

    void finish_later()
    {
        deadline_ = glib::after(0ms, [this] { finish(); });
    }

    void finish()
    {
        dial_.reset();
        deadline_.cancel();
        socket_.reset();
        state_ = State::Closed;
        if (const auto done = std::exchange(closed_, nullptr))
            done();
    }

    const Address address_;
    const ClientConfig config_;
    const glib::Ptr<GTlsDatabase> authorities_;
    std::string number_;
    State state_ = State::Connecting;
    bool closing_ = false;
    bool doubting_ = false;
    std::deque<std::string> queue_;
    retry::History history_;
    gint64 trouble_since_ = 0;  // µs, monotonic: since when we have no settled connection
    gint64 connected_at_ = 0;
    int warnings_ = 0;
    std::function<void()> closed_;

    glib::Ptr<SoupSession> session_;
    std::unique_ptr<Dial> dial_;  // an attempt that is under way
    std::unique_ptr<WebSocket> socket_;
    std::optional<socketio::Client> socketio_;
    bool tells_truth_ = false;  // by a header: a relay whose notices can be believed
    SocketIoTimers timers_;
    glib::Source retry_, impatience_, silence_, deadline_;
    Life life_ = std::make_shared<int>();
};

}  // namespace

Result<std::unique_ptr<Channel>> make_client(const ClientConfig &config)
{
    auto address = parse_address(config.url);
    if (!address)
        return Error{address.error()};
    auto authorities = glib::read_authorities(config.ca_file);
    if (!authorities)
        return Error{"signaling: " + authorities.error()};
    return std::unique_ptr<Channel>(
        std::make_unique<Client>(std::move(*address), config, std::move(*authorities)));
}

}  // namespace callagent::signaling
