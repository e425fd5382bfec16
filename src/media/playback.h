// Where what we receive goes: a window, loudspeakers, a fragment, or nowhere. One pipeline for each
// medium, on the agent's timeline; it outlives a call's webrtcbin.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/exit.h"
#include "core/media.h"
#include "core/result.h"
#include "media/pipelines.h"
#include "media/timeline.h"

namespace callagent::media {

class Playback {
public:
    struct Config {
        std::string video_sink = "auto";  // auto, none, a name in pipelines/sink/, or a fragment
        std::string audio_sink = "auto";
        std::string window_title = "callagent";  // where the sink shows one (glimagesink does not)
    };

    struct Handlers {
        std::function<void(const Failure &)> failed;  // Exit::Device; once
        std::function<void()> closed;                 // the user closed the window: hang up
        std::function<void(const Warning &)> warning;
    };

    // What can be known at once (no display, no sound server, a broken fragment) is an error here,
    // with what there is and the option to use instead.
    static Result<std::unique_ptr<Playback>> open(const Config &, const Timeline &,
                                                  const Pipelines &, Handlers);
    virtual ~Playback() = default;

    // A decoded sample (video/x-raw, audio/x-raw) with its PTS on the timeline. Never blocks for
    // long (a sink that does not keep up loses pictures, not the call). Any streaming thread.
    virtual void push(Medium, GstSample *) = 0;

    // How long after its PTS a sample is rendered: the playout delay. Sound comes to it within a
    // moment, stretched. Any thread.
    virtual void set_delay(GstClockTime delay) = 0;

    // What it is for a medium now; nothing where the sink waits for no time ("none"). Any thread.
    virtual std::optional<GstClockTime> delay(Medium) const = 0;
};

}  // namespace callagent::media
