// Statistics of a connection, from our own pads and the RTP session, keyed by SSRC: webrtcbin's own
// get-stats is thin and partly wrong in 1.22.
#pragma once

#include "core/stats.h"
#include "media/graph.h"
#include "media/timeline.h"

namespace callagent::media {

class StatsCollector {
public:
    // Main loop. Frames per second are those since the last call (core/frame_rate.h).
    Stats collect(Graph &graph, const Timeline &timeline);
};

}  // namespace callagent::media
