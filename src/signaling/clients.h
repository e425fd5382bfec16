// Who is at the relay: its clients, each a Peer, and the agent's own seat, in core's Room.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/room.h"
#include "signaling/peer.h"
#include "signaling/relay_config.h"
#include "signaling/request.h"
#include "signaling/seat.h"

namespace callagent::signaling {

class Clients {
public:
    using Warn = std::function<void(const std::string &text)>;

    // `config` outlives it.
    Clients(const RelayConfig &config, Warn warn);

    // A seat; it does not outlive us.
    std::unique_ptr<Channel> attach(const std::string &url, const std::string &number);

    // Why a client from there cannot be let in; empty: it can.
    std::string why_no_place(const std::string &host) const;

    // Lets a client in. `name`, `host`: its remote end, for people and for counting. The caller
    // starts it.
    Peer &add(const Request &request, const std::string &name, const std::string &host);

    // Of an Engine.IO session; null: there is none.
    Peer *find(const std::string &sid);

    std::size_t size() const { return clients_.size(); }

    // All of them go.
    void clear() { clients_.clear(); }

private:
    struct Client {
        std::unique_ptr<Peer> peer;
        std::string name;
        std::string host;
        std::string sid;  // of Engine.IO
        int warnings = 0;
    };

    Peer::Config peer_config(const Request &request, const std::string &sid) const;
    void say(Room::Who who, std::string_view text);
    void deliver(const Room::Deliveries &deliveries);
    void remove(Room::Who who);
    void warn(Room::Who who, const std::string &what);

    const RelayConfig &config_;
    Warn warn_;
    Room room_;
    Room::Who next_ = 1;
    std::map<Room::Who, Client> clients_;
    std::map<std::string, Room::Who> sessions_;
    std::map<Room::Who, Seat *> seats_;
};

}  // namespace callagent::signaling
