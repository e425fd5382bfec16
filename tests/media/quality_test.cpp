// Test pictures and tones through real encoders and decoders, as fast as they go: what is shown
// when is told to the probe, so that nothing depends on how fast that is.
#include <gst/app/app.h>
#include <gtest/gtest.h>

#include "core/frame_mark.h"
#include "media/quality_probe.h"
#include "media/test_marks.h"
#include "tests/media/capture_fixture.h"

namespace callagent::media {
namespace {

// Later than any of these tests takes: what is due then is shown exactly then.
constexpr GstClockTime kFarAhead = 100 * GST_SECOND;

const std::string kPictures =
    "videotestsrc num-buffers=60 pattern=smpte75 horizontal-speed=2 ! clockoverlay "
    "! capsfilter name=source caps=video/x-raw,format=I420,width=640,height=480,framerate=30/1 ";
// As in pipelines/encode/vp8.launch.
const std::string kVp8 =
    "! vp8enc deadline=1 cpu-used=-6 end-usage=cbr target-bitrate=100000 buffer-initial-size=300 "
    "buffer-optimal-size=400 buffer-size=500 min-quantizer=2 max-quantizer=56 undershoot=95 "
    "static-threshold=1 keyframe-max-dist=3000 lag-in-frames=0 ! vp8dec ";
const std::string kSound =
    "audiotestsrc num-buffers=300 samplesperbuffer=960 freq=440 volume=0.25 "
    "! capsfilter name=source "
    "caps=audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=1 ";
const std::string kOpus =
    "! opusenc bitrate=48000 frame-size=20 ! opusdec ! audioconvert "
    "! audio/x-raw,format=S16LE,layout=interleaved ";

class QualityProbeTest : public testing::Test {
protected:
    // All that comes out of a source, marked where the element "source" is, at the end.
    std::vector<glib::Ptr<GstSample>> run(Medium medium, const std::string &text,
                                          bool marked = true)
    {
        GError *error = nullptr;
        const auto pipeline =
            glib::sink(gst_parse_launch((text + "! appsink name=out sync=false").c_str(), &error));
        EXPECT_EQ(error, nullptr) << error->message;
        const auto source = glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "source"));
        const auto out = glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
        if (marked)
            mark_source(medium, source.get(), timeline);
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
        std::vector<glib::Ptr<GstSample>> samples;
        while (auto *sample = gst_app_sink_pull_sample(GST_APP_SINK(out.get())))
            samples.push_back(glib::adopt(sample));
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
        return samples;
    }

    void push(Medium medium, const std::vector<glib::Ptr<GstSample>> &samples,
              GstClockTime delay = 0, std::size_t from = 0, std::size_t to = 10000)
    {
        for (auto i = from; i < std::min(to, samples.size()); ++i)
            probe.push(medium, samples[i].get(), kFarAhead + delay);
    }

    Timeline timeline;
    QualityProbe probe{timeline};
};

TEST_F(QualityProbeTest, AMarkSurvivesVp8AtAHundredKilobits)
{
    for (const std::string scaled : {"", "! videoscale ! video/x-raw,width=320,height=240 ",
                                     "! videoscale ! video/x-raw,width=426,height=318 "}) {
        auto text = std::string(kPictures).append(kVp8).append(scaled);
        const auto samples = run(Medium::Video, text);
        ASSERT_EQ(samples.size(), 60U);
        push(Medium::Video, samples);
        const auto video = probe.take().video;
        ASSERT_TRUE(video) << scaled;
        EXPECT_GE(video->frames, 59U) << scaled;
        EXPECT_EQ(video->lost, 0U) << scaled;
        EXPECT_EQ(video->repeated, 0U) << scaled;
        if (!scaled.empty()) {
            EXPECT_TRUE(video->psnrs.empty()) << scaled;
            continue;
        }
        ASSERT_EQ(video->psnrs.size(), video->frames);
        for (const double psnr : video->psnrs) {
            EXPECT_GT(psnr, 20);
            EXPECT_LT(psnr, 45);
        }
    }
}

TEST_F(QualityProbeTest, WhatNoEncoderTouchedIsPerfect)
{
    push(Medium::Video, run(Medium::Video, kPictures));
    const auto video = probe.take().video;
    ASSERT_TRUE(video);
    EXPECT_EQ(video->psnrs, std::vector<double>(59, 99.0));
}

// The time in a mark is read off another clock for each picture: some microseconds differ.
TEST_F(QualityProbeTest, DelayIsLatency)
{
    const auto samples = run(Medium::Video, kPictures);
    push(Medium::Video, samples);
    const auto video = probe.take().video;
    ASSERT_TRUE(video);
    for (const double latency : video->latencies)
        EXPECT_NEAR(latency, 100.0, 0.005);

    push(Medium::Video, run(Medium::Video, kPictures), 200 * GST_MSECOND);
    const auto delayed = probe.take().video;
    ASSERT_TRUE(delayed);
    for (const double latency : delayed->latencies)
        EXPECT_NEAR(latency, 100.2, 0.005);
}

TEST_F(QualityProbeTest, WithoutADelayItIsShownWhenItComes)
{
    const auto samples = run(Medium::Video, kPictures);
    const auto begin = static_cast<double>(timeline.now()) / GST_SECOND;
    for (const auto &sample : samples)
        probe.push(Medium::Video, sample.get(), std::nullopt);
    const auto end = static_cast<double>(timeline.now()) / GST_SECOND;
    const auto video = probe.take().video;
    ASSERT_TRUE(video);
    ASSERT_EQ(video->latencies.size(), 59U);
    // The last one's PTS is 59/30 s.
    EXPECT_LE(video->latencies.back(), end - 59 / 30.0 + 0.005);
    EXPECT_GE(video->latencies.back(), begin - 59 / 30.0 - 0.005);
}

