#include "core/handshake_trip.h"

#include <algorithm>

namespace callagent {
namespace {

constexpr std::int64_t kNone = -1;

// Tells the first message of a datagram, or the fragment of one, from others, but not from itself
// when it is sent again (RFC 6347, 4.1, 4.2.2): by its number and offset while those can be read,
// and behind the change of cipher there is only one.
std::int64_t message_of(std::span<const std::uint8_t> datagram)
{
    constexpr std::uint8_t kChangeCipherSpec = 20, kHandshake = 22;
    constexpr std::size_t kEpoch = 3, kRecord = 13, kNumber = kRecord + 4, kBehind = kNumber + 5;
    constexpr std::int64_t kChange = std::int64_t{1} << 40, kEncrypted = kChange + 1;
    if (datagram.size() < kRecord)
        return kNone;
    if (datagram[0] == kChangeCipherSpec)
        return kChange;
    if (datagram[0] != kHandshake)
        return kNone;
    if (datagram[kEpoch] != 0 || datagram[kEpoch + 1] != 0)
        return kEncrypted;
    if (datagram.size() < kBehind)
        return kNone;
    std::int64_t message = 0;
    for (std::size_t i = kNumber; i < kBehind; ++i)
        message = message << 8 | datagram[i];
    return message;
}

}  // namespace

void HandshakeTrip::sent(std::span<const std::uint8_t> datagram, double now)
{
    const auto message = message_of(datagram);
    if (message == kNone)
        return;
    is_repeated_ = !sent_messages_.insert(message).second || (asked_ && is_repeated_);
    asked_ = now;
}

void HandshakeTrip::received(std::span<const std::uint8_t> datagram, double now)
{
    constexpr double kLeast = 1e-6;
    const auto message = message_of(datagram);
    if (message == kNone || !received_messages_.insert(message).second || !asked_)
        return;
    const double trip = std::max(kLeast, now - *asked_);
    asked_.reset();
    if (!is_repeated_)
        shortest_ = shortest_ > 0 ? std::min(shortest_, trip) : trip;
}

}  // namespace callagent
