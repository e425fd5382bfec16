#include "media/quality_probe.h"

#include <algorithm>

#include <gst/audio/audio.h>
#include <gst/video/video.h>

namespace callagent::media {
namespace {

// After so many pictures without a mark the source is not ours, and only every kRarely-th is looked
// at: somebody may switch to a test picture in the middle of a call.
constexpr unsigned kNotOurs = 30, kRarely = 15;

}  // namespace

void QualityProbe::push(Medium medium, GstSample *sample, std::optional<GstClockTime> delay,
                        std::optional<double> captured)
{
    const auto *buffer = gst_sample_get_buffer(sample);
    if (!buffer || !GST_BUFFER_PTS_IS_VALID(buffer) || !gst_sample_get_caps(sample))
        return;
    auto shown = timeline_.now();
    if (delay)
        shown = std::max(shown, GST_BUFFER_PTS(buffer) + *delay);
    const double wall = wall_clock_at(shown, timeline_);
    if (medium == Medium::Video)
        look(sample, wall);
    else
        listen(sample, wall);
    if (captured) {
        const std::lock_guard lock(mutex_);
        meter_.reported(medium, wall, *captured, same_clock_);
    }
}

void QualityProbe::look(GstSample *sample, double shown)
{
    std::optional<FrameMark> mark;
    std::optional<double> psnr;
    GstVideoInfo info;
    GstVideoFrame frame;
    if ((without_ < kNotOurs || without_ % kRarely == 0) &&
        gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) &&
        GST_VIDEO_INFO_COMP_DEPTH(&info, 0) == 8 && GST_VIDEO_INFO_COMP_PSTRIDE(&info, 0) == 1 &&
        gst_video_frame_map(&frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ)) {
        const ConstLuma luma{
            static_cast<const std::uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(&frame, 0)),
            static_cast<std::size_t>(GST_VIDEO_FRAME_COMP_STRIDE(&frame, 0)),
            GST_VIDEO_FRAME_WIDTH(&frame), GST_VIDEO_FRAME_HEIGHT(&frame)};
        mark = read_mark(luma);
        if (mark)
            psnr = patch_psnr(*mark, luma);
        gst_video_frame_unmap(&frame);
    }
    without_ = mark ? 0 : without_ + 1;
    const std::lock_guard lock(mutex_);
    meter_.picture(shown, mark, psnr);
}

void QualityProbe::listen(GstSample *sample, double heard)
{
    GstAudioInfo info;
    GstMapInfo map;
    auto *buffer = gst_sample_get_buffer(sample);
    if (!gst_audio_info_from_caps(&info, gst_sample_get_caps(sample)) ||
        GST_AUDIO_INFO_FORMAT(&info) != GST_AUDIO_FORMAT_S16LE ||
        GST_AUDIO_INFO_LAYOUT(&info) != GST_AUDIO_LAYOUT_INTERLEAVED ||
        GST_AUDIO_INFO_RATE(&info) != kSoundRate || !gst_buffer_map(buffer, &map, GST_MAP_READ))
        return;
    const auto result = ear_.listen(
        reinterpret_cast<const std::int16_t *>(map.data),
        map.size / static_cast<gsize>(GST_AUDIO_INFO_BPF(&info)), GST_AUDIO_INFO_CHANNELS(&info),
        static_cast<double>(GST_BUFFER_PTS(buffer)) / GST_SECOND, heard);
    gst_buffer_unmap(buffer, &map);
    const std::lock_guard lock(mutex_);
    for (const auto &tick : result.ticks)
        meter_.tick(tick);
    meter_.sound(result.sound);
}

Quality QualityProbe::take(std::optional<double> round_trip)
{
    const std::lock_guard lock(mutex_);
    return meter_.take(round_trip);
}

}  // namespace callagent::media
