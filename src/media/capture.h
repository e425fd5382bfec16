// Where what we send comes from: cameras, microphones, test pictures and tones, files, fragments.
// Runs in pipelines of its own, on the agent's timeline, so that it outlives a call's webrtcbin,
// opens while signaling is still connecting, and a camera that hangs cannot hold a call's teardown
// up.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/exit.h"
#include "core/media.h"
#include "core/result.h"
#include "media/pipelines.h"
#include "media/timeline.h"

namespace callagent::media {

class Capture {
public:
    struct Config {
        // As on the command line: camera[:DEV], mic[:DEV], test, none, file:PATH, a name in
        // pipelines/source/, or a fragment. A file's sound comes with its picture: where `video` is
        // a file and `audio` was not given, audio is the same file (options.cpp decides that).
        std::string video = "camera";
        std::string audio = "mic";
        VideoFormat format;
    };

    // Called on a streaming thread with raw samples (video/x-raw, audio/x-raw; PTS is the
    // timeline's running time). Must not block.
    using Feed = std::function<void(GstSample *)>;

    struct Handlers {
        std::function<void(const Failure &)> failed;  // Exit::Device; once
        std::function<void()> ended;                  // a file's end: everything has been fed
        std::function<void(const Warning &)> warning;
        // No buffer of a live source for 3 s (a frozen camera, a suspended sound server), and its
        // return.
        std::function<void(Medium)> stalled;
        std::function<void(Medium)> resumed;
    };

    // Builds the pipelines and begins to open the devices. What can be known at once (no such
    // device, a broken fragment, no such file) is an error here; the rest comes through `failed`. A
    // live source that delivers nothing within 5 s, or a file within 5 s of start(), is `failed`.
    static Result<std::unique_ptr<Capture>> open(const Config &, const Timeline &,
                                                 const Pipelines &, Handlers);
    virtual ~Capture() = default;

    // Begins (a file starts to play at this moment). Live sources may begin before.
    virtual void start() = 0;

    // False where the source is "none", and for the sound of a film that has none.
    virtual bool has(Medium) const = 0;

    // Replaces whom a medium's samples go to; empty: nobody. Any thread. After it returns the
    // former feed is not called any more.
    virtual void set_feed(Medium, Feed) = 0;

    // Replaces the picture by black and the sound by silence, and back. Any thread.
    virtual void set_muted(Medium, bool muted) = 0;
};

}  // namespace callagent::media
