// What a capture is made of: a pipeline of its own with one track, or with two where picture and
// sound come out of one file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/media.h"
#include "core/result.h"
#include "media/pipelines.h"
#include "media/runner.h"
#include "media/track.h"

namespace callagent::media {

enum class SourceKind { Test, Camera, Microphone, File, Other };

struct Source {
    SourceKind kind = SourceKind::Other;
    std::string option;  // how the user names it: "--video camera:/dev/video0"
    std::unique_ptr<Runner> runner;
    std::vector<std::shared_ptr<Track>> tracks;
    std::string device;  // camera: the node that was opened; microphone: its name, or empty
    std::string note;    // what the user should know of how it was opened
    bool ready = false;  // its state is known
    bool live = true;    // delivers by itself, at the pace of the world
    bool ended = false;
};

// What an option's value means.
SourceKind kind_of(Medium, const std::string &value);

// "camera:/dev/video2" → "/dev/video2", "file:a.mp4" → "a.mp4"; empty where nothing follows.
std::string argument_of(const std::string &value);

// Everything but files: camera, microphone, test, a chain's name, a fragment. Not yet started.
Result<Source> make_source(Medium, const std::string &value, const VideoFormat &, const Timeline &,
                           const Pipelines &);

// A file's picture, sound or both, ready to be played; waits until that is known (at most 5 s).
// A film without sound is no error, a file without the picture that was asked for is.
Result<Source> open_file(const std::string &option, const std::string &path, bool video, bool audio,
                         const VideoFormat &, const Timeline &, const Pipelines &);

// Adds convert/capture-video or -audio and an appsink for a track, linked to each other, to the
// runner's pipeline. The element to link to, or why there is none.
Result<GstElement *> add_track(Runner &, const std::shared_ptr<Track> &, const VideoFormat &,
                               const Pipelines &);

}  // namespace callagent::media
