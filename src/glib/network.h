// This machine's addresses, and news of their coming and going. Main loop.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "glib/loop.h"

namespace callagent::glib {

using Addresses = std::set<std::string>;  // "192.0.2.1", "2001:db8::1"

// Of the interfaces that carry, without the loopback's.
Addresses addresses_here();

class NetworkWatch {
public:
    // `changed`: which addresses have gone; others may have come. Where the system does not tell
    // (no netlink), it is never called.
    explicit NetworkWatch(std::function<void(const Addresses &gone)> changed);
    ~NetworkWatch();
    NetworkWatch(const NetworkWatch &) = delete;
    NetworkWatch &operator=(const NetworkWatch &) = delete;

private:
    void on_news();
    void look();

    std::function<void(const Addresses &)> changed_;
    Addresses addresses_;
    int socket_ = -1;
    Source news_, settled_;
};

}  // namespace callagent::glib
