#include "media/devices.h"

#include <gtest/gtest.h>

#include "media/camera.h"
#include "media/reach.h"
#include "tests/media/servers.h"

namespace callagent::media {
namespace {

using std::chrono::seconds;

constexpr VideoFormat kWanted{640, 480, 30};

TEST(CameraTest, TheModeOfTheSizeThatIsFastEnoughIsTaken)
{
    const CameraMode slow{false, 640, 480, 15, 1}, jpeg{true, 640, 480, 30, 1},
        raw{false, 640, 480, 30, 1}, fast{false, 640, 480, 60, 1}, large{false, 1280, 720, 30, 1},
        small{false, 320, 240, 30, 1}, ntsc{false, 640, 480, 30000, 1001};
    EXPECT_EQ(closest_mode({large, jpeg, small}, kWanted), jpeg) << "the size";
    EXPECT_EQ(closest_mode({slow, jpeg}, kWanted), jpeg) << "fast enough before raw";
    EXPECT_EQ(closest_mode({jpeg, raw}, kWanted), raw) << "raw before JPEG";
    EXPECT_EQ(closest_mode({fast, raw}, kWanted), raw) << "no faster than needed";
    EXPECT_EQ(closest_mode({jpeg, ntsc}, kWanted), ntsc) << "29.97 is 30";
    EXPECT_EQ(closest_mode({small, large}, kWanted), large) << "made smaller rather than larger";
    EXPECT_EQ(closest_mode({small}, kWanted), small);
    EXPECT_EQ(closest_mode({small, {false, 352, 288, 5, 1}}, kWanted).width, 352) << "the largest";
}

TEST(CameraTest, ModesAreSaidOncePerSize)
{
    EXPECT_EQ(describe_modes({{false, 640, 480, 15, 1},
                              {true, 640, 480, 30, 1},
                              {true, 1280, 720, 30000, 1001},
                              {false, 320, 240, 0, 1}}),
              "640x480 (30 fps, MJPEG), 1280x720 (29.97 fps, MJPEG), 320x240");
}

TEST(CameraTest, WhatIsNoCameraSaysSo)
{
    const Folder folder;
    for (const auto &[node, why] :
         {std::pair<std::string, std::string>{"/dev/video99", "No such file"},
          {"/dev/null", "is no camera"},
          {folder / "", "is no camera"}}) {
        const auto camera = ask_camera(node, kWanted);
        ASSERT_FALSE(camera);
        EXPECT_NE(camera.error().find(why), std::string::npos) << camera.error();
    }
    const auto opened =
        open_camera("--video camera:/dev/video99", "/dev/video99", kWanted, Pipelines());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().find("--video camera:/dev/video99: /dev/video99: No such file"), 0u)
        << opened.error();
    EXPECT_NE(opened.error().find("--video test"), std::string::npos) << opened.error();
}

TEST(DevicesTest, HintsNameWhatThereIsAndWhatToUseInstead)
{
    EXPECT_EQ(cameras_hint({}), "there is no camera; use --video test or --video none");
    Devices devices;
    devices.cameras = {{"HD Webcam", "--video camera:/dev/video0", ""},
                       {"Box", "--video camera:/dev/video2", ""}};
    EXPECT_EQ(
        cameras_hint(devices),
        "there is --video camera:/dev/video0 (HD Webcam), --video camera:/dev/video2 (Box); or use "
        "--video test or --video none");
    EXPECT_NE(microphones_hint(devices).find("no sound server"), std::string::npos);
}

TEST(DevicesTest, WithoutServersThereAreNoneAndNothingHangs)
{
    const Folder folder;
    g_setenv("XDG_RUNTIME_DIR", (folder / "").c_str(), TRUE);
    g_unsetenv("DISPLAY");
    g_unsetenv("WAYLAND_DISPLAY");
    const auto devices = list_devices();
    EXPECT_FALSE(devices.sound_server);
    EXPECT_FALSE(devices.display);
    EXPECT_TRUE(devices.microphones.empty());
    EXPECT_EQ(reach_display().error(), "DISPLAY and WAYLAND_DISPLAY are not set");
    g_setenv("DISPLAY", ":4711", TRUE);
    EXPECT_NE(reach_display().error().find(":4711"), std::string::npos);
    g_setenv("WAYLAND_DISPLAY", "wayland-9", TRUE);
    EXPECT_FALSE(reach_display());
    for (const char *odd : {"", ":", "x", ":99999999999999999999"}) {
        g_setenv("DISPLAY", odd, TRUE);
        EXPECT_FALSE(reach_display()) << odd;
    }
    g_unsetenv("DISPLAY");
    g_unsetenv("WAYLAND_DISPLAY");
    for (const char *server :
         {"/nowhere", "unix:/nowhere", "{0123}unix:/nowhere /nowhere2", "{", "unix:"}) {
        g_setenv("PULSE_SERVER", server, TRUE);
        EXPECT_FALSE(reach_sound_server()) << server;
    }
    g_setenv("PULSE_SERVER", "tcp:calls.example.org", TRUE);
    EXPECT_TRUE(reach_sound_server()) << "not ours to try";
    g_unsetenv("PULSE_SERVER");
    g_unsetenv("XDG_RUNTIME_DIR");
}

TEST(DevicesTest, ASoundServerShowsItsMicrophonesAndLoudspeakers)
{
    SoundServer server;
    ASSERT_TRUE(server.running());
    const auto devices = list_devices();
    EXPECT_TRUE(devices.sound_server);
    const auto has = [](const std::vector<Device> &among, const std::string &option) {
        return std::any_of(among.begin(), among.end(),
                           [&](const Device &device) { return device.option == option; });
    };
    EXPECT_TRUE(has(devices.microphones, "--audio mic:mic"));
    EXPECT_TRUE(has(devices.speakers, "--audio-sink 'queue ! pulsesink device=spk'"));
}

TEST(DevicesTest, ASoundServerThatDoesNotAnswerIsNotWaitedFor)
{
    SoundServer server;
    ASSERT_TRUE(server.running());
    server.pause();
    // The provider of 1.22 reports a failed connection as if it were an element.
    const auto fatal = g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(list_devices().microphones.empty());
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(2));
    server.go_on();
    EXPECT_TRUE(run_until([] { return !list_devices().microphones.empty(); }));
    g_log_set_always_fatal(fatal);
}

TEST(DevicesTest, AnXServerIsADisplay)
{
    XServer server;
    ASSERT_NE(server.display(), "");
    EXPECT_TRUE(reach_display()) << reach_display().error();
}

}  // namespace
}  // namespace callagent::media