TEST_F(QualityProbeTest, WhatIsDroppedIsLostAndWhatComesAgainRepeated)
{
    const auto samples = run(Medium::Video, kPictures + kVp8);
    push(Medium::Video, samples, 0, 0, 10);
    push(Medium::Video, samples, 0, 13, 30);
    push(Medium::Video, samples, 0, 29, 30);
    push(Medium::Video, samples, 0, 31, 60);
    const auto video = probe.take().video;
    ASSERT_TRUE(video);
    EXPECT_EQ(video->lost, 4U);
    EXPECT_EQ(video->repeated, 1U);
    EXPECT_EQ(video->frames, 55U);
}

TEST_F(QualityProbeTest, WhatIsNotOursIsNotMeasured)
{
    push(Medium::Video, run(Medium::Video, kPictures + kVp8, false));
    push(Medium::Audio, run(Medium::Audio, kSound + kOpus, false));
    const auto quality = probe.take();
    EXPECT_FALSE(quality.video);
    EXPECT_FALSE(quality.audio);
    EXPECT_FALSE(quality.av_skew);
}

TEST_F(QualityProbeTest, MarksAreFoundThatBeginInTheMiddleOfACall)
{
    const auto plain = run(Medium::Video, kPictures, false);
    push(Medium::Video, plain);
    push(Medium::Video, plain, 2 * GST_SECOND);
    push(Medium::Video, run(Medium::Video, kPictures), 4 * GST_SECOND);
    const auto video = probe.take().video;
    ASSERT_TRUE(video);
    EXPECT_GE(video->frames, 60U - 16U);
    EXPECT_EQ(video->lost, 0U);
}

TEST_F(QualityProbeTest, TicksTellSoundsLatencyAndHowFarThePictureIsBehindIt)
{
    push(Medium::Video, run(Medium::Video, kPictures), 130 * GST_MSECOND);
    const auto sound = run(Medium::Audio, kSound + kOpus);
    push(Medium::Audio, sound, 30 * GST_MSECOND);
    const auto quality = probe.take();
    ASSERT_TRUE(quality.audio);
    ASSERT_GE(quality.audio->latencies.size(), 2U);
    for (const double latency : quality.audio->latencies)
        EXPECT_NEAR(latency, 0.030, 0.008);  // Opus looks 6.5 ms ahead
    EXPECT_EQ(quality.audio->gap, 0);
    ASSERT_TRUE(quality.av_skew);
    EXPECT_NEAR(*quality.av_skew, 0.100, 0.010);
    ASSERT_TRUE(quality.audio->level);
    EXPECT_NEAR(*quality.audio->level, -15, 0.5);
}

TEST_F(QualityProbeTest, WithoutAPictureNobodyKnowsWhoseSecondsTick)
{
    push(Medium::Audio, run(Medium::Audio, kSound + kOpus), 30 * GST_MSECOND);
    const auto quality = probe.take();
    ASSERT_TRUE(quality.audio);
    EXPECT_TRUE(quality.audio->latencies.empty());
    EXPECT_FALSE(quality.av_skew);
}

TEST_F(QualityProbeTest, SoundThatIsMissingIsAGap)
{
    const auto sound = run(Medium::Audio, kSound + kOpus);
    push(Medium::Audio, sound, 0, 0, 250);
    probe.take();
    push(Medium::Audio, sound, 0, 255);  // 5 of 20 ms did not come
    const auto audio = probe.take().audio;
    ASSERT_TRUE(audio);
    EXPECT_NEAR(audio->gap, 0.100, 0.001);
}

// ---- what the sources give ----

std::optional<FrameMark> mark_in(const Fed::Entry &entry)
{
    return read_mark({entry.data.data(), 640, 640, 480});
}

TEST_F(CaptureTest, ATestPictureSaysWhenItWasTaken)
{
    const auto capture = open("test", "none");
    ASSERT_TRUE(capture) << error;
    ASSERT_TRUE(run_until([&] { return pictures.size() >= 3; }));
    const std::lock_guard lock(pictures.mutex);
    const auto first = mark_in(pictures.entries[0]);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->width, 640);
    EXPECT_EQ(first->height, 480);
    EXPECT_EQ(first->clock, wall_clock_id());
    EXPECT_NEAR(first->age(wall_clock_at(pictures.entries[0].pts, timeline)), 0, 0.005);
    const auto third = mark_in(pictures.entries[2]);
    ASSERT_TRUE(third);
    EXPECT_EQ(third->number, first->number + 2);
}

TEST_F(CaptureTest, AFragmentIsLeftAsItIs)
{
    const auto capture = open(
        "videotestsrc is-live=true ! capsfilter caps=video/x-raw,format=I420,width=640,height=480",
        "none");
    ASSERT_TRUE(capture) << error;
    ASSERT_TRUE(run_until([&] { return pictures.size() >= 2; }));
    EXPECT_FALSE(mark_in(pictures.back()));
}

TEST_F(CaptureTest, AMutedTestPictureIsBlack)
{
    const auto capture = open("test", "none");
    ASSERT_TRUE(capture) << error;
    capture->set_muted(Medium::Video, true);
    const auto before = pictures.size();
    ASSERT_TRUE(run_until([&] { return pictures.size() >= before + 3; }));
    EXPECT_FALSE(mark_in(pictures.back()));
}

}  // namespace
}  // namespace callagent::media
