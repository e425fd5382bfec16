// --doctor: what is missing on this machine for a call, and what to install or to give instead.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "media/devices.h"
#include "options.h"
#include "server_probe.h"

namespace callagent {

// What there is.
struct Findings {
    std::string version;                            // of GStreamer
    std::function<bool(const char *)> has_element;  // by the name of its factory
    std::vector<std::string> missing_pipelines;     // sentences: chains that a headless call needs
    media::Devices devices;
    std::vector<ServerProbe> servers;
    std::string who_may_call;  // sentences, for these options
};

struct Diagnosis {
    bool headless = true;  // a call without devices could work
    std::string text;      // for a person; ends with a line end
};

Diagnosis diagnose(const Findings &findings);

// Looks at this machine; takes up to two seconds. GStreamer has to be initialized. Blocks.
Findings examine(const Options &options, media::Devices devices);

}  // namespace callagent
