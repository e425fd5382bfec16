#include "media/render_time.h"

#include <vector>

#include <gst/audio/audio.h>

namespace callagent::media {

glib::Ptr<GstSample> RenderTime::moved(GstSample *sample, GstClockTime wanted)
{
    auto *buffer = gst_sample_get_buffer(sample);
    auto *caps = gst_sample_get_caps(sample);
    if (!buffer || !caps || !GST_BUFFER_PTS_IS_VALID(buffer))
        return glib::adopt(gst_sample_ref(sample));
    auto delay = wanted;
    glib::Ptr<GstBuffer> later;
    if (medium_ == Medium::Audio) {
        delay = delay_;  // what this sample is longer by, the next one is later
        later = stretched(buffer, caps, wanted);
    } else {
        delay_ = wanted;
    }
    if (!later) {
        if (delay == 0)
            return glib::adopt(gst_sample_ref(sample));
        later = glib::adopt(gst_buffer_copy(buffer));  // the same memory
    }
    GST_BUFFER_PTS(later.get()) = GST_BUFFER_PTS(buffer) + delay;
    GST_BUFFER_DTS(later.get()) = GST_CLOCK_TIME_NONE;
    return glib::adopt(gst_sample_new(later.get(), caps, nullptr, nullptr));
}

// Nothing where it stays as it is.
glib::Ptr<GstBuffer> RenderTime::stretched(GstBuffer *buffer, GstCaps *caps, GstClockTime wanted)
{
    GstAudioInfo info;
    GstMapInfo map;
    if (!gst_audio_info_from_caps(&info, caps) ||
        GST_AUDIO_INFO_FORMAT(&info) != GST_AUDIO_FORMAT_S16LE)
        return {};
    const int rate = GST_AUDIO_INFO_RATE(&info);
    if (rate != rate_ || GST_AUDIO_INFO_CHANNELS(&info) != channels_) {
        rate_ = rate;
        channels_ = GST_AUDIO_INFO_CHANNELS(&info);
        stretch_.emplace(rate, channels_);
        delay_ = 0;
    }
    const auto frames = static_cast<int>(gst_util_uint64_scale_int(wanted, rate, GST_SECOND));
    if (!stretch_->is_far_from(frames) || !gst_buffer_map(buffer, &map, GST_MAP_READ))
        return {};
    const auto samples = stretch_->push(
        {reinterpret_cast<const std::int16_t *>(map.data), map.size / sizeof(std::int16_t)},
        frames);
    gst_buffer_unmap(buffer, &map);
    const auto after = static_cast<guint64>(stretch_->delay());
    delay_ = gst_util_uint64_scale_int(after, GST_SECOND, rate);
    const auto size = samples.size() * sizeof(std::int16_t);
    auto made = glib::adopt(gst_buffer_new_allocate(nullptr, size, nullptr));
    gst_buffer_fill(made.get(), 0, samples.data(), size);
    GST_BUFFER_DURATION(made.get()) = gst_util_uint64_scale_int(
        samples.size() / static_cast<std::size_t>(channels_), GST_SECOND, rate);
    return made;
}

}  // namespace callagent::media
