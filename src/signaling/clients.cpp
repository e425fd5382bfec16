#include "signaling/clients.h"

#include <algorithm>
#include <utility>

namespace callagent::signaling {
namespace {

constexpr int kMaxWarnings = 20;  // for each client

std::uint32_t random_below(std::uint32_t below)
{
    return static_cast<std::uint32_t>(g_random_int_range(0, static_cast<gint32>(below)));
}

}  // namespace

Clients::Clients(const RelayConfig &config, Warn warn)
    : config_(config), warn_(std::move(warn)), room_(random_below)
{
}

std::unique_ptr<Channel> Clients::attach(const std::string &url, const std::string &number)
{
    const auto who = next_++;
    auto seat =
        std::make_unique<Seat>(url, Seat::Hooks{
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

std::string Clients::why_no_place(const std::string &host) const
{
    const auto &limits = config_.limits;
    if (clients_.size() >= limits.clients)
        return "the relay is full, with " + std::to_string(clients_.size()) + " clients";
    const auto same = std::count_if(clients_.begin(), clients_.end(),
                                    [&](const auto &item) { return item.second.host == host; });
    if (static_cast<std::size_t>(same) >= limits.per_address)
        return "there are " + std::to_string(same) + " clients of that address already";
    return "";
}

Peer &Clients::add(const Request &request, const std::string &name, const std::string &host)
{
    const auto who = next_++;
    Peer::Handlers handlers;
    handlers.ready = [this, who, number = request.number] { deliver(room_.join(who, number)); };
    handlers.text = [this, who](std::string_view text) { say(who, text); };
    handlers.odd = [this, who](const std::string &what) { warn(who, what); };
    handlers.gone = [this, who] { remove(who); };
    auto &client = clients_[who];
    client.name = name;
    client.host = host;
    client.sid = session_id();
    client.peer = std::make_unique<Peer>(peer_config(request, client.sid), std::move(handlers));
    if (request.socketio)
        sessions_[client.sid] = who;
    return *client.peer;
}

Peer::Config Clients::peer_config(const Request &request, const std::string &sid) const
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

Peer *Clients::find(const std::string &sid)
{
    const auto session = sessions_.find(sid);
    return session == sessions_.end() ? nullptr : clients_.at(session->second).peer.get();
}

void Clients::remove(Room::Who who)
{
    const auto client = clients_.find(who);
    if (client == clients_.end())
        return;
    sessions_.erase(client->second.sid);
    clients_.erase(client);
    deliver(room_.leave(who));
}

void Clients::say(Room::Who who, std::string_view text)
{
    const auto deliveries = room_.say(who, text);
    if (deliveries)
        deliver(*deliveries);
    else
        warn(who, "sent a message that is " + deliveries.error() + ", which is not passed on");
}

void Clients::deliver(const Room::Deliveries &deliveries)
{
    for (const auto &[to, text] : deliveries) {
        if (const auto client = clients_.find(to); client != clients_.end())
            client->second.peer->send(text);
        else if (const auto seat = seats_.find(to); seat != seats_.end())
            seat->second->deliver(text);
    }
}

void Clients::warn(Room::Who who, const std::string &what)
{
    const auto client = clients_.find(who);
    if (client != clients_.end() && ++client->second.warnings <= kMaxWarnings)
        warn_("relay: client " + client->second.name + " " + what);
}

}  // namespace callagent::signaling
