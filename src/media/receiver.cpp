#include "media/receiver.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <gst/app/gstappsink.h>
#include <gst/rtp/rtp.h>
#include <gst/video/video.h>

#include "media/fec.h"
#include "media/rtp_session.h"

namespace callagent::media {
namespace {

std::uint32_t ssrc_of(GstPad *rtp)
{
    guint ssrc = 0;
    if (const auto caps = glib::adopt(gst_pad_get_current_caps(rtp)))
        gst_structure_get_uint(gst_caps_get_structure(caps.get(), 0), "ssrc", &ssrc);
    return ssrc;
}

}  // namespace

Result<std::unique_ptr<Receiver>> Receiver::make(const Config &config, Taps taps, GstBin *pipeline,
                                                 const Pipelines &pipelines)
{
    std::unique_ptr<Receiver> receiver(new Receiver(config, std::move(taps)));
    if (const auto built = receiver->build(pipeline, pipelines); !built)
        return Error{built.error()};
    return receiver;
}

Receiver::~Receiver() = default;

Status Receiver::build(GstBin *pipeline, const Pipelines &pipelines)
{
    auto made = pipelines.make(config_.chain, {});
    if (!made)
        return Error{made.error()};
    GstElement *chain = made->get();

    auto *target = gst_element_factory_make("appsink", nullptr);
    if (!target)
        return Error{"no appsink: install gstreamer1.0-plugins-base"};
    // What is decoded goes on at once; when it is shown is the playback's business.
    g_object_set(target, "sync", FALSE, "async", FALSE, "max-buffers", 4U, nullptr);
    const auto caps = glib::adopt(gst_caps_from_string(
        config_.medium == Medium::Audio ? "audio/x-raw,format=S16LE,layout=interleaved"
                                        : "video/x-raw"));
    gst_app_sink_set_caps(GST_APP_SINK(target), caps.get());
    GstAppSinkCallbacks callbacks = {};
    callbacks.new_sample = [](GstAppSink *sink, gpointer self) -> GstFlowReturn {
        if (const auto sample = glib::adopt(gst_app_sink_pull_sample(sink)))
            static_cast<Receiver *>(self)->on_raw(sample.get());
        return GST_FLOW_OK;
    };
    gst_app_sink_set_callbacks(GST_APP_SINK(target), &callbacks, this, nullptr);

    gst_bin_add_many(pipeline, chain, target, nullptr);
    if (!gst_element_link(chain, target))
        return Error{config_.chain + ": its output is no raw " + name(config_.medium)};
    pad_ = glib::adopt(gst_element_get_static_pad(chain, "sink"));
    const auto depayloader = glib::adopt(gst_bin_get_by_name(GST_BIN(chain), "depayloader"));
    if (!pad_ || !depayloader)
        return Error{config_.chain + ": needs one input and an element named \"depayloader\""};

    if (config_.medium == Medium::Video)
        FecReceiver::close_gaps(pad_.get());
    on_rtp(pad_.get(), [this](const RtpPacket &packet) {
        header_bytes_ += packet.header_bytes;
        bytes_ += packet.payload_bytes;
        if (packets_++ == 0 && taps_.first_packet)
            taps_.first_packet(config_.medium);
        if (config_.medium == Medium::Video)
            taps_.feedback->remind(ssrc_);
        remember(packet);
    });
    if (const auto encoded = glib::adopt(gst_element_get_static_pad(depayloader.get(), "src")))
        on_buffer(encoded.get(),
                  [this, pad = encoded.get()](GstBuffer *buffer) { on_encoded(pad, buffer); });
    gst_element_sync_state_with_parent(target);
    gst_element_sync_state_with_parent(chain);
    return Done{};
}

bool Receiver::link(GstPad *rtp)
{
    // A second stream for the same medium takes the place of the first.
    if (const auto former = glib::adopt(gst_pad_get_peer(pad_.get())))
        gst_pad_unlink(former.get(), pad_.get());
    ssrc_ = ssrc_of(rtp);
    return gst_pad_link(rtp, pad_.get()) == GST_PAD_LINK_OK;
}

void Receiver::request_keyframe()
{
    gst_pad_push_event(pad_.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

void Receiver::on_encoded(GstPad *pad, GstBuffer *buffer)
{
    ++frames_received_;
    if (!GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT)) {
        ++keyframes_;
        taps_.feedback->keyframe(ssrc_);
    }
    if (!taps_.encoded)
        return;
    const auto caps = glib::adopt(gst_pad_get_current_caps(pad));
    const auto sample = glib::adopt(gst_sample_new(buffer, caps.get(), nullptr, nullptr));
    taps_.encoded(config_.medium, sample.get());
}

void Receiver::on_raw(GstSample *sample)
{
    if (config_.medium == Medium::Video)
        measure_video(sample);
    else
        measure_audio(sample);
    if (frames_++ == 0 && taps_.first_frame)
        taps_.first_frame(config_.medium);
    if (taps_.raw)
        taps_.raw(config_.medium, sample, captured(gst_sample_get_buffer(sample)));
}

void Receiver::remember(const RtpPacket &packet)
{
    constexpr std::size_t kRemembered = 64;
    if (!GST_CLOCK_TIME_IS_VALID(packet.pts))
        return;
    const std::lock_guard lock(mutex_);
    if (!timestamps_.empty() && timestamps_.back().second == packet.timestamp)
        return;  // the same picture
    timestamps_.emplace_back(packet.pts, packet.timestamp);
    if (timestamps_.size() > kRemembered)
        timestamps_.pop_front();
}

// What is decoded has the PTS of its packet, or, of sound, one shortly after it.
std::optional<double> Receiver::captured(const GstBuffer *buffer)
{
    constexpr GstClockTime kNear = 200 * GST_MSECOND;
    const int rate = clock_rate(config_.medium);
    if (!buffer || !GST_BUFFER_PTS_IS_VALID(buffer) || !taps_.captured)
        return std::nullopt;
    const GstClockTime pts = GST_BUFFER_PTS(buffer);
    std::uint32_t timestamp = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto found = std::find_if(timestamps_.rbegin(), timestamps_.rend(),
                                        [pts](const auto &one) { return one.first <= pts; });
        if (found == timestamps_.rend() || pts - found->first > kNear)
            return std::nullopt;
        const auto behind = gst_util_uint64_scale_int(pts - found->first, rate, GST_SECOND);
        timestamp = found->second + static_cast<std::uint32_t>(behind);
    }
    return taps_.captured(ssrc_, timestamp, rate);
}

void Receiver::measure_video(GstSample *sample)
{
    const std::lock_guard lock(mutex_);
    if (const GstCaps *caps = gst_sample_get_caps(sample)) {
        const GstStructure *format = gst_caps_get_structure(caps, 0);
        gst_structure_get_int(format, "width", &width_);
        gst_structure_get_int(format, "height", &height_);
    }
}

void Receiver::measure_audio(GstSample *sample)
{
    const GstCaps *caps = gst_sample_get_caps(sample);
    GstMapInfo map;
    if (!caps || !gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ))
        return;
    int rate = 0, channels = 0;
    const GstStructure *format = gst_caps_get_structure(caps, 0);
    gst_structure_get_int(format, "rate", &rate);
    gst_structure_get_int(format, "channels", &channels);

