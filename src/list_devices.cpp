#include "list_devices.h"

#include <algorithm>

namespace callagent {
namespace {

void add(std::string &text, const char *heading, const std::vector<media::Device> &devices,
         const std::string &otherwise)
{
    text += std::string(heading) + ":\n";
    if (devices.empty())
        text += "  none; " + otherwise + "\n";
    std::size_t width = 0;
    for (const auto &device : devices)
        width = std::max(width, device.option.size());
    for (const auto &device : devices) {
        auto option = device.option;
        option.resize(width, ' ');
        text += "  " + option + "  " + device.name + "\n";
        if (!device.details.empty())
            text += "      " + device.details + "\n";
    }
}

}  // namespace

std::string describe(const media::Devices &devices)
{
    const std::string silent =
        devices.sound_server ? "" : "no sound server answers: start PulseAudio or PipeWire, or ";
    std::string text;
    add(text, "Cameras", devices.cameras, "use --video test, file:PATH or none");
    add(text, "Microphones", devices.microphones, silent + "use --audio test, file:PATH or none");
    add(text, "Loudspeakers", devices.speakers, silent + "use --audio-sink none");
    text += devices.display
                ? "Display:\n  --video-sink auto\n"
                : "Display:\n  none; set DISPLAY or WAYLAND_DISPLAY, or use --video-sink none\n";
    return text;
}

}  // namespace callagent
