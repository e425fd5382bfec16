// Keeps what we send within what the path carries: hands the peer's feedback to core's RateControl,
// tells the encoders what comes of it, and sends the probes that it asks for.
//
// A probe is made of packets that were sent already, sent again (RFC 4588), which the peer throws
// away: no picture has to be made for it. Without retransmissions there are no probes.
//
// Main loop, unless said otherwise.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gst/gst.h>

#include "core/bit_budget.h"
#include "core/fec_share.h"
#include "core/rate_control.h"
#include "glib/loop.h"
#include "media/graph.h"

namespace callagent::media {

class RateAdaptation {
public:
    struct Change {
        int bitrate = 0;  // of the video encoder
        RateControl::Why why = RateControl::Why::Start;
        double loss = 0;
        double queue_delay = 0;  // seconds
        double fec = 0;          // share of our video that is FEC
    };

    // `changed` is told of each new rate of ours, and when FEC begins and ends.
    RateAdaptation(BitrateRange video, int audio_bitrate, double pictures,
                   std::function<void(const Change &)> changed);

    // The senders are there. Begins.
    void start(const std::shared_ptr<Graph> &graph);

    // What the session pushes upstream where its RTP comes in: in 1.22 an event with what
    // transport-wide feedback says of each packet. Any thread; nothing where it is something else.
    static std::vector<SentPacket> feedback_of(GstEvent *event);

    void feedback(const std::vector<SentPacket> &packets);

    // Of the video encoder, from now on.
    void set_range(BitrateRange video);

private:
    void tick();
    void apply();
    void protect(Graph &graph);
    void tell() const;
    void hold();
    void probe();
    void send_probe();
    BitDemand demand() const;
    RateControl::Range on_the_wire(const BitrateRange &video) const;

    BitrateRange range_;
    const int audio_bitrate_;
    const double pictures_;
    const std::function<void(const Change &)> changed_;
    RateControl control_;
    std::weak_ptr<Graph> graph_;
    bool has_audio_ = false, has_video_ = false;
    std::uint64_t reports_ = 0;  // of our video, taken into account
    double round_trip_ = 0;      // seconds
    BitBudget given_;
    int told_loss_ = -1;  // percent
    FecShare fec_;
    double fec_share_ = 0;
    PictureSteps steps_;

    struct Probing {
        RateControl::Probe probe;
        double begun = 0;
        double bits = 0;  // sent so far
    };
    Probing probing_;
    glib::Source ticking_, sending_, holding_;
    bool held_ = false;
};

}  // namespace callagent::media
