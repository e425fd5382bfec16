#include "media/sender.h"

#include <cmath>
#include <utility>

#include <gst/app/gstappsrc.h>
#include <gst/rtp/rtp.h>
#include <gst/video/video.h>

namespace callagent::media {
namespace {

constexpr char kTransportWideCc[] =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

// What an encoder calls its bitrate, and in which unit.
struct BitrateProperty {
    const char *name = nullptr;
    int unit = 1;  // bit/s
};

BitrateProperty bitrate_property(GstElement *encoder)
{
    GObjectClass *type = G_OBJECT_GET_CLASS(encoder);
    if (g_object_class_find_property(type, "target-bitrate"))
        return {"target-bitrate", 1};  // vp8enc, vp9enc
    if (!g_object_class_find_property(type, "bitrate"))
        return {};
    const char *factory = GST_OBJECT_NAME(gst_element_get_factory(encoder));
    return {"bitrate",
            g_str_equal(factory, "opusenc") || g_str_equal(factory, "openh264enc") ? 1 : 1000};
}

Status add_extension(GstElement *payloader, int id)
{
    GstRTPHeaderExtension *extension = gst_rtp_header_extension_create_from_uri(kTransportWideCc);
    if (!extension)
        return Error{
            "no RTP header extension for transport-wide feedback: install "
            "gstreamer1.0-plugins-good"};
    gst_rtp_header_extension_set_id(extension, static_cast<guint>(id));
    g_signal_emit_by_name(payloader, "add-extension", extension);
    gst_object_unref(extension);
    return Done{};
}

}  // namespace

Result<std::unique_ptr<Sender>> Sender::make(const Config &config, GstBin *pipeline,
                                             const Pipelines &pipelines, const Timeline &timeline)
{
    std::unique_ptr<Sender> sender(new Sender(config, timeline));
    if (const auto built = sender->build(pipeline, pipelines); !built)
        return Error{built.error()};
    return sender;
}

Sender::~Sender() = default;

Status Sender::build(GstBin *pipeline, const Pipelines &pipelines)
{
    const int unit = config_.chain == "encode/h264" ? 1000 : 1;  // as the file's header says
    Values values{{"bitrate", std::to_string(config_.bitrate / unit)},
                  {"pt", std::to_string(config_.payload_type)},
                  {"ssrc", std::to_string(config_.ssrc)}};
    if (config_.medium == Medium::Audio)
        values["channels"] = std::to_string(config_.channels);
    auto made = pipelines.make(config_.chain, values);
    if (!made)
        return Error{made.error()};
    GstElement *chain = made->get();

    // Fresh rather than complete: where the encoder does not keep up, the oldest pictures go.
    auto *source = gst_element_factory_make("appsrc", nullptr);
    if (!source)
        return Error{"no appsrc: install gstreamer1.0-plugins-base"};
    const guint64 room = config_.medium == Medium::Video ? 4 : 50;
    g_object_set(source, "format", GST_FORMAT_TIME, "is-live", TRUE, "max-buffers", room,
                 "max-bytes", guint64{0}, "leaky-type", GST_APP_LEAKY_TYPE_DOWNSTREAM, nullptr);
    source_ = glib::retain(source);

    gst_bin_add_many(pipeline, source, chain, nullptr);
    if (!gst_element_link(source, chain))
        return Error{config_.chain + ": its input takes no raw " + name(config_.medium)};
    pad_ = glib::adopt(gst_element_get_static_pad(chain, "src"));
    if (pad_ && config_.medium == Medium::Video)
        if (auto waiting = add_waiting_room(pipeline, chain); !waiting)
            return waiting;

    encoder_ = glib::adopt(gst_bin_get_by_name(GST_BIN(chain), "encoder"));
    const auto payloader = glib::adopt(gst_bin_get_by_name(GST_BIN(chain), "payloader"));
    if (!pad_ || !payloader)
        return Error{config_.chain + ": needs one output and an element named \"payloader\""};
    if (config_.twcc_id != 0)
        if (auto added = add_extension(payloader.get(), config_.twcc_id); !added)
            return added;

    size_ = glib::adopt(gst_bin_get_by_name(GST_BIN(chain), "size"));
    bitrate_ = config_.bitrate;
    if (encoder_)
        if (const auto encoded = glib::adopt(gst_element_get_static_pad(encoder_.get(), "src"))) {
            hold_pictures(encoded.get());
            on_buffer(encoded.get(), [this](GstBuffer *buffer) {
                ++frames_;
                if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT))
                    return;
                ++keyframes_;
                // After an overrun it is known that what leaves slowly also arrives so.
                const auto size = static_cast<double>(gst_buffer_get_size(buffer));
                const std::chrono::milliseconds leaves(
                    std::exchange(begins_anew_, false) ? std::lround(8000 * size / outgoing_.rate())
                                                       : 0);
                const std::lock_guard lock(pace_mutex_);
                pace_.made(std::chrono::steady_clock::now(), leaves);
            });
        }
    if (encoder_ && config_.medium == Medium::Video)
        pace_keyframes();
    outgoing_.watch(pad_.get(), config_.payload_type);
    gst_element_sync_state_with_parent(chain);
    gst_element_sync_state_with_parent(source);
    return Done{};
}

