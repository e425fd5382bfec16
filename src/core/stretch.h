// Plays sound sooner or later than it would be, without a click: periods of its own wave are left
// out or repeated, with a cross-fade (overlap-add at the lag where the wave is most like itself).
// Pure; 16 bit samples, interleaved. One thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace callagent {

class Stretch {
public:
    Stretch(int rate, int channels);

    // Whether `wanted` is so far from `delay()` that push() would change something.
    bool is_far_from(int wanted) const;

    // What becomes of `in`, the next few milliseconds (at most one period is left out or put in);
    // `wanted` frames of delay there are to be. What is wanted less of can wait for a wave that can
    // be shortened unheard; `delay()` comes within 2.5 ms of it.
    std::vector<std::int16_t> push(std::span<const std::int16_t> in, int wanted);

    // Frames that what is pushed next comes later than it would.
    int delay() const { return delay_; }

private:
    struct Period {
        std::size_t frames;
        double likeness;  // -1 to 1
    };
    Period best_period(std::span<const std::int16_t> in, std::size_t longest) const;
    bool silent(std::span<const std::int16_t> in) const;

    std::size_t shortest_, longest_;  // period, frames
    std::size_t channels_;
    int delay_ = 0;
};

}  // namespace callagent