    const auto *values = reinterpret_cast<const gint16 *>(map.data);
    const gsize count = map.size / sizeof(gint16);
    int peak = 0;
    double square = 0;
    for (gsize i = 0; i < count; ++i) {
        peak = std::max(peak, std::abs(int{values[i]}));
        square += static_cast<double>(values[i]) * values[i];
    }
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);

    if (rate <= 0 || channels <= 0 || count == 0)
        return;
    const double seconds = static_cast<double>(count) / channels / rate;
    const double rms = std::sqrt(square / static_cast<double>(count)) / 32768;
    const std::lock_guard lock(mutex_);
    samples_ += count / static_cast<gsize>(channels);
    duration_ += seconds;
    energy_ += rms * rms * seconds;
    level_ = peak / 32768.0;
}

InboundRtp Receiver::stats(double now)
{
    InboundRtp stats;
    stats.ssrc = ssrc_;
    stats.kind = config_.medium;
    stats.codec = config_.codec;
    stats.mid = config_.mid;
    stats.packets_received = packets_;
    stats.bytes_received = bytes_;
    stats.header_bytes_received = header_bytes_;
    const std::lock_guard lock(mutex_);
    if (config_.medium == Medium::Video) {
        stats.frames_received = frames_received_;
        stats.frames_decoded = frames_;
        stats.key_frames_decoded = keyframes_;
        stats.frame_width = width_;
        stats.frame_height = height_;
        stats.frames_per_second = frame_rate_.at(stats.frames_decoded, now);
    } else {
        stats.total_samples_received = samples_;
        stats.total_samples_duration = duration_;
        stats.total_audio_energy = energy_;
        stats.audio_level = level_;
    }
    return stats;
}

}  // namespace callagent::media
