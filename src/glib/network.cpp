#include "glib/network.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

namespace callagent::glib {
namespace {

// One change is several pieces of news: an address goes, its route, the next address comes.
constexpr std::chrono::milliseconds kSettle{20};

const void *bytes_of(const sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return &reinterpret_cast<const sockaddr_in *>(address)->sin_addr;
    return &reinterpret_cast<const sockaddr_in6 *>(address)->sin6_addr;
}

}  // namespace

Addresses addresses_here()
{
    Addresses found;
    ifaddrs *all = nullptr;
    if (getifaddrs(&all) != 0)
        return found;
    for (const ifaddrs *one = all; one; one = one->ifa_next) {
        const bool carries = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_RUNNING) != 0;
        if (!carries || (one->ifa_flags & IFF_LOOPBACK) != 0 || !one->ifa_addr ||
            (one->ifa_addr->sa_family != AF_INET && one->ifa_addr->sa_family != AF_INET6))
            continue;
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (inet_ntop(one->ifa_addr->sa_family, bytes_of(one->ifa_addr), text.data(), text.size()))
            found.insert(text.data());
    }
    freeifaddrs(all);
    return found;
}

NetworkWatch::NetworkWatch(std::function<void(const Addresses &gone)> changed)
    : changed_(std::move(changed)), addresses_(addresses_here())
{
    socket_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    sockaddr_nl groups{};
    groups.nl_family = AF_NETLINK;
    groups.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (socket_ >= 0 &&
        bind(socket_, reinterpret_cast<const sockaddr *>(&groups), sizeof groups) == 0)
        news_ = on_readable(socket_, [this] { on_news(); });
}

NetworkWatch::~NetworkWatch()
{
    news_.cancel();
    if (socket_ >= 0)
        close(socket_);
}

// What it says does not matter: the addresses are looked up.
void NetworkWatch::on_news()
{
    std::array<char, 8192> ignored{};
    while (recv(socket_, ignored.data(), ignored.size(), 0) > 0) {
    }
    if (!settled_)
        settled_ = after(kSettle, [this] { look(); });
}

void NetworkWatch::look()
{
    auto now = addresses_here();
    if (now == addresses_)
        return;
    Addresses gone;
    std::set_difference(addresses_.begin(), addresses_.end(), now.begin(), now.end(),
                        std::inserter(gone, gone.end()));
    addresses_ = std::move(now);
    changed_(gone);
}

}  // namespace callagent::glib
