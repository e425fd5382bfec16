// Statistics of a call, second by second, as the metrics that can be expected of it.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "core/expectation.h"
#include "core/quality.h"
#include "core/stats.h"

namespace callagent {

// All times are those of Stats: seconds since the process started. What is a rate is taken from one
// sample to the next; rates of pictures begin with the first picture, since how late that came is
// `video.first`.
class CallMeter {
public:
    void connected(double t, double setup_ms);
    void first_frame(Medium medium, double t, double ms);
    void stalled() { ++stalls_; }
    void warned() { ++warnings_; }
    void sample(const Stats &stats);
    void sample(double t, const Quality &quality);  // of the time since the last one

    // The newest value; absent where there is none.
    std::optional<double> last(std::string_view name) const;

    // Of the call until now.
    Measurements measurements(double t) const;

private:
    // All streams of a medium.
    struct Totals {
        double t = 0;
        double packets = 0;
        double lost = 0;
        double bytes = 0;
        double frames = 0;
        double freezes = 0;   // seconds
        double energy = 0;    // of sound
        double duration = 0;  // seconds of sound
    };

    Series &series(const std::string &name) { return measurements_[name]; }
    void sample_inbound(const Stats &stats, Medium medium);
    void sample_outbound(const Stats &stats, Medium medium);
    void sample_remote(const Stats &stats);
    void sample_video(const Totals &now);
    void sample_audio(const Totals &before, const Totals &now);

    Measurements measurements_;
    std::optional<double> connected_;
    std::map<Medium, Totals> in_, out_;
    std::optional<Totals> pictures_;  // as of the last rate
    std::optional<Totals> remote_;
    double frozen_ = 0;  // seconds without a picture that the statistics will tell of later
    double untold_ = 0;  // s frozen, that the samples so far had no room for
    double frames_lost_ = 0, frames_repeated_ = 0, frames_late_ = 0;
    double lost_ = 0, expected_ = 0;  // of the sample that is being taken, both media
    std::optional<double> jitter_;
    int stalls_ = 0;
    int warnings_ = 0;
};

}  // namespace callagent
