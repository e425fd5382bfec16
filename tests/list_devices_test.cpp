#include "list_devices.h"

#include <gtest/gtest.h>

namespace callagent {

TEST(ListDevicesTest, EachWithWhatToGive)
{
    media::Devices devices;
    devices.cameras = {{"HD Webcam", "--video camera:/dev/video0", "640x480, 1280x720"},
                       {"Grabber", "--video camera:/dev/video10", ""}};
    devices.microphones = {{"Built-in", "--audio mic:alsa_input.pci", ""}};
    devices.speakers = {{"Built-in", "--audio-sink auto", ""}};
    devices.sound_server = true;
    devices.display = true;
    EXPECT_EQ(describe(devices),
              "Cameras:\n"
              "  --video camera:/dev/video0   HD Webcam\n"
              "      640x480, 1280x720\n"
              "  --video camera:/dev/video10  Grabber\n"
              "Microphones:\n"
              "  --audio mic:alsa_input.pci  Built-in\n"
              "Loudspeakers:\n"
              "  --audio-sink auto  Built-in\n"
              "Display:\n"
              "  --video-sink auto\n");
}

TEST(ListDevicesTest, WhereThereIsNothingWhatToUseInstead)
{
    EXPECT_EQ(
        describe(media::Devices{}),
        "Cameras:\n"
        "  none; use --video test, file:PATH or none\n"
        "Microphones:\n"
        "  none; no sound server answers: start PulseAudio or PipeWire, or use --audio test, "
        "file:PATH "
        "or none\n"
        "Loudspeakers:\n"
        "  none; no sound server answers: start PulseAudio or PipeWire, or use --audio-sink none\n"
        "Display:\n"
        "  none; set DISPLAY or WAYLAND_DISPLAY, or use --video-sink none\n");
}

}  // namespace callagent
