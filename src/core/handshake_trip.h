// The round trip, told from a DTLS handshake: what is sent first in a call has to cope with losses
// before any report has come, a second later. From the last datagram of a flight to the first of
// the answer (RFC 6347, 4.2.4); the shortest of those, since keys take their time, too. Pure; times
// in seconds, any clock; one thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>

namespace callagent {

class HandshakeTrip {
public:
    void sent(double now) { sent_ = now; }

    // `record`: epoch and number of the first record in it (4.1). One that comes again, since it
    // was sent twice, answers nothing.
    void received(std::uint64_t record, double now)
    {
        if (seen_.size() == kMost || !seen_.insert(record).second || sent_ < 0)
            return;
        const double trip = std::max(kLeast, now - sent_);
        sent_ = -1;
        shortest_ = shortest_ > 0 ? std::min(shortest_, trip) : trip;
    }

    // Seconds; 0: nothing was answered yet.
    double value() const { return shortest_; }

private:
    static constexpr std::size_t kMost = 256;  // records; a handshake has twenty
    static constexpr double kLeast = 1e-6;

    std::set<std::uint64_t> seen_;
    double sent_ = -1, shortest_ = 0;
};

}  // namespace callagent
