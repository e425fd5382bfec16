// The DTLS handshake (RFC 6347, 4.2), as it passes.
//
// Over a path that loses packets: OpenSSL waits 1, 2 and 4 s until it sends a flight of it again,
// and each flight is several datagrams: of paths that lose one in twenty each way, one in a hundred
// is given up after 10 s, and one in ten takes seconds. Each datagram is sent twice instead; what
// comes a second time is thrown away there as a replay (4.1.2.6).
//
// And it tells how long a round trip takes before any report does.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include <gst/gst.h>

#include "core/handshake_trip.h"

namespace callagent::media {

class Handshake {
public:
    // What leaves this pad, a dtlsenc's: handshake, change of cipher, alerts. Not data. The pad
    // keeps `self`.
    static void send_twice(GstPad *pad, const std::shared_ptr<Handshake> &self);

    // What comes to this pad, a dtlsdec's. The pad keeps `self`.
    static void watch(GstPad *pad, const std::shared_ptr<Handshake> &self);

    // Seconds; 0: not known yet. Any thread.
    double round_trip() const;

private:
    using Passed = void (HandshakeTrip::*)(std::span<const std::uint8_t>, double);
    void note(GstBuffer *datagram, Passed passed);

    mutable std::mutex mutex_;
    HandshakeTrip trip_;
};

}  // namespace callagent::media
