// Frames a second over the time since the last look. A look too soon after the last one (the end of
// a call comes at any moment) sees the rate of before: one frame more or less would be all it could
// tell.
#pragma once

#include <cstdint>

namespace callagent {

class FrameRate {
public:
    static constexpr double kShortest = 0.3;  // seconds

    // `frames`: counted so far; `now` in seconds, of any clock that goes on.
    double at(std::uint64_t frames, double now)
    {
        if (seen_ < 0 || now - seen_ >= kShortest) {
            if (seen_ >= 0)
                rate_ = static_cast<double>(frames - frames_) / (now - seen_);
            frames_ = frames;
            seen_ = now;
        }
        return rate_;
    }

private:
    double seen_ = -1;
    std::uint64_t frames_ = 0;
    double rate_ = 0;
};

}  // namespace callagent
