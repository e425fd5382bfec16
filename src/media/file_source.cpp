#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include <gst/video/video.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/source.h"

namespace callagent::media {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kOpenTimeout{5000};

// The file's own size where that fits, else as large as fits, in its own proportions.
VideoFormat fitted(GstCaps *caps, VideoFormat most)
{
    GstVideoInfo info;
    if (!gst_video_info_from_caps(&info, caps) || info.width <= 0 || info.height <= 0)
        return most;
    const double width = static_cast<double>(info.width) * info.par_n / std::max(info.par_d, 1);
    const double height = info.height;
    const double scale = std::min({1.0, most.width / width, most.height / height});
    const auto even = [scale](double pixels) {  // I420 has half as many colours
        return std::max(2, static_cast<int>(std::lround(pixels * scale / 2)) * 2);
    };
    return {even(width), even(height), most.framerate};
}

// What the decoder has found so far. Its pads come on streaming threads, while the main loop's
// waits.
class Outputs {
public:
    Outputs(Runner &runner, GstElement *bin, const Pipelines &pipelines, VideoFormat format,
            std::vector<Medium> wanted)
        : runner_(runner),
          bin_(bin),
          pipelines_(pipelines),
          format_(format),
          wanted_(std::move(wanted))
    {
    }

    void add(GstPad *pad)
    {
        auto caps = glib::adopt(gst_pad_get_current_caps(pad));
        if (!caps)
            caps = glib::adopt(gst_pad_query_caps(pad, nullptr));
        const char *type = gst_structure_get_name(gst_caps_get_structure(caps.get(), 0));
        if (!g_str_equal(type, "video/x-raw") && !g_str_equal(type, "audio/x-raw"))
            return;  // subtitles
        const auto medium = g_str_has_prefix(type, "video/") ? Medium::Video : Medium::Audio;
        const std::lock_guard lock(mutex_);
        const auto wanted = std::find(wanted_.begin(), wanted_.end(), medium);
        if (closed_ || wanted == wanted_.end())
            return;  // a second picture, another language: left alone
        wanted_.erase(wanted);
        auto track = std::make_shared<Track>(medium);
        if (const auto linked = link(pad, track, caps.get()); !linked)
            error_ = linked.error();
        else
            tracks_.push_back(std::move(track));
    }

    // Nothing is added from here on.
    Result<std::vector<std::shared_ptr<Track>>> close()
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        if (!error_.empty())
            return Error{error_};
        return std::move(tracks_);
    }

private:
    Status link(GstPad *pad, const std::shared_ptr<Track> &track, GstCaps *caps)
    {
        const auto format = track->medium() == Medium::Video ? fitted(caps, format_) : format_;
        track->set_max_framerate(format.framerate);
        const auto convert = add_track(runner_, track, format, pipelines_);
        if (!convert)
            return Error{convert.error()};
        track->set_live(false);
        auto *ghost = gst_ghost_pad_new(nullptr, pad);
        gst_pad_set_active(ghost, TRUE);
        gst_element_add_pad(bin_, ghost);
        const auto in = glib::adopt(gst_element_get_static_pad(*convert, "sink"));
        if (GST_PAD_LINK_FAILED(gst_pad_link(ghost, in.get())))
            return Error{std::string("its ") + name(track->medium()) + " cannot be converted"};
        track->follow_parent(*convert);
        return Done{};
    }

    Runner &runner_;
    GstElement *bin_;
    const Pipelines &pipelines_;
    const VideoFormat format_;

    std::mutex mutex_;
    bool closed_ = false;
    std::vector<Medium> wanted_;
    std::vector<std::shared_ptr<Track>> tracks_;
    std::string error_;
};

Status readable(const std::string &path)
{
    struct stat status = {};
    if (path.empty())
        return Error{"which file? Give file:PATH"};
    if (stat(path.c_str(), &status) != 0 || access(path.c_str(), R_OK) != 0)
        return Error{std::strerror(errno)};
    if (S_ISDIR(status.st_mode))
        return Error{"is a directory"};
    if (S_ISREG(status.st_mode) && status.st_size == 0)
        return Error{"is empty"};
    return Done{};
}

// Decoders that are not installed, by medium: "H.265 (Main Profile) decoder".
using Missing = std::map<Medium, std::string>;