// Where packets wait for their turn (outgoing.h) while the next pictures are encoded: with a pause
// after each large one, these would have to tell of more, and be large as well.
Status Sender::add_waiting_room(GstBin *pipeline, GstElement *chain)
{
    auto *queue = gst_element_factory_make("queue", nullptr);
    if (!queue)
        return Error{"no queue: install gstreamer1.0-plugins-base"};
    g_object_set(queue, "max-size-buffers", 0U, "max-size-bytes", 0U, "max-size-time",
                 guint64{kLongestWait}, nullptr);
    gst_bin_add(pipeline, queue);
    if (!gst_element_link(chain, queue))
        return Error{config_.chain + ": its output is no RTP"};
    pad_ = glib::adopt(gst_element_get_static_pad(queue, "src"));
    gst_element_sync_state_with_parent(queue);
    return Done{};
}

void Sender::pace_keyframes()
{
    gst_pad_add_probe(
        pad_.get(), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
        [](GstPad *, GstPadProbeInfo *info, gpointer data) -> GstPadProbeReturn {
            auto *self = static_cast<Sender *>(data);
            if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info)))
                return GST_PAD_PROBE_OK;
            if (self->held_ || self->skippable_ > 0)
                return GST_PAD_PROBE_DROP;  // there will be one
            const std::lock_guard lock(self->pace_mutex_);
            return self->pace_.ask(std::chrono::steady_clock::now()) ? GST_PAD_PROBE_OK
                                                                     : GST_PAD_PROBE_DROP;
        },
        this, nullptr);
}

void Sender::hold_pictures(GstPad *encoded)
{
    gst_pad_add_probe(
        encoded, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad *, GstPadProbeInfo *info, gpointer data) -> GstPadProbeReturn {
            auto *self = static_cast<Sender *>(data);
            if (self->held_)
                return GST_PAD_PROBE_DROP;
            const bool is_delta =
                GST_BUFFER_FLAG_IS_SET(GST_PAD_PROBE_INFO_BUFFER(info), GST_BUFFER_FLAG_DELTA_UNIT);
            if (is_delta && self->skippable_ > 0) {
                --self->skippable_;
                return GST_PAD_PROBE_DROP;
            }
            self->begins_anew_ = self->skippable_.exchange(0) > 0;
            return GST_PAD_PROBE_OK;
        },
        this, nullptr);
}

void Sender::set_round_trip(double round_trip)
{
    const std::lock_guard lock(pace_mutex_);
    pace_.set_round_trip(std::chrono::milliseconds(std::lround(1000 * round_trip)));
}

