#include "media/track.h"

#include <utility>

#include <gst/app/app.h>
#include <gst/video/video.h>

namespace callagent::media {
namespace {

// Black (I420's, where luma 16 and chroma 128 are black) in the size of the caps.
glib::Ptr<GstBuffer> black_picture(GstCaps *caps)
{
    GstVideoInfo info;
    if (!gst_video_info_from_caps(&info, caps))
        return nullptr;
    auto buffer = glib::adopt(gst_buffer_new_allocate(nullptr, info.size, nullptr));
    GstVideoFrame frame;
    if (!gst_video_frame_map(&frame, &info, buffer.get(), GST_MAP_WRITE))
        return nullptr;
    for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(&frame); ++plane) {
        const auto component = static_cast<gint>(plane);
        const auto size = static_cast<std::size_t>(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane)) *
                          static_cast<std::size_t>(GST_VIDEO_FRAME_COMP_HEIGHT(&frame, component));
        memset(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane), plane == 0 ? 16 : 128, size);
    }
    gst_video_frame_unmap(&frame);
    return buffer;
}

}  // namespace

glib::Ptr<GstElement> Track::make_sink(std::shared_ptr<Track> track)
{
    auto sink = glib::sink(gst_element_factory_make("appsink", name(track->medium())));
    if (!sink)
        return sink;
    // max-buffers: the callback takes each sample as it comes; a bound all the same.
    g_object_set(sink.get(), "sync", FALSE, "max-buffers", 2u, "qos", FALSE, "enable-last-sample",
                 FALSE, "wait-on-eos", FALSE, nullptr);
    track->sink_ = sink.get();
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = [](GstAppSink *from, gpointer data) -> GstFlowReturn {
        if (const auto sample = glib::adopt(gst_app_sink_pull_sample(from)))
            (*static_cast<std::shared_ptr<Track> *>(data))->take(sample.get());
        return GST_FLOW_OK;
    };
    gst_app_sink_set_callbacks(
        GST_APP_SINK(sink.get()), &callbacks, new std::shared_ptr<Track>(std::move(track)),
        [](gpointer data) { delete static_cast<std::shared_ptr<Track> *>(data); });
    return sink;
}

void Track::set_live(bool live)
{
    g_object_set(sink_, "sync", !live, nullptr);
}

void Track::follow_parent(GstElement *before)
{
    gst_element_sync_state_with_parent(sink_);  // against the stream, so that nothing is refused
    gst_element_sync_state_with_parent(before);
}

void Track::set_feed(Feed feed)
{
    const std::lock_guard lock(mutex_);
    feed_.swap(feed);
}

std::optional<Track::Clock::time_point> Track::last() const
{
    const auto last = last_.load();
    if (last == 0)
        return std::nullopt;
    return Clock::time_point(Clock::duration(last));
}

void Track::take(GstSample *sample)
{
    last_ = Clock::now().time_since_epoch().count();
    auto *buffer = gst_sample_get_buffer(sample);
    auto *caps = caps_of(sample);
    if (!buffer || !caps)
        return;
    auto pts = gst_segment_to_running_time(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                           GST_BUFFER_PTS(buffer));
    if (!GST_CLOCK_TIME_IS_VALID(pts))
        return;  // outside of the segment: not to be shown
    pts += zero_;
    if (too_early(pts))
        return;

    const std::lock_guard lock(mutex_);
    if (!feed_)
        return;
    auto out = muted_ ? muted(buffer, caps) : nullptr;
    if (!out)
        out = glib::adopt(gst_buffer_copy(buffer));  // its memory is shared
    GST_BUFFER_PTS(out.get()) = pts;
    GST_BUFFER_DTS(out.get()) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_DURATION(out.get()) = GST_BUFFER_DURATION(buffer);
    const auto fed = glib::adopt(gst_sample_new(out.get(), caps, nullptr, nullptr));
    feed_(fed.get());
}

// The sample's, with the framerate that is left where it is limited.
GstCaps *Track::caps_of(GstSample *sample)
{
    auto *caps = gst_sample_get_caps(sample);
    const int most = max_framerate_;
    if (!caps || most <= 0)
        return caps;
    if (caps_in_.get() != caps) {
        caps_in_ = glib::adopt(gst_caps_ref(caps));
        caps_out_ = glib::adopt(gst_caps_copy(caps));
        auto *structure = gst_caps_get_structure(caps_out_.get(), 0);
        int numerator = 0, denominator = 1;
        if (gst_structure_get_fraction(structure, "framerate", &numerator, &denominator) &&
            numerator > most * denominator)
            gst_structure_set(structure, "framerate", GST_TYPE_FRACTION, most, 1, nullptr);
    }
    return caps_out_.get();
}

// A camera that knows no slower mode than 60 pictures a second.
bool Track::too_early(GstClockTime pts)
{
    const auto rate = max_framerate_.load();
    if (rate <= 0)
        return false;
    const auto interval = GST_SECOND / static_cast<GstClockTime>(rate);
    if (pts + interval / 4 < due_)  // a quarter: cameras are not punctual
        return true;
    due_ = pts > due_ + interval ? pts + interval : due_ + interval;
    return false;
}

glib::Ptr<GstBuffer> Track::muted(GstBuffer *buffer, GstCaps *caps)
{
    if (medium_ == Medium::Audio) {
        const auto size = gst_buffer_get_size(buffer);
        auto silence = glib::adopt(gst_buffer_new_allocate(nullptr, size, nullptr));
        gst_buffer_memset(silence.get(), 0, 0, size);  // S16: zero is silence
        return silence;
    }
    if (!black_ || !gst_caps_is_equal(black_caps_.get(), caps)) {
        black_ = black_picture(caps);
        black_caps_ = glib::adopt(gst_caps_ref(caps));
    }
    return black_ ? glib::adopt(gst_buffer_copy(black_.get())) : nullptr;
}

}  // namespace callagent::media
