#include "media/muxer.h"

#include <utility>

#include <gst/app/app.h>

#include "media/pipelines.h"

namespace callagent::media {
namespace {

constexpr guint64 kMaxQueue = guint64{32} << 20;  // bytes in front of a disk that does not keep up

// Between a track's appsrc and the muxer: what the muxer wants to get.
const char *parser_of(GstCaps *caps)
{
    const auto *structure = gst_caps_get_structure(caps, 0);
    if (gst_structure_has_name(structure, "video/x-h264"))
        return "h264parse config-interval=-1"
               " ! capsfilter caps=video/x-h264,stream-format=avc,alignment=au";
    if (gst_structure_has_name(structure, "video/x-vp9"))
        return "vp9parse ! capsfilter caps=video/x-vp9,alignment=super-frame";
    if (gst_structure_has_name(structure, "audio/x-opus"))
        return "opusparse";
    return "identity";
}

// The muxer refuses any caps but the first. VP8, VP9 and H264 carry a new picture size themselves.
GstPadProbeReturn first_caps_only(GstPad *, GstPadProbeInfo *info, gpointer seen)
{
    if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_CAPS)
        return GST_PAD_PROBE_OK;
    return std::exchange(*static_cast<bool *>(seen), true) ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

std::string sentence(const std::string &path, const BusReport &report)
{
    if (report.is(GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT) ||
        report.mentions("No space left"))
        return path + ": the disk is full; what was recorded until now stays playable";
    return path + ": recording stopped: " + report.message +
           (report.debug.empty() ? "" : " (" + report.last_line() + ")");
}

}  // namespace

Result<std::unique_ptr<Muxer>> Muxer::make(const std::string &path, const Timeline &timeline,
                                           const std::vector<Track> &tracks,
                                           std::function<void(const std::string &)> failed)
{
    std::unique_ptr<Muxer> result(new Muxer);
    result->path_ = path;
    result->runner_ = std::make_unique<Runner>("recorder", timeline);
    auto &runner = *result->runner_;
    runner.handlers.error = [path, failed = std::move(failed)](const BusReport &report) {
        failed(sentence(path, report));
    };

    const char *factory = path.ends_with(".webm") ? "webmmux" : "matroskamux";
    auto muxer = glib::sink(gst_element_factory_make(factory, nullptr));
    auto file = glib::sink(gst_element_factory_make("filesink", nullptr));
    if (!muxer || !file)
        return Error{std::string("no element \"") + factory +
                     "\" (on Debian: apt install gstreamer1.0-plugins-good)"};
    g_object_set(muxer.get(), "offset-to-zero", TRUE, "writing-app", "callagent", nullptr);
    // Unbuffered: what the muxer has written is in the file, whatever happens to us next.
    g_object_set(file.get(), "location", path.c_str(), "buffer-mode", 2, "async", FALSE, nullptr);
    auto *mux = runner.add(std::move(muxer));
    if (!gst_element_link(mux, runner.add(std::move(file))))
        return Error{path + ": cannot link muxer and file"};
    for (const auto &track : tracks)
        if (const auto added = result->add(track, mux); !added)
            return Error{path + ": " + added.error()};
    runner.play();
    return result;
}

Status Muxer::add(const Track &track, GstElement *muxer)
{
    auto input = glib::sink(gst_element_factory_make("appsrc", name(track.medium)));
    auto parser = make_fragment("recorder", parser_of(track.caps));
    if (!input)
        return Error{"no element \"appsrc\""};
    if (!parser)
        return Error{parser.error()};
    g_object_set(input.get(), "format", GST_FORMAT_TIME, "caps", track.caps, "max-bytes",
                 guint64{0}, nullptr);
    (track.medium == Medium::Audio ? audio_ : video_) = glib::retain(input.get());
    auto *first = runner_->add(std::move(input));
    auto *second = runner_->add(std::move(*parser));
    if (!gst_element_link(first, second) || !gst_element_link(second, muxer)) {
        const auto caps = glib::adopt(gst_caps_to_string(track.caps));
        return Error{std::string("cannot hold this ") + name(track.medium) + ": " + caps.get()};
    }
    const auto out = glib::adopt(gst_element_get_static_pad(second, "src"));
    gst_pad_add_probe(out.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, first_caps_only,
                      new bool(false), [](gpointer seen) { delete static_cast<bool *>(seen); });
    return Done{};
}

bool Muxer::push(Medium medium, GstBuffer *buffer)
{
    auto *source = GST_APP_SRC(input(medium));
    if (gst_app_src_get_current_level_bytes(source) > kMaxQueue)
        return false;
    gst_app_src_push_buffer(source, gst_buffer_copy(buffer));
    return true;
}

void Muxer::end(Medium medium)
{
    gst_app_src_end_of_stream(GST_APP_SRC(input(medium)));
}

Status Muxer::close(std::chrono::milliseconds at_most)
{
    for (const auto &input : {audio_.get(), video_.get()})
        if (input)
            gst_app_src_end_of_stream(GST_APP_SRC(input));
    const auto report = runner_->wait_for_end(at_most);
    if (!report)
        return Done{};
    if (report->message.empty())
        return Error{path_ +
                     ": the disk does not take the recording's end; it is playable, without index"};
    return Error{sentence(path_, *report)};
}

}  // namespace callagent::media
