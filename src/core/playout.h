// The playout delay: how long after its time a picture or a sound is rendered, so that those that
// take longer on their way than the quickest are not late. The smallest with which fewer than one
// in a hundred would have been late in the last seconds; one for both media, which keeps them
// together. Up quickly, down slowly. Pure; times in seconds. One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "core/media.h"
#include "core/tolerance.h"

namespace callagent {

class Playout {
public:
    // Of the past, that the delay is made for.
    static constexpr double kWindow = 10;
    static constexpr double kUp = 0.25, kDown = 0.02;  // the delay's own speed

    explicit Playout(PlayoutRange range) : range_(range), delay_(range.min) {}

    // A picture was ready so long after its time.
    void picture(double now, double late) { video_.add(now, late); }

    // A packet of sound has come; RTP timestamp, clock rate. It is as late as its way was longer
    // than the shortest: later ones wait for a jitter buffer that gives those before them up.
    void sound(double now, std::uint32_t timestamp, int clock_rate);

    // What the delay is to be from `now` on.
    double advance(double now);
    double delay() const { return delay_; }

    // The most that a packet of sound was late; nothing until enough have come to tell.
    std::optional<double> latest_sound() const;

private:
    class Lateness {
    public:
        void add(double now, double late);
        double wanted(double now);  // what one in a hundred exceeds
        std::optional<double> most() const;

    private:
        double first_ = -1;
        std::deque<std::pair<double, double>> samples_;  // when, how late
    };

    PlayoutRange range_;
    double delay_;
    double advanced_ = -1;
    Lateness audio_, video_;
    struct Stamp {
        std::uint32_t timestamp;
        double sent;  // by the sender's clock
    };
    std::optional<Stamp> newest_;
    WindowedMinimum shortest_{kWindow};
};

}  // namespace callagent
