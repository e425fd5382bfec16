#include "media/ice.h"

#include <algorithm>
#include <array>

#include <nice/agent.h>
#include <nice/interfaces.h>

#include "core/server_uri.h"

namespace callagent::media {
namespace {

// webrtcbin's own object around libnice's agent, and the agent.
glib::Ptr<GObject> ice_of(GstElement *webrtc)
{
    GObject *ice = nullptr;
    g_object_get(webrtc, "ice-agent", &ice, nullptr);
    return glib::adopt(ice);
}

glib::Ptr<GObject> nice_of(GObject *ice)
{
    GObject *nice = nullptr;
    if (ice && g_object_class_find_property(G_OBJECT_GET_CLASS(ice), "agent"))
        g_object_get(ice, "agent", &nice, nullptr);
    return glib::adopt(nice);
}

const char *type_name(NiceCandidateType type)
{
    switch (type) {
        case NICE_CANDIDATE_TYPE_HOST:
            return "host";
        case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
            return "srflx";
        case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
            return "prflx";
        case NICE_CANDIDATE_TYPE_RELAYED:
            return "relay";
    }
    return "";
}

std::string text_of(const NiceAddress &address)
{
    std::array<char, NICE_ADDRESS_STRING_LEN> text = {};
    nice_address_to_string(&address, text.data());
    return text.data();
}

IceCandidate described(const NiceCandidate &candidate)
{
    return {type_name(candidate.type),
            candidate.transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp",
            text_of(candidate.addr), static_cast<int>(nice_address_get_port(&candidate.addr))};
}

std::vector<NiceAddress> addresses_here()
{
    std::vector<NiceAddress> all;
    GList *texts = nice_interfaces_get_local_ips(TRUE);
    for (const GList *item = texts; item; item = item->next) {
        NiceAddress address;
        nice_address_init(&address);
        if (nice_address_set_from_string(&address, static_cast<const char *>(item->data)))
            all.push_back(address);
    }
    g_list_free_full(texts, g_free);
    return all;
}

std::string listed(const std::vector<NiceAddress> &addresses)
{
    std::string text;
    for (const auto &address : addresses)
        text += (text.empty() ? "" : ", ") + text_of(address);
    return text;
}

// Where there is nothing but the loopback interface, libnice has no candidates at all, and two
// agents on a machine without a network would not find each other.
void use_loopback_alone(NiceAgent *agent)
{
    GList *others = nice_interfaces_get_local_ips(FALSE);
    const bool alone = others == nullptr;
    g_list_free_full(others, g_free);
    NiceAddress address;
    nice_address_init(&address);
    if (alone && nice_address_set_from_string(&address, "127.0.0.1"))
        nice_agent_add_local_address(agent, &address);
}

Result<std::unique_ptr<TlsTunnel>> tunnel_to(const ServerUri &uri, const IceConfig &config,
                                             const TurnFailed &failed)
{
    const TlsTunnel::Server server{uri.host, uri.port, config.ca, config.insecure,
                                   config.bind_address};
    return TlsTunnel::open(
        server, [failed, name = shown(uri)](const std::string &why) { failed(name, why); });
}

// The same user and password, at the near end of the tunnel.
std::string through(const TlsTunnel &tunnel, ServerUri uri)
{
    uri.scheme = "turn";
    uri.host = tunnel.address();
    uri.port = tunnel.port();
    uri.query = "?transport=tcp";
    return to_string(uri);
}

}  // namespace

Result<Tunnels> configure_ice(GstElement *webrtc, const IceConfig &config, const TurnFailed &failed)
{
    Tunnels tunnels;
    if (!config.stun.empty())
        g_object_set(webrtc, "stun-server", config.stun.c_str(), nullptr);
    for (const auto &given : config.turn) {
        auto server = given;
        if (const auto uri = split_server_uri(given); uri.scheme == "turns") {
            auto tunnel = tunnel_to(uri, config, failed);
            if (!tunnel)
                return Error{tunnel.error()};
            server = through(**tunnel, uri);
            tunnels.push_back(std::move(*tunnel));
        }
        gboolean added = FALSE;
        g_signal_emit_by_name(webrtc, "add-turn-server", server.c_str(), &added);
        if (!added)
            return Error{"--turn: GStreamer does not take this server's address"};
    }
    if (config.relay_only)
        gst_util_set_object_arg(G_OBJECT(webrtc), "ice-transport-policy", "relay");

    const auto ice = ice_of(webrtc);
    const auto nice = nice_of(ice.get());
    if (!nice)
        return Error{"webrtcbin has no libnice agent: install gstreamer1.0-nice"};
    if (config.min_port != 0)
        g_object_set(ice.get(), "min-rtp-port", guint{config.min_port}, "max-rtp-port",
                     guint{config.max_port}, nullptr);
    g_object_set(nice.get(), "stun-pacing-timer",
                 5U,  // ms; RFC 8445, 14.2 allows it for few checks
                 // Of a check, within 4.5 s. With three, the default, one of a thousand is lost for
                 // good where 5 % is each way, and may be the one that nominates.
                 "stun-max-retransmissions", 4U, "ice-tcp", static_cast<gboolean>(config.tcp),
                 // libnice would look for routers by multicast, and open ports in them, unasked.
                 "upnp", FALSE, nullptr);
    if (!config.bind_address.empty()) {
        if (const auto here = check_bind_address(config.bind_address); !here)
            return Error{here.error()};
        NiceAddress address;
        nice_address_init(&address);
        if (!nice_address_set_from_string(&address, config.bind_address.c_str()) ||
            !nice_agent_add_local_address(NICE_AGENT(nice.get()), &address))
            return Error{"--bind-address " + config.bind_address + ": libnice does not take it"};
    } else {
        use_loopback_alone(NICE_AGENT(nice.get()));
    }
    return tunnels;
}

Status check_bind_address(const std::string &text)
{
    const auto here = addresses_here();
    NiceAddress address;
    nice_address_init(&address);
    const auto is_it = [&](const NiceAddress &one) { return nice_address_equal(&one, &address); };
    if (text.empty() || (nice_address_set_from_string(&address, text.c_str()) &&
                         std::any_of(here.begin(), here.end(), is_it)))
        return Done{};
    return Error{"--bind-address " + text + ": no address of this machine, which has " +
                 listed(here) + ": give one of them, or leave the option away"};
}

glib::Connection on_selected_pair(GstElement *webrtc, std::function<void(CandidatePair)> selected)
{
    const auto ice = ice_of(webrtc);
    const auto nice = nice_of(ice.get());
    return glib::connect<void(NiceAgent *, guint, guint, NiceCandidate *, NiceCandidate *)>(
        nice.get(), "new-selected-pair-full",
        [selected = std::move(selected)](NiceAgent *, guint, guint, const NiceCandidate *local,
                                         const NiceCandidate *remote) {
            CandidatePair pair;
            pair.local = described(*local);
            pair.local.base = text_of(local->base_addr);  // the remote one's is nothing
            pair.remote = described(*remote);
            selected(std::move(pair));
        });
}

bool is_own_address(const std::string &address)
{
    const auto without_zone = [](std::string_view text) { return text.substr(0, text.find('%')); };
    GList *all = nice_interfaces_get_local_ips(TRUE);
    bool found = false;
    for (const GList *one = all; one; one = one->next)
        found =
            found || without_zone(static_cast<const char *>(one->data)) == without_zone(address);
    g_list_free_full(all, g_free);
    return found;
}

}  // namespace callagent::media
