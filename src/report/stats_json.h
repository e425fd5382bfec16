// Statistics as the W3C's webrtc-stats has them: its types, names and units. Each entry has `type`
// and `id`, and refers to others by their ids. `timestamp` is the event's own.
#pragma once

#include "core/stats.h"
#include "core/value.h"

namespace callagent::report {

// One entry for each SSRC and direction (inbound-rtp, outbound-rtp, remote-inbound-rtp), for the
// selected candidate pair with its two candidates, the transport, and each codec.
Array to_array(const Stats &stats);

// The members of an entry that are totals or measured values: without type, id, ssrc and
// references.
Object measured(const InboundRtp &stream);
Object measured(const OutboundRtp &stream);

Object to_object(const IceCandidate &candidate);  // candidateType, protocol, address, port

}  // namespace callagent::report
