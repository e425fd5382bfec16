// The DTLS handshake (RFC 6347, 4.2) over a path that loses packets. OpenSSL waits 1, 2 and 4 s
// until it sends a flight of it again, and each flight is several datagrams: of paths that lose one
// in twenty each way, one in a hundred is given up after 10 s, and one in ten takes seconds. Each
// datagram is sent twice instead; what comes a second time is thrown away there as a replay
// (4.1.2.6).
#pragma once

#include <gst/gst.h>

namespace callagent::media {

// What leaves this pad, a dtlsenc's: handshake, change of cipher, alerts. Not data.
void send_handshake_twice(GstPad *pad);

}  // namespace callagent::media
