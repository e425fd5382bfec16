// Moves the time at which a medium's samples are rendered: a picture's at once, sound's by a few
// milliseconds a sample, without clicks. One streaming thread, except for delay().
#pragma once

#include <atomic>
#include <optional>

#include <gst/gst.h>

#include "core/media.h"
#include "core/stretch.h"
#include "media/timeline.h"

namespace callagent::media {

class RenderTime {
public:
    explicit RenderTime(Medium medium) : medium_(medium) {}

    // The sample, later than it is by what is in force; `wanted`: what is to be.
    glib::Ptr<GstSample> moved(GstSample *sample, GstClockTime wanted);

    // In force. Any thread.
    GstClockTime delay() const { return delay_; }

private:
    glib::Ptr<GstBuffer> stretched(GstBuffer *buffer, GstCaps *caps, GstClockTime wanted);

    const Medium medium_;
    std::optional<Stretch> stretch_;
    int rate_ = 0, channels_ = 0;
    std::atomic<GstClockTime> delay_{0};
};

}  // namespace callagent::media
