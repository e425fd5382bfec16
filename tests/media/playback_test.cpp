#include "media/playback.h"

#include <gtest/gtest.h>

#include "tests/media/servers.h"
#include "tests/media/window.h"

namespace callagent::media {
namespace {

class PlaybackTest : public testing::Test {
protected:
    std::unique_ptr<Playback> open(const std::string &video, const std::string &audio)
    {
        Playback::Handlers handlers;
        handlers.failed = [this](const Failure &failure) {
            ++failures;
            reason = failure.reason;
        };
        handlers.closed = [this] { ++closed; };
        handlers.warning = [this](const Warning &warning) { warnings.push_back(warning.code); };
        auto playback = Playback::open({video, audio, "callagent-test"}, timeline, Pipelines(),
                                       std::move(handlers));
        if (!playback) {
            error = playback.error();
            return nullptr;
        }
        return std::move(*playback);
    }

    // A grey picture of any size.
    glib::Ptr<GstSample> picture(int width, int height, GstClockTime pts)
    {
        const auto size = static_cast<gsize>(width * height * 3 / 2);
        auto buffer = glib::adopt(gst_buffer_new_allocate(nullptr, size, nullptr));
        gst_buffer_memset(buffer.get(), 0, 128, size);
        GST_BUFFER_PTS(buffer.get()) = pts;
        const auto caps = glib::adopt(gst_caps_new_simple(
            "video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT, width, "height",
            G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, 30, 1, nullptr));
        return glib::adopt(gst_sample_new(buffer.get(), caps.get(), nullptr, nullptr));
    }

    Timeline timeline;
    int failures = 0, closed = 0;
    std::string reason, error;
    std::vector<std::string> warnings;
};

TEST_F(PlaybackTest, NoneTakesEverythingAndNothingHappens)
{
    auto playback = open("none", "none");
    ASSERT_TRUE(playback) << error;
    for (int i = 0; i < 100; ++i)
        playback->push(Medium::Video, picture(64, 48, timeline.now()).get());
    playback->set_delay(20 * GST_MSECOND);
    EXPECT_EQ(failures, 0);
}

TEST_F(PlaybackTest, AFragmentIsASink)
{
    const Folder folder;
    const auto path = folder / "picture";
    auto playback = open("filesink buffer-mode=unbuffered location=" + path + " ! ", "none");
    EXPECT_FALSE(playback);
    playback = open("identity ! filesink buffer-mode=unbuffered location=" + path, "none");
    ASSERT_TRUE(playback) << error;
    playback->push(Medium::Video, picture(64, 48, timeline.now()).get());
    EXPECT_TRUE(run_until([&] {
        std::error_code code;
        return std::filesystem::file_size(path, code) == 64 * 48 * 3 / 2 && !code;
    }));
}

TEST_F(PlaybackTest, SamplesAreRenderedTheDelayAfterTheirTime)
{
    const Folder folder;
    const auto path = folder / "picture";
    auto playback =
        open("queue ! filesink sync=true buffer-mode=unbuffered location=" + path, "none");
    ASSERT_TRUE(playback) << error;
    std::uintmax_t pictures = 1;
    const auto rendered = [&](std::uintmax_t count) {
        std::error_code code;
        return std::filesystem::file_size(path, code) >= count * 64 * 48 * 3 / 2 && !code;
    };
#ifdef SANITIZED
    constexpr GstClockTime kLate = 400 * GST_MSECOND;  // everything takes several times as long
#else
    constexpr GstClockTime kLate = 80 * GST_MSECOND;
#endif
    // The first starts the sink up.
    playback->push(Medium::Video, picture(64, 48, timeline.now()).get());
    ASSERT_TRUE(run_until([&] { return rendered(pictures); }));
    // How long after its time the next one is rendered.
    const auto render = [&] {
        const auto pts = timeline.now();
        playback->push(Medium::Video, picture(64, 48, pts).get());
        ++pictures;
        EXPECT_TRUE(run_until([&] { return rendered(pictures); }));
        return timeline.now() - pts;
    };
    for (const GstClockTime milliseconds : {20U, 300U, 100U}) {
        const GstClockTime delay = milliseconds * GST_MSECOND;
        playback->set_delay(delay);
        const auto after = render();
        EXPECT_GE(after, delay - 5 * GST_MSECOND);
        EXPECT_LT(after, delay + kLate);
    }
}

TEST_F(PlaybackTest, ASinkThatTakesNothingIsSaid)
{
    auto playback = open("queue max-size-buffers=1 ! fakesink sync=true ts-offset=60000000000",
                         "none");  // shows each picture a minute late
    ASSERT_TRUE(playback) << error;
    EXPECT_TRUE(run_until([&] {
        playback->push(Medium::Video, picture(64, 48, timeline.now()).get());
        return !warnings.empty();
    }));
    EXPECT_EQ(warnings, std::vector<std::string>{"video-sink-stalled"});
    EXPECT_EQ(failures, 0) << reason;
}

TEST_F(PlaybackTest, WhatIsWrongWithASinkIsSaidAtOnce)
{
    const Folder folder;
    g_setenv("XDG_RUNTIME_DIR", (folder / "").c_str(), TRUE);
    g_unsetenv("DISPLAY");
    g_unsetenv("WAYLAND_DISPLAY");
    EXPECT_FALSE(open("auto", "none"));
    EXPECT_EQ(error.find("--video-sink auto: no display: "), 0u) << error;
    EXPECT_NE(error.find("--video-sink none"), std::string::npos) << error;
    EXPECT_FALSE(open("none", "auto"));
    EXPECT_EQ(error.find("--audio-sink auto: no sound server"), 0u) << error;
    EXPECT_NE(error.find("--audio-sink none"), std::string::npos) << error;
    EXPECT_FALSE(open("queue ! nosuchsink", "none"));
    EXPECT_NE(error.find("nosuchsink"), std::string::npos) << error;
    EXPECT_FALSE(open("none", "nosuchsink"));
    EXPECT_NE(error.find("audio-auto"), std::string::npos) << "names what there is: " << error;
    EXPECT_FALSE(open("audioconvert ! fakesink", "none"));
    EXPECT_NE(error.find("raw video"), std::string::npos) << error;
    g_unsetenv("XDG_RUNTIME_DIR");
}

TEST_F(PlaybackTest, ASinkThatFailsIsReportedOnce)
{
    auto playback = open("identity error-after=1 ! fakesink", "none");
    ASSERT_TRUE(playback) << error;
    EXPECT_TRUE(run_until([&] {
        playback->push(Medium::Video, picture(64, 48, timeline.now()).get());
        return failures > 0;
    }));
    EXPECT_EQ(reason.find("--video-sink identity"), 0u) << reason;
    EXPECT_NE(reason.find("--video-sink none"), std::string::npos) << reason;
    EXPECT_EQ(closed, 0);
}

TEST_F(PlaybackTest, ASinkThatDoesNotKeepUpLosesPicturesAndDoesNotBlock)
{
    auto playback = open("identity sleep-time=300000 ! fakesink", "none");
    ASSERT_TRUE(playback) << error;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 300; ++i)
        playback->push(
            Medium::Video,
            picture(640, 480, timeline.now() + static_cast<GstClockTime>(i) * 33 * GST_MSECOND)
                .get());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(1500));
    EXPECT_EQ(failures, 0);
}

