// One attempt to get a WebSocket of a signaling server: name, TCP, TLS and HTTP together.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "signaling/address.h"
#include "signaling/soup.h"

namespace callagent::signaling {

class Dial {
public:
    struct Credentials {
        std::string token;      // empty: none
        bool insecure = false;  // accept any certificate
    };
    struct Opened {
        glib::Ptr<SoupWebsocketConnection> connection;
        bool tells_truth = false;  // a relay whose notices can be believed (core/notice.h)
    };
    using Outcome = std::variant<Opened, Trouble>;

    // `done` is called once, on the main loop, unless the Dial is destroyed before. It may destroy
    // it. `address` outlives the attempt.
    Dial(SoupSession *session, const Address &address, const std::string &number,
         const Credentials &, std::function<void(Outcome)> done);
    // Gives up.
    ~Dial();
    Dial(const Dial &) = delete;
    Dial &operator=(const Dial &) = delete;

private:
    struct Attempt;

    std::shared_ptr<Attempt> attempt_;
};

}  // namespace callagent::signaling
