#include "core/ice_account.h"

#include <algorithm>

#include "core/sdp.h"

namespace callagent {
namespace {

std::string listed(const std::map<std::string, int> &counts)
{
    std::string text;
    for (const auto &[what, number] : counts)
        text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + what;
    return text.empty() ? "nothing" : text;
}

bool has(const std::map<std::string, int> &counts, std::string_view part)
{
    return std::any_of(counts.begin(), counts.end(),
                       [&](const auto &one) { return one.first.find(part) != std::string::npos; });
}

}  // namespace

void IceAccount::count(std::string_view text, Counts &counts)
{
    while (!text.empty()) {
        const auto line = text.substr(0, text.find_first_of("\r\n"));
        if (const auto parts = sdp::candidate_parts(line))
            ++counts[parts->type + "/" + parts->protocol];
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
}

void IceAccount::server(const std::string &name, bool works, const std::string &detail)
{
    const auto known = std::find_if(servers_.begin(), servers_.end(),
                                    [&](const Server &one) { return one.name == name; });
    if (known == servers_.end())
        servers_.push_back({name, works, detail});
    else if (!known->works)
        *known = {name, works, detail};
}

bool IceAccount::hopeless() const
{
    return settings_.relay_only && !has(local_, "relay") &&
           std::none_of(servers_.begin(), servers_.end(),
                        [](const Server &one) { return one.works; });
}

std::string IceAccount::advice() const
{
    if (local_.empty() && !settings_.relay_only)
        return settings_.port_range
                   ? "no port of --port-range is free, or this machine has no network address"
                   : "this machine has no network address";
    if (remote_.empty())
        return "the peer sent no candidate: is it still there, and has it a network?";
    // A relay lets in only what comes from an address that it was told of.
    if (has(local_, "relay") && !has(remote_, "srflx") && !has(remote_, "relay"))
        return "the peer knows no public address of its own: it needs --stun or --turn as well";
    if (has(remote_, "relay") && !has(local_, "srflx") && !has(local_, "relay") && !settings_.turn)
        return "no public address of our own is known: add --stun or --turn";
    if (!settings_.turn && !has(remote_, "relay"))
        return "no relay: add --turn";
    const bool broken =
        std::any_of(servers_.begin(), servers_.end(), [](const Server &one) { return !one.works; });
    if (settings_.turn && !has(local_, "relay"))
        return broken ? "no relay of ours: mend that, or add another --turn"
                      : "no relay of ours: add a --turn that can be reached from here, over "
                        "?transport=tcp or turns: where UDP is blocked";
    if (!settings_.tcp)
        return "is UDP blocked? Leave --no-ice-tcp away, or add --turn with ?transport=tcp";
    return "is UDP blocked? Add --turn with ?transport=tcp, or turns:";
}

std::string IceAccount::sentence() const
{
    auto text = "here " + listed(local_) + "; there " + listed(remote_);
    for (const auto &one : servers_)
        text += "; " + one.name + (one.works ? " " : ": ") + one.detail;
    return text + "; " + advice();
}

}  // namespace callagent