// The two sinks that autovideosink picks in practice.
class EveryWindow : public PlaybackTest, public testing::WithParamInterface<const char *> {
protected:
    // One for all: GL libraries do not expect displays to come and go.
    static void SetUpTestSuite() { server() = std::make_unique<XServer>(); }
    static void TearDownTestSuite() { server().reset(); }

    static std::unique_ptr<XServer> &server()
    {
        static std::unique_ptr<XServer> one;
        return one;
    }

    void SetUp() override
    {
        ASSERT_NE(server()->display(), "");
        for (const char *sink : {"glimagesink", "ximagesink"})
            rank(sink, g_str_equal(sink, GetParam()) ? GST_RANK_PRIMARY + 100 : GST_RANK_MARGINAL);
    }

    static void rank(const char *element, int value)
    {
        auto *feature = gst_registry_lookup_feature(gst_registry_get(), element);
        ASSERT_TRUE(feature);
        gst_plugin_feature_set_rank(feature, static_cast<guint>(value));
        gst_object_unref(feature);
    }

    // glimagesink has a title of its own.
    std::string title() const
    {
        return g_str_equal(GetParam(), "glimagesink") ? "OpenGL renderer" : "callagent-test";
    }

    // Pictures as a call would push them, until something is so.
    template <typename Done>
    bool push_until(Playback &playback, int width, int height, const Done &done)
    {
        return run_until([&] {
            playback.push(Medium::Video, picture(width, height, timeline.now()).get());
            return done();
        });
    }
};

TEST_P(EveryWindow, ThePictureIsShownWhateverItsSize)
{
    auto playback = open("auto", "none");
    ASSERT_TRUE(playback) << error;
    playback->set_delay(10 * GST_MSECOND);
    ASSERT_TRUE(push_until(*playback, 320, 240, [&] { return has_window(title()); }));
    int pushed = 0;
    EXPECT_TRUE(push_until(*playback, 160, 120, [&] { return failures > 0 || ++pushed > 50; }));
    const Folder folder;
    const auto shot = folder / "shot.txt";
    // Our grey is somewhere on the root window's black.
    EXPECT_TRUE(push_until(*playback, 160, 120, [&] {
        return SoundServer::run("import -window root -crop 1x1+80+60 -depth 8 txt:" + shot +
                                " && grep -qiE '#(7|8)[0-9A-F](7|8)' " + shot);
    }));
    EXPECT_EQ(failures, 0) << reason;
}

TEST_P(EveryWindow, ClosingItIsNoFault)
{
    auto playback = open("auto", "none");
    ASSERT_TRUE(playback) << error;
    bool asked = false;
    EXPECT_TRUE(push_until(*playback, 320, 240, [&] {
        asked = asked || close_window(title());
        return closed > 0;
    }));
    EXPECT_EQ(failures, 0) << reason;
    EXPECT_EQ(closed, 1);
}

INSTANTIATE_TEST_SUITE_P(Sinks, EveryWindow, testing::Values("glimagesink", "ximagesink"));

}  // namespace
}  // namespace callagent::media
