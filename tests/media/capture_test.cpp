#include "media/capture.h"

#include <atomic>

#include <gst/video/video.h>

#include "tests/media/capture_fixture.h"

namespace callagent::media {
namespace {

TEST_F(CaptureTest, TestSourcesGiveMovingPicturesAndSoundOnTheTimeline)
{
    auto capture = open("test", "test", {320, 240, 30});
    ASSERT_TRUE(capture) << error;
    EXPECT_TRUE(capture->has(Medium::Video));
    EXPECT_TRUE(capture->has(Medium::Audio));
    capture->start();
    ASSERT_TRUE(run_until([&] { return pictures.size() >= 10 && sound.size() >= 10; }));
    capture.reset();

    const auto &first = pictures.entries.front(), &last = pictures.entries.back();
    const auto caps = glib::adopt(gst_caps_from_string(first.caps.c_str()));
    GstVideoInfo info;
    ASSERT_TRUE(gst_video_info_from_caps(&info, caps.get()));
    EXPECT_EQ(GST_VIDEO_INFO_FORMAT(&info), GST_VIDEO_FORMAT_I420);
    EXPECT_EQ(info.width, 320);
    EXPECT_EQ(info.height, 240);
    EXPECT_EQ(info.fps_n, 30);
    EXPECT_NE(first.data, last.data) << "the picture does not move";
    EXPECT_NE(sound.entries[3].data, std::vector<guint8>(sound.entries[3].data.size(), 0));
    for (const auto *fed : {&pictures, &sound})
        for (const auto &entry : fed->entries) {
            EXPECT_LT(entry.arrived - entry.pts, 100 * GST_MSECOND)
                << "old, or not on the timeline";
            EXPECT_LT(entry.pts, entry.arrived + 50 * GST_MSECOND) << "from the future";
        }
}

TEST_F(CaptureTest, MutedIsBlackAndSilentWithTheSameTimestamps)
{
    auto capture = open("test", "test", {64, 48, 30});
    ASSERT_TRUE(capture) << error;
    capture->set_muted(Medium::Video, true);
    capture->set_muted(Medium::Audio, true);
    capture->start();
    ASSERT_TRUE(run_until([&] { return pictures.size() >= 5 && sound.size() >= 5; }));
    constexpr std::size_t kPixels = std::size_t{64} * 48;
    std::vector<guint8> black(kPixels, 16);
    black.resize(kPixels * 3 / 2, 128);
    EXPECT_EQ(pictures.back().data, black);
    const auto silence = sound.back().data;
    EXPECT_EQ(silence, std::vector<guint8>(silence.size(), 0));
    EXPECT_EQ(silence.size(), 960u * 2);

    capture->set_muted(Medium::Video, false);
    const auto count = pictures.size();
    ASSERT_TRUE(run_until([&] { return pictures.size() >= count + 2; }));
    EXPECT_NE(pictures.back().data, black);
    for (std::size_t i = 1; i < pictures.entries.size(); ++i) {
        const auto step = pictures.entries[i].pts - pictures.entries[i - 1].pts;
        EXPECT_NEAR(static_cast<double>(step), 1e9 / 30, 5e6);
    }
}

TEST_F(CaptureTest, TheFormerFeedIsNotCalledAfterItWasReplaced)
{
    auto capture = open("test", "none", {64, 48, 30});
    ASSERT_TRUE(capture) << error;
    EXPECT_FALSE(capture->has(Medium::Audio));
    capture->start();
    ASSERT_TRUE(run_until([&] { return pictures.size() >= 2; }));
    std::atomic<int> others = 0;
    capture->set_feed(Medium::Video, [&](GstSample *) { ++others; });
    const auto count = pictures.size();
    ASSERT_TRUE(run_until([&] { return others >= 3; }));
    EXPECT_EQ(pictures.size(), count);
}

TEST_F(CaptureTest, AFragmentIsConvertedToWhatWasAskedFor)
{
    auto capture =
        open("videotestsrc is-live=true ! video/x-raw,format=RGB,width=100,height=80",
             "audiotestsrc is-live=true ! audio/x-raw,rate=8000,format=F32LE", {64, 48, 30});
    ASSERT_TRUE(capture) << error;
    capture->start();
    ASSERT_TRUE(run_until([&] { return pictures.size() >= 3 && sound.size() >= 3; }));
    EXPECT_NE(pictures.back().caps.find("I420"), std::string::npos) << pictures.back().caps;
    EXPECT_NE(pictures.back().caps.find("width=(int)64"), std::string::npos);
    EXPECT_NE(sound.back().caps.find("rate=(int)48000"), std::string::npos) << sound.back().caps;
    EXPECT_NE(sound.back().caps.find("S16LE"), std::string::npos);
}

TEST_F(CaptureTest, AFragmentThatIsNotLivePlaysAtItsOwnPaceFromTheStart)
{
    auto capture =
        open("videotestsrc num-buffers=10 ! video/x-raw,framerate=20/1", "none", {64, 48, 20});
    ASSERT_TRUE(capture) << error;
    const auto before = timeline.now();
    capture->start();
    ASSERT_TRUE(run_until([&] { return ends == 1; }));
    ASSERT_EQ(pictures.size(), 10u);
    EXPECT_GE(pictures.entries.front().pts, before);
    const auto took = pictures.entries.back().arrived - pictures.entries.front().arrived;
    EXPECT_NEAR(static_cast<double>(took), 9 * 50e6, 60e6);
    EXPECT_EQ(failures, 0);
}

TEST_F(CaptureTest, WhatIsWrongWithAFragmentIsSaidAtOnce)
{
    EXPECT_FALSE(open("videotestsrc ! nonsense", "none"));
    EXPECT_NE(error.find("nonsense"), std::string::npos) << error;
    EXPECT_FALSE(open("videotestsrc ! fakesink", "none"));
    EXPECT_NE(error.find("output"), std::string::npos) << error;
    EXPECT_FALSE(open("audiotestsrc is-live=true ! audio/x-raw", "none"));
    EXPECT_NE(error.find("raw video"), std::string::npos) << error;
    EXPECT_FALSE(open("no-such-name", "none"));
    EXPECT_NE(error.find("video-test"), std::string::npos) << "names what there is: " << error;
}

TEST_F(CaptureTest, ASourceThatFailsWhileItRunsIsReportedOnce)
{
    auto capture = open("videotestsrc is-live=true ! identity error-after=5", "test", {64, 48, 30});
    ASSERT_TRUE(capture) << error;
    capture->start();
    ASSERT_TRUE(run_until([&] { return failures > 0; }));
    EXPECT_NE(reason.find("--video"), std::string::npos) << reason;
    const auto count = sound.size();
    ASSERT_TRUE(run_until([&] { return sound.size() > count + 5; }));
    EXPECT_EQ(failures, 1);
}

TEST_F(CaptureTest, ALiveSourceThatDeliversNothingFailsByNameBeforeTheCallToo)
{
    auto capture = open("appsrc is-live=true ! queue", "test");
    ASSERT_TRUE(capture) << error;
    ASSERT_TRUE(run_until([&] { return failures > 0; }));
    EXPECT_EQ(reason, "--video appsrc is-live=true ! queue: no picture within 5 s");
}

}  // namespace
}  // namespace callagent::media
