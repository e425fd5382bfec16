#include "media/source.h"

#include <utility>

#include "media/camera.h"
#include "media/reach.h"
#include "media/test_marks.h"

namespace callagent::media {
namespace {

bool names(const std::string &value, const char *what)
{
    const std::string word = what;
    return value == word || value.starts_with(word + ":");
}

// The chain or fragment of a source, with exactly one way out.
Result<glib::Ptr<GstElement>> make_chain(Medium medium, Source &source, const std::string &value,
                                         const VideoFormat &format, const Pipelines &pipelines)
{
    Values values;
    if (medium == Medium::Video)
        values = {{"width", std::to_string(format.width)},
                  {"height", std::to_string(format.height)},
                  {"framerate", std::to_string(format.framerate)}};
    switch (source.kind) {
        case SourceKind::Test:
            return pipelines.make(
                medium == Medium::Video ? "source/video-test" : "source/audio-test", values);
        case SourceKind::Camera: {
            auto camera = open_camera(source.option, source.device, format, pipelines);
            if (!camera)
                return Error{camera.error()};
            source.device = camera->node;
            source.note = camera->note;
            return std::move(camera->chain);
        }
        case SourceKind::Microphone:
            if (const auto server = reach_sound_server(); !server)
                return Error{source.option + ": no sound server (PulseAudio or PipeWire): " +
                             server.error() + "; start one, or use --audio test or --audio none"};
            if (!source.device.empty())
                return pipelines.make("source/microphone-device", {{"device", source.device}});
            return pipelines.make("source/microphone", values);
        case SourceKind::File:
        case SourceKind::Other:
            break;
    }
    if (value.find('!') != std::string::npos)
        return make_fragment(std::string("--") + name(medium), value);
    auto chain = pipelines.make("source/" + value, values);
    if (!chain && value.find('/') != std::string::npos)
        return Error{source.option + ": not a source; a file is --" + name(medium) +
                     " file:" + value};
    if (!chain)
        return Error{source.option + ": " + chain.error()};
    return chain;
}

bool has_pad(GstElement *bin, const char *pad)
{
    return glib::adopt(gst_element_get_static_pad(bin, pad)) != nullptr;
}

}  // namespace

SourceKind kind_of(Medium medium, const std::string &value)
{
    if (value == "test")
        return SourceKind::Test;
    if (value.starts_with("file:"))
        return SourceKind::File;
    if (value.find('!') == std::string::npos) {
        if (medium == Medium::Video && names(value, "camera"))
            return SourceKind::Camera;
        if (medium == Medium::Audio && names(value, "mic"))
            return SourceKind::Microphone;
    }
    return SourceKind::Other;
}

std::string argument_of(const std::string &value)
{
    const auto colon = value.find(':');
    return colon == std::string::npos ? std::string() : value.substr(colon + 1);
}

Result<GstElement *> add_track(Runner &runner, const std::shared_ptr<Track> &track,
                               const VideoFormat &format, const Pipelines &pipelines)
{
    const auto medium = track->medium();
    const auto stage = std::string("convert/capture-") + name(medium);
    auto convert = pipelines.make(stage, {{"width", std::to_string(format.width)},
                                          {"height", std::to_string(format.height)},
                                          {"framerate", std::to_string(format.framerate)}});
    if (!convert)
        return Error{convert.error()};
    auto sink = Track::make_sink(track);
    if (!sink)
        return Error{"no element \"appsink\" (on Debian: apt install gstreamer1.0-plugins-base)"};
    auto *first = runner.add(std::move(*convert));
    auto *last = runner.add(std::move(sink));
    if (!has_pad(first, "sink") || !gst_element_link(first, last))
        return Error{stage + ": must take raw " + name(medium) + " and give raw " + name(medium)};
    return first;
}

Result<Source> make_source(Medium medium, const std::string &value, const VideoFormat &format,
                           const Timeline &timeline, const Pipelines &pipelines)
{
    Source source;
    source.kind = kind_of(medium, value);
    source.option = std::string("--") + name(medium) + " " + value;
    source.device = argument_of(value);

    auto chain = make_chain(medium, source, value, format, pipelines);
    if (!chain)
        return Error{chain.error()};
    source.runner = std::make_unique<Runner>(std::string("capture-") + name(medium), timeline);
    source.tracks.push_back(std::make_shared<Track>(medium));
    if (source.kind == SourceKind::Camera)
        source.tracks.back()->set_max_framerate(format.framerate);

    auto *first = source.runner->add(std::move(*chain));
    const auto convert = add_track(*source.runner, source.tracks.back(), format, pipelines);
    if (!convert)
        return Error{convert.error()};
    if (has_pad(first, "sink"))
        return Error{source.option + ": has an open input; a source has one output and no input"};
    if (!has_pad(first, "src"))
        return Error{source.option +
                     ": has no open output; a source has one output, so without a sink"};
    if (!gst_element_link(first, *convert))
        return Error{source.option + ": does not give raw " + name(medium)};
    if (source.kind == SourceKind::Test)
        mark_source(medium, first, timeline);
    return source;
}

}  // namespace callagent::media
