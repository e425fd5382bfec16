// The network that an endpoint pretends to have: what webrtcbin sends and receives, DTLS, RTP and
// RTCP, passes through it. ICE's own checks do not, because libnice sends and answers them itself.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/simulated_link.h"
#include "media/simulated_pad.h"

namespace callagent::media {

// Any thread. To be destroyed when webrtcbin has stopped.
class SimulatedNetwork {
public:
    struct Counts {
        SimulatedLink::Counts in, out;
    };

    explicit SimulatedNetwork(const Simulation &simulation) : simulation_(simulation) {}

    // Every element that webrtcbin has; libnice's are taken. Before anything flows.
    void take(GstElement *element);

    // Both directions pass through here.
    bool is_between() const;

    Counts counts() const;

    // As SimulatedPad's, of what goes out.
    void drain(std::chrono::milliseconds at_most);
    void stop();

private:
    using Pads = std::vector<std::unique_ptr<SimulatedPad>>;

    const Simulation simulation_;
    mutable std::mutex mutex_;
    Pads in_, out_;
};

}  // namespace callagent::media
