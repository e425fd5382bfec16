// What this machine has: cameras, microphones, loudspeakers, a display. For --list-devices, and for
// the errors that name what there is instead.
#pragma once

#include <string>
#include <vector>

#include "core/media.h"

namespace callagent::media {

struct Device {
    std::string name;     // for a person
    std::string option;   // what to give: "--video camera:/dev/video2"
    std::string details;  // formats, sizes; may be empty
};

struct Devices {
    std::vector<Device> cameras;
    std::vector<Device> microphones;
    std::vector<Device> speakers;
    bool sound_server = false;  // a PulseAudio (or PipeWire) server answers
    bool display = false;       // X11 or Wayland answers
};

// Looks now; takes up to a second. Never hangs on a sound server that does not answer.
Devices list_devices();

// "there are: --video camera:/dev/video0 (HD Webcam), …; or use --video test": ends an error
// message.
std::string cameras_hint(const Devices &);
std::string microphones_hint(const Devices &);

}  // namespace callagent::media
