// Whether and when to try again after a failure to reach, or to keep, the signaling server. No
// clock and no dice here: the time spent and the jitter are passed in.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace callagent::retry {

// Can trying again help?
enum class Fault {
    Passing,    // refused, timed out, connection lost: often mends itself
    Doubtful,   // a name that does not resolve: once more, in case the network is just coming up
    Permanent,  // TLS, not a signaling server, a token refused: never
};

struct History {
    bool was_connected = false;          // ever
    int failures = 0;                    // without a success in between, this one not counted
    std::chrono::milliseconds spent{0};  // since the start, or since the connection was lost
};

constexpr std::chrono::seconds kNotYet{4};  // before it was ever connected: somebody is waiting
constexpr std::chrono::seconds kGiveUpAfter{60};  // once it was
constexpr std::chrono::seconds kMaxDelay{5};

// How long to wait before the next attempt; nothing: give up. `jitter` of 0 to 1 spreads the
// clients of a server that comes back over a quarter of the delay.
inline std::optional<std::chrono::milliseconds> delay(Fault fault, const History &history,
                                                      double jitter)
{
    using std::chrono::milliseconds;
    if (fault == Fault::Permanent)
        return std::nullopt;
    if (!history.was_connected) {
        const int allowed = fault == Fault::Doubtful ? 1 : 4;
        if (history.failures >= allowed || history.spent >= kNotYet)
            return std::nullopt;
    } else if (history.spent >= kGiveUpAfter) {
        return std::nullopt;
    }
    const auto doubled = milliseconds(250) * (1 << std::clamp(history.failures, 0, 5));
    const auto base = std::min<milliseconds>(doubled, kMaxDelay);
    const auto spread = static_cast<double>(base.count()) * 0.25 * std::clamp(jitter, 0.0, 1.0);
    return base + milliseconds(static_cast<milliseconds::rep>(spread));
}

}  // namespace callagent::retry
