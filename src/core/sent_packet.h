// What transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01) tells of a
// packet that we sent.
#pragma once

#include <cstdint>
#include <optional>

namespace callagent {

struct SentPacket {
    double sent = 0;                // by our clock, in seconds
    std::optional<double> arrived;  // by the peer's clock; none: lost
    int bytes = 0;
    std::uint16_t number = 0;  // each one more: what is missing was in feedback that got lost
};

}  // namespace callagent
