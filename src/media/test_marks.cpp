#include "media/test_marks.h"

#include <chrono>
#include <cstring>
#include <fstream>
#include <random>
#include <string>

#include <gst/audio/audio.h>
#include <gst/video/video.h>

#include "core/frame_mark.h"
#include "core/tick.h"

namespace callagent::media {
namespace {

class Marker {
public:
    Marker(Medium medium, const Timeline &timeline) : medium_(medium), timeline_(timeline) {}

    GstPadProbeReturn probe(GstPadProbeInfo *info)
    {
        if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
            auto *buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
            info->data = buffer;
            if (GST_BUFFER_PTS_IS_VALID(buffer))
                medium_ == Medium::Video ? mark(buffer) : tick(buffer);
            return GST_PAD_PROBE_OK;
        }
        auto *event = GST_PAD_PROBE_INFO_EVENT(info);
        GstCaps *caps = nullptr;
        if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
            gst_event_parse_caps(event, &caps);
            understand(caps);
        } else if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
            gst_event_copy_segment(event, &segment_);
        }
        return GST_PAD_PROBE_OK;
    }

private:
    void understand(const GstCaps *caps)
    {
        if (medium_ == Medium::Video) {
            fits_ = gst_video_info_from_caps(&video_, caps) &&
                    (GST_VIDEO_INFO_IS_YUV(&video_) || GST_VIDEO_INFO_IS_GRAY(&video_)) &&
                    GST_VIDEO_INFO_COMP_DEPTH(&video_, 0) == 8 &&
                    GST_VIDEO_INFO_COMP_PSTRIDE(&video_, 0) == 1 &&
                    takes_mark(GST_VIDEO_INFO_WIDTH(&video_), GST_VIDEO_INFO_HEIGHT(&video_));
        } else {
            fits_ = gst_audio_info_from_caps(&audio_, caps) &&
                    GST_AUDIO_INFO_FORMAT(&audio_) == GST_AUDIO_FORMAT_S16LE &&
                    GST_AUDIO_INFO_LAYOUT(&audio_) == GST_AUDIO_LAYOUT_INTERLEAVED &&
                    GST_AUDIO_INFO_RATE(&audio_) == kSoundRate;
        }
    }

    double wall_clock_of(const GstBuffer *buffer) const
    {
        return wall_clock_at(
            gst_segment_to_running_time(&segment_, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer)),
            timeline_);
    }

    void mark(GstBuffer *buffer)
    {
        const auto number = number_++ % FrameMark::kNumbers;
        GstVideoFrame frame;
        if (!fits_ || !gst_video_frame_map(&frame, &video_, buffer, GST_MAP_READWRITE))
            return;
        const int width = GST_VIDEO_FRAME_WIDTH(&frame), height = GST_VIDEO_FRAME_HEIGHT(&frame);
        draw({number, FrameMark::time_of(wall_clock_of(buffer)), wall_clock_id(), width, height},
             {static_cast<std::uint8_t *>(GST_VIDEO_FRAME_COMP_DATA(&frame, 0)),
              static_cast<std::size_t>(GST_VIDEO_FRAME_COMP_STRIDE(&frame, 0)), width, height});
        // Grey: on coloured ground light and dark would be colours that there are not.
        for (guint plane = 1; plane < GST_VIDEO_FRAME_N_PLANES(&frame); ++plane)
            for (const auto &band : {mark_band(height), patch_band(height)})
                bleach(frame, plane, band);
        gst_video_frame_unmap(&frame);
    }

    static void bleach(GstVideoFrame &frame, guint plane, const Band &band)
    {
        // A plane of one chroma component (I420), or of both beside each other (NV12).
        const auto line = [&](int y) {
            return GST_VIDEO_SUB_SCALE(GST_VIDEO_FORMAT_INFO_H_SUB(frame.info.finfo, plane), y);
        };
        auto *data = static_cast<std::uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane));
        const auto stride = static_cast<std::size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane));
        const auto first = static_cast<std::size_t>(line(band.top));
        std::memset(data + first * stride, 128,
                    (static_cast<std::size_t>(line(band.bottom)) - first) * stride);
    }

    void tick(GstBuffer *buffer)
    {
        GstMapInfo map;
        if (!fits_ || !gst_buffer_map(buffer, &map, GST_MAP_READWRITE))
            return;
        const auto frames = map.size / static_cast<gsize>(GST_AUDIO_INFO_BPF(&audio_));
        add_ticks(reinterpret_cast<std::int16_t *>(map.data), frames,
                  GST_AUDIO_INFO_CHANNELS(&audio_), wall_clock_of(buffer));
        gst_buffer_unmap(buffer, &map);
    }

    const Medium medium_;
    const Timeline &timeline_;
    bool fits_ = false;
    GstVideoInfo video_{};
    GstAudioInfo audio_{};
    GstSegment segment_{};
    std::uint32_t number_ = 0;
};

}  // namespace

void mark_source(Medium medium, GstElement *chain, const Timeline &timeline)
{
    const auto pad = glib::adopt(gst_element_get_static_pad(chain, "src"));
    if (!pad)
        return;
    constexpr auto kWhat = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                                        GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM);
    gst_pad_add_probe(
        pad.get(), kWhat,
        [](GstPad *, GstPadProbeInfo *info, gpointer marker) -> GstPadProbeReturn {
            return static_cast<Marker *>(marker)->probe(info);
        },
        new Marker(medium, timeline),
        [](gpointer marker) { delete static_cast<Marker *>(marker); });
}

double wall_clock_at(GstClockTime running_time, const Timeline &timeline)
{
    using Seconds = std::chrono::duration<double>;
    constexpr int kTries = 3;
    constexpr auto kAtOnce = 50 * GST_USECOND;
    double wall = 0;
    GstClockTime before = 0, after = 0;
    // Two clocks at one moment: who was interrupted between them looks again.
    for (int i = 0; i < kTries && (i == 0 || after - before > kAtOnce); ++i) {
        before = timeline.now();
        wall = Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
        after = timeline.now();
    }
    const double now = (static_cast<double>(before) + static_cast<double>(after)) / 2;
    return wall + (static_cast<double>(running_time) - now) / static_cast<double>(GST_SECOND);
}

std::uint32_t wall_clock_id()
{
    static const std::uint32_t id = [] {
        std::ifstream file("/proc/sys/kernel/random/boot_id");
        std::string boot;
        if (!std::getline(file, boot) || boot.empty())
            boot = std::to_string(std::random_device{}());  // then it is nobody else's
        std::uint32_t hash = 2166136261U;                   // FNV-1a
        for (const char letter : boot)
            hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619U;
        return (hash ^ hash >> 14 ^ hash >> 28) % FrameMark::kClocks;
    }();
    return id;
}

}  // namespace callagent::media
