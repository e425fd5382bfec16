// How many bits a second we may send, told from what the peer's feedback says about the packets
// that we sent: as much as the path carries, with its queue kept short.
//
// The queue is seen in how long packets take, over the shortest time that any took lately; losses
// count where they are many. Both have a limit that adapts: where going slower does not help (there
// is another stream in the queue, which fills it whatever we do; a radio that loses packets at any
// rate), more of it is borne. Between congestions the rate grows, quickly at first and slowly near
// what the path was last seen to carry; a probe, some packets more than are needed, finds out
// beforehand whether it may grow at once.
//
// The ideas are those of Google's congestion control (draft-ietf-rmcat-gcc-02) and of SCReAM
// (RFC 8298), the queue delay of LEDBAT (RFC 6817). Pure; all times are seconds, the caller has the
// clock. All rates are bit/s with everything that is on the wire.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "core/media.h"
#include "core/overrun.h"
#include "core/sent_packet.h"
#include "core/tolerance.h"

namespace callagent {

class RateControl {
public:
    using Range = BitrateRange;
    enum class Why { Start, Clear, Probe, Queue, Loss, Silence, Peer, Range };

    explicit RateControl(Range range);

    // Transport-wide feedback, in the order of sending.
    void feedback(std::span<const SentPacket> packets, double now);

    // A receiver report (RFC 3550, 6.4.1); what counts where there is no transport-wide feedback.
    void report(double fraction_lost, std::optional<double> round_trip, double now);

    // REMB (draft-alvestrand-rmcat-remb-03): the peer's own estimate, an upper limit.
    void remb(int bitrate);

    // Every 200 ms or so. A peer that has stopped telling may receive nothing.
    void tick(double now);

    void set_range(Range range);

    // Whether packets are to be sent now beside what is sent anyway, at such a rate: a probe.
    struct Probe {
        int rate = 0;        // bit/s
        double seconds = 0;  // how long
    };
    std::optional<Probe> probe(double now);

    int target() const { return static_cast<int>(target_); }
    Why why() const { return why_; }
    double loss() const { return loss_; }                // share of the last second
    double queue_delay() const { return queue_delay_; }  // seconds

    // No picture is to be sent now, and nothing to be repeated; the first one after it is to need
    // none of those before.
    bool is_held(double now) const { return overrun_.is_held(now); }

    // The rate at which a large picture leaves, or what an encoder makes that has not followed yet:
    // more than the target, as long as that does not stand in the path's queue.
    int pace() const;

private:
    static bool tells_of_no_path(std::span<const SentPacket> packets);
    void take(const SentPacket &packet);
    void measure(std::span<const SentPacket> packets, double now);
    bool judge_overrun(std::span<const SentPacket> packets, double now);
    void judge(double now);
    void judge_probe(double now);
    void slower(double rate, double now, Why why);
    double told_of() const;
    static double drained(std::span<const SentPacket> packets);
    bool is_clear() const;
    void faster(double now);
    void set(double rate, Why why);

    Range range_;
    double target_;
    Why why_ = Why::Start;
    double peer_limit_ = 0;  // 0: none

    std::deque<SentPacket> window_;  // of the last second
    WindowedMinimum base_delay_{30};
    WindowedMinimum recent_queue_{3};  // a slower path takes longer even with an empty queue
    double queue_delay_ = 0, loss_ = 0;
    double received_ = 0;  // rate; 0: not known
    double sent_ = 0;      // likewise
    double drained_ = 0;   // likewise
    double back_to_ = 0;   // of what came before the path was gone; 0: there, or given up
    double trouble_ = 0;   // received when it began; 0: there is none
    double capacity_ =
        0;  // what the path carried when its queue was last seen to grow; 0: not known
    double capacity_at_ = 0;
    Overrun overrun_;
    Tolerance queue_{0.03, 0.4};
    Tolerance lossy_{0.08, 0.4};

    bool has_feedback_ = false;
    bool silent_ = false;  // the peer has stopped telling
    double heard_ = -1;    // the last feedback, of either kind
    double grown_ = -1;    // the last time the rate was looked at for growth
    double slowed_ = -1;   // the last time it was made less, with such a queue
    double slowed_queue_ = 0;
    WindowedMinimum round_trip_{30};

    std::optional<Probe> probing_;
    double probe_begun_ = 0;
    double next_probe_ = 0, probe_pause_ = 0;
};

const char *name(RateControl::Why why);

}  // namespace callagent