void Sender::set_held(bool held)
{
    if (!encoder_ || held == held_)
        return;
    skippable_ = kMostSkipped;
    held_ = held;
    if (held)
        return;
    outgoing_.spend();
    const auto out = glib::adopt(gst_element_get_static_pad(encoder_.get(), "src"));
    gst_pad_send_event(out.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

void Sender::make_due_keyframe()
{
    {
        const std::lock_guard lock(pace_mutex_);
        if (!pace_.due(std::chrono::steady_clock::now()))
            return;
    }
    const auto out = glib::adopt(gst_element_get_static_pad(encoder_.get(), "src"));
    gst_pad_send_event(out.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

void Sender::feed(GstSample *sample)
{
    const std::lock_guard lock(mutex_);
    if (open_)
        push(sample);
    else if (config_.medium == Medium::Video)
        last_ = glib::adopt(gst_sample_ref(sample));
}

void Sender::open()
{
    const std::lock_guard lock(mutex_);
    if (std::exchange(open_, true) || !last_)
        return;
    // The picture that is there already, now: the peer need not wait for the next one.
    GstBuffer *copy = gst_buffer_copy(gst_sample_get_buffer(last_.get()));
    GST_BUFFER_PTS(copy) = timeline_.now();
    GST_BUFFER_DTS(copy) = GST_CLOCK_TIME_NONE;
    const auto sample =
        glib::adopt(gst_sample_new(copy, gst_sample_get_caps(last_.get()), nullptr, nullptr));
    gst_buffer_unref(copy);
    last_.reset();
    push(sample.get());
}

void Sender::push(GstSample *sample)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    const GstClockTime pts = buffer ? GST_BUFFER_PTS(buffer) : GST_CLOCK_TIME_NONE;
    if (!GST_CLOCK_TIME_IS_VALID(pts) || (GST_CLOCK_TIME_IS_VALID(last_pts_) && pts <= last_pts_))
        return;
    last_pts_ = pts;
    if (config_.medium == Medium::Video)
        if (GstCaps *caps = gst_sample_get_caps(sample)) {
            const GstStructure *format = gst_caps_get_structure(caps, 0);
            int width = 0, height = 0;
            gst_structure_get_int(format, "width", &width);
            gst_structure_get_int(format, "height", &height);
            width_ = width;
            height_ = height;
        }
    if (++skipped_ < every_)
        return;
    skipped_ = 0;
    make_due_keyframe();
    gst_app_src_push_sample(GST_APP_SRC(source_.get()), sample);
}

void Sender::set_bitrate(int bitrate)
{
    bitrate_ = bitrate;
    if (!encoder_)
        return;
    const auto property = bitrate_property(encoder_.get());
    if (property.name)
        g_object_set(encoder_.get(), property.name, bitrate / property.unit, nullptr);
}

void Sender::set_step(const PictureSteps::Step &step)
{
    if (step == step_ || !size_)
        return;
    step_ = step;
    every_ = step.every;
    auto caps = glib::adopt(gst_caps_new_any());
    if (step.numerator != step.denominator) {
        const auto scaled = [&step](int length) {
            return length * step.numerator / step.denominator / 2 * 2;
        };
        caps = glib::adopt(gst_caps_new_simple("video/x-raw", "width", G_TYPE_INT, scaled(width_),
                                               "height", G_TYPE_INT, scaled(height_), nullptr));
    }
    g_object_set(size_.get(), "caps", caps.get(), nullptr);
}

void Sender::set_expected_loss(int percent)
{
    if (encoder_ &&
        g_object_class_find_property(G_OBJECT_GET_CLASS(encoder_.get()), "packet-loss-percentage"))
        g_object_set(encoder_.get(), "packet-loss-percentage", percent, nullptr);
}

void Sender::force_keyframe()
{
    gst_pad_send_event(pad_.get(),
                       gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

OutboundRtp Sender::stats(double now)
{
    OutboundRtp stats;
    stats.ssrc = config_.ssrc;
    stats.kind = config_.medium;
    stats.codec = config_.codec;
    stats.mid = config_.mid;
    const RtpTotals sent = outgoing_.totals();
    stats.packets_sent = sent.packets;
    stats.bytes_sent = sent.payload_bytes;
    stats.header_bytes_sent = sent.header_bytes;
    stats.target_bitrate = bitrate_;
    if (config_.medium == Medium::Video) {
        stats.frames_encoded = stats.frames_sent = frames_;
        stats.key_frames_encoded = keyframes_;
        stats.frame_width = width_;
        stats.frame_height = height_;
        stats.frames_per_second = frame_rate_.at(stats.frames_encoded, now);
    }
    return stats;
}

}  // namespace callagent::media
