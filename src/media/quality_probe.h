// Looks for a test source's marks in what we receive, and measures by them. Where there are none it
// measures nothing, and soon looks rarely.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "core/media.h"
#include "core/quality.h"
#include "media/test_marks.h"
#include "media/timeline.h"

namespace callagent::media {

class QualityProbe {
public:
    explicit QualityProbe(const Timeline &timeline, std::uint32_t clock = wall_clock_id())
        : timeline_(timeline), meter_(clock)
    {
    }

    // A decoded sample (video/x-raw, audio/x-raw), its PTS on the timeline. It is shown `delay`
    // after its PTS, at once where that is over or where the sink does not wait (no delay). One
    // streaming thread for each medium.
    // `captured`: by the sender's wall clock, where its reports tell.
    void push(Medium medium, GstSample *sample, std::optional<GstClockTime> delay,
              std::optional<double> captured = {});

    // The peer is this machine, whose clock is its clock. Any thread.
    void set_same_clock(bool same) { same_clock_ = same; }

    // What was measured since the last time. Main loop.
    Quality take(std::optional<double> round_trip = {});

private:
    void look(GstSample *sample, double shown);
    void listen(GstSample *sample, double heard);

    const Timeline &timeline_;
    std::atomic<bool> same_clock_{false};
    unsigned without_ = 0;  // pictures in a row; video's thread
    Ear ear_;               // audio's thread
    std::mutex mutex_;
    QualityMeter meter_;
};

}  // namespace callagent::media
