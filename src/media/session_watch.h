// What the RTP session tells upstream, taken from it as soon as it has its pads: where its received
// RTP goes on, what is asked of it (feedback.h); where what we send comes in, what the peer asks
// for (repeats.h) and what its transport-wide feedback says of each packet. What changes packets at
// its ends (fec.h). And what it is told: the clock rate of each stream that we send.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <gst/gst.h>

#include "core/rate_control.h"
#include "media/fec.h"
#include "media/feedback.h"
#include "media/repeats.h"

namespace callagent::media {

// Called on the session's threads; the session keeps a copy.
struct SessionWatch {
    std::shared_ptr<Feedback> feedback;
    std::shared_ptr<FecSender> fec_sender;
    std::shared_ptr<FecReceiver> fec_receiver;
    std::shared_ptr<RepeatGate> repeats;
    std::function<void(std::vector<SentPacket>)> take;  // what was told of what we sent
    std::function<void(std::uint16_t)> repeat;          // this packet is to be sent once more
    std::uint32_t sound = 0;                            // SSRC of ours
};

void watch_session(GstElement *session, const SessionWatch &watch);

}  // namespace callagent::media