void note_missing(GstMessage *message, Missing &missing)
{
    const auto *structure = gst_message_get_structure(message);
    if (!structure || !gst_structure_has_name(structure, "missing-plugin"))
        return;
    const char *what = gst_structure_get_string(structure, "name");
    const GValue *detail = gst_structure_get_value(structure, "detail");
    if (!what || !detail || !GST_VALUE_HOLDS_CAPS(detail))
        return;
    const char *type =
        gst_structure_get_name(gst_caps_get_structure(gst_value_get_caps(detail), 0));
    if (g_str_has_prefix(type, "video/") || g_str_has_prefix(type, "image/"))
        missing.emplace(Medium::Video, what);
    else if (g_str_has_prefix(type, "audio/"))
        missing.emplace(Medium::Audio, what);
}

// Waits until every output has its first buffer.
Status wait_for_outputs(GstElement *pipeline, Missing &missing)
{
    const auto bus = glib::adopt(gst_element_get_bus(pipeline));
    const auto end = Clock::now() + kOpenTimeout;
    while (Clock::now() < end) {
        const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - Clock::now());
        const auto message = glib::adopt(gst_bus_timed_pop_filtered(
            bus.get(), static_cast<GstClockTime>(std::max<std::int64_t>(left.count(), 0)),
            static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_ASYNC_DONE |
                                        GST_MESSAGE_ELEMENT)));
        if (!message)
            break;
        switch (GST_MESSAGE_TYPE(message.get())) {
            case GST_MESSAGE_ASYNC_DONE:
                return Done{};
            case GST_MESSAGE_ERROR: {
                GError *error = nullptr;
                gst_message_parse_error(message.get(), &error, nullptr);
                return Error{glib::adopt(error)->message};
            }
            default:
                note_missing(message.get(), missing);
                break;
        }
    }
    return Error{"cannot be opened within " + std::to_string(kOpenTimeout.count() / 1000) + " s"};
}

// Why a medium that was wanted did not come out, where that is a fault: the file has it.
std::string undecodable(const Missing &missing, const std::vector<Medium> &wanted,
                        const std::vector<std::shared_ptr<Track>> &tracks)
{
    for (const auto medium : wanted) {
        const bool found = std::any_of(tracks.begin(), tracks.end(), [medium](const auto &track) {
            return track->medium() == medium;
        });
        if (const auto what = missing.find(medium); !found && what != missing.end())
            return std::string("no decoder for its ") + name(medium) +
                   " is installed: " + what->second +
                   " (on Debian: apt install gstreamer1.0-libav gstreamer1.0-plugins-bad)";
    }
    return {};
}

}  // namespace

Result<Source> open_file(const std::string &option, const std::string &path, bool video, bool audio,
                         const VideoFormat &format, const Timeline &timeline,
                         const Pipelines &pipelines)
{
    if (const auto status = readable(path); !status)
        return Error{option + ": " + status.error()};
    const auto uri = glib::adopt(gst_filename_to_uri(path.c_str(), nullptr));
    auto chain = pipelines.make("source/file", {{"uri", uri ? uri.get() : ""}});
    if (!chain)
        return Error{option + ": " + chain.error()};

    Source source;
    source.kind = SourceKind::File;
    source.option = option;
    source.live = false;
    source.ready = true;
    source.runner = std::make_unique<Runner>("capture-file", timeline);
    auto &runner = *source.runner;
    auto *bin = runner.add(std::move(*chain));
    const auto decoder = glib::adopt(gst_bin_get_by_name(GST_BIN(bin), "decoder"));
    if (!decoder)
        return Error{option + ": source/file.launch has no element with name=decoder"};

    std::vector<Medium> wanted;
    if (video)
        wanted.push_back(Medium::Video);
    if (audio)
        wanted.push_back(Medium::Audio);
    // Shared: the pipeline's threads may still be at it when we have given up.
    const auto outputs = std::make_shared<Outputs>(runner, bin, pipelines, format, wanted);

    const auto added = glib::connect<void(GstElement *, GstPad *)>(
        decoder.get(), "pad-added", [outputs](GstElement *, GstPad *pad) { outputs->add(pad); });
    runner.prepare({});
    Missing missing;
    const auto opened = wait_for_outputs(runner.pipeline(), missing);
    auto tracks = outputs->close();

    if (!tracks)
        return Error{option + ": " + tracks.error()};
    if (const auto why = undecodable(missing, wanted, *tracks); !why.empty())
        return Error{option + ": " + why};
    if (!opened)
        return Error{option + ": " + opened.error()};
    // A film without sound is sent without; but who names a file for its picture wants one.
    const bool picture = std::any_of(tracks->begin(), tracks->end(), [](const auto &track) {
        return track->medium() == Medium::Video;
    });
    if (video && !picture)
        return Error{option +
                     ": holds no picture; for its sound alone: --video none --audio file:" + path};
    if (tracks->empty())
        return Error{option + ": holds no sound"};
    source.tracks = std::move(*tracks);
    return source;
}

}  // namespace callagent::media
