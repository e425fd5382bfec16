#include "core/overrun.h"

#include <algorithm>
#include <cstddef>

namespace callagent {
namespace {

constexpr double kStands = 0.03;  // s, that each packet waits for, as long as the queue is there
constexpr std::size_t kFew = 4;   // packets, and
constexpr double kShort = 0.04;   // s, of which no rate is told
constexpr double kMuch = 0.15;    // s, until the queue is empty
constexpr double kLongest = 0.3;  // s; a longer queue is seen once more
constexpr double kTooFast = 1.4;  // of what is carried

}  // namespace

std::optional<double> Overrun::feedback(std::span<const SentPacket> packets, double way,
                                        double sent, double now)
{
    if (packets.empty() || covers(packets.back().sent))
        return std::nullopt;
    // The last ones, as far back as they waited.
    const SentPacket *first = nullptr, *last = nullptr;
    double bytes = 0, longest = 0;
    std::size_t count = 0;
    bool is_full = false;
    for (std::size_t i = packets.size(); i-- > 0;) {
        const SentPacket *packet = &packets[i];
        if (!packet->arrived) {
            is_full = true;
            continue;
        }
        const double waited = *packet->arrived - packet->sent - way;
        if (waited < kStands || packet->sent < until_)
            break;
        if (first)
            bytes += first->bytes;
        first = packet;
        last = last ? last : first;
        longest = std::max(longest, waited);
        ++count;
    }
    if (count < kFew || *last->arrived - *first->arrived < kShort)
        return std::nullopt;
    const double carried = bytes * 8 / (*last->arrived - *first->arrived);
    if (sent < kTooFast * carried)
        return std::nullopt;
    // What was sent since then waits, too; where the queue is full, it is lost instead.
    double waits = *last->arrived - last->sent - way + (now - last->sent) * (sent / carried - 1);
    if (is_full)
        waits = std::min(waits, longest);
    if (waits < kMuch)
        return std::nullopt;
    until_ = now + std::min(waits, kLongest);
    return carried;
}

}  // namespace callagent
