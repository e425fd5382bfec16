// When what comes is rendered, and how long the picture stands.
#include <algorithm>
#include <cmath>

#include "session.h"

namespace callagent {

double Session::running_time() const
{
    return static_cast<double>(shared_.timeline.now()) / GST_SECOND;
}

void Session::time_picture(GstSample *sample)
{
    const auto *buffer = gst_sample_get_buffer(sample);
    const double now = running_time();
    const std::lock_guard lock(playout_mutex_);
    freezes_.frame(now);
    if (buffer && GST_BUFFER_PTS_IS_VALID(buffer))
        playout_.picture(now, now - static_cast<double>(GST_BUFFER_PTS(buffer)) / GST_SECOND);
}

void Session::set_playout()
{
    constexpr int kMuch = 20;                                      // ms, to be told
    constexpr double kReserve = 0.02, kLeast = 0.04, kMost = 0.4;  // s, of the patience
    double delay = 0;
    std::optional<double> latest;
    {
        const std::lock_guard lock(playout_mutex_);
        delay = playout_.advance(running_time());
        latest = playout_.latest_sound();
    }
    shared_.playback.set_delay(static_cast<GstClockTime>(delay * GST_SECOND));
    if (latest)
        endpoint_->set_sound_patience(std::chrono::milliseconds(
            std::lround(1000 * std::clamp(std::max(*latest + kReserve, delay), kLeast, kMost))));
    const int told = static_cast<int>(std::lround(delay * 1000));
    const bool rendered =
        shared_.playback.delay(Medium::Video) || shared_.playback.delay(Medium::Audio);
    if (!rendered || std::abs(told - told_playout_) < kMuch)
        return;
    told_playout_ = told;
    shared_.events.emit("playout", {{"delay_ms", told}});
}

// A freeze may begin on one connection and end on the next: the pictures of the call tell, and the
// stream of now has what the former ones have not told.
void Session::put_freezes(Stats &stats)
{
    const std::lock_guard lock(playout_mutex_);
    auto count = freezes_.count();
    double total = freezes_.total();
    for (const auto &former : former_.inbound) {
        count -= std::min(count, former.freeze_count);
        total -= former.total_freezes_duration;
    }
    for (auto &stream : stats.inbound) {
        if (stream.kind != Medium::Video)
            continue;
        stream.freeze_count = count;
        stream.total_freezes_duration = std::max(0.0, total);
    }
}

}  // namespace callagent
