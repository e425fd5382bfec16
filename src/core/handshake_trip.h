// The round trip, told from a DTLS handshake: what is sent first in a call has to cope with losses
// before any report has come, a second later. From the last datagram of a flight to the first of
// the answer (RFC 6347, 4.2.4); the shortest of those, since keys take their time, too. What is
// sent again counts on neither side: which of the two was answered nobody knows, and it may come
// right behind an answer. Pure; times in seconds, any clock; one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>

namespace callagent {

class HandshakeTrip {
public:
    // Whole datagrams; whatever is no handshake is passed over.
    void sent(std::span<const std::uint8_t> datagram, double now);
    void received(std::span<const std::uint8_t> datagram, double now);

    // Seconds; 0: nothing was answered yet.
    double value() const { return shortest_; }

private:
    std::set<std::int64_t> sent_messages_, received_messages_;  // the first of each datagram
    std::optional<double> asked_;
    bool is_repeated_ = false;  // what was asked
    double shortest_ = 0;
};

}  // namespace callagent
