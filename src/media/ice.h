// The ICE agent behind webrtcbin: its settings, and what it found.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/stats.h"
#include "media/timeline.h"
#include "media/tls_tunnel.h"

namespace callagent::media {

struct IceConfig {
    std::string stun;               // stun://host:port; empty: none
    std::vector<std::string> turn;  // turn(s)://user:pass@host:port?transport=…, escaped
    std::string ca;         // of turns servers: PEM file of the authorities; empty: the system's
    bool insecure = false;  // accept any certificate of theirs
    bool relay_only = false;
    std::uint16_t min_port = 0, max_port = 0;  // 0: any
    bool tcp = true;
    std::string bind_address;
};

// Before the first description is set. What it returns is to be kept as long as webrtcbin; `failed`
// is told, on a thread of its own, when "turns://host:port" is not reached, and why.
using Tunnels = std::vector<std::unique_ptr<TlsTunnel>>;
using TurnFailed = std::function<void(const std::string &server, const std::string &why)>;
Result<Tunnels> configure_ice(GstElement *webrtc, const IceConfig &, const TurnFailed &failed);

// An address of this machine, or the error that says which ones it has. Empty is one.
Status check_bind_address(const std::string &text);

// `selected` gets the pair each time a better one is selected, on libnice's thread.
glib::Connection on_selected_pair(GstElement *webrtc, std::function<void(CandidatePair)> selected);

// Whether a packet for that address stays on this machine (in this network namespace): it is one of
// its interfaces' own.
bool is_own_address(const std::string &address);

}  // namespace callagent::media
