#include <cmath>
#include <fstream>

#include <sys/stat.h>

#include "tests/media/capture_fixture.h"

namespace callagent::media {
namespace {

class FileSourceTest : public CaptureTest {
protected:
    // Runs a gst-launch text that ends in a file of this name.
    std::string make(const std::string &name, const std::string &text)
    {
        auto path = folder / name;
        GError *failure = nullptr;
        const auto pipeline =
            glib::sink(gst_parse_launch((text + " ! filesink name=out").c_str(), &failure));
        if (!pipeline || failure)
            ADD_FAILURE() << glib::adopt(failure)->message;
        const auto out = glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
        g_object_set(out.get(), "location", path.c_str(), nullptr);
        gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
        const auto bus = glib::adopt(gst_element_get_bus(pipeline.get()));
        const auto message = glib::adopt(gst_bus_timed_pop_filtered(
            bus.get(), 30 * GST_SECOND,
            static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
        EXPECT_TRUE(message && GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS) << text;
        gst_element_set_state(pipeline.get(), GST_STATE_NULL);
        return path;
    }

    // A second of pictures that turn from black to white half-way, with noise from there on.
    std::string clip(const std::string &name, const std::string &video_encoder,
                     const std::string &audio_encoder, const std::string &muxer)
    {
        const auto raw_video = folder / "raw.i420", raw_audio = folder / "raw.s16";
        constexpr std::size_t kPixels = std::size_t{160} * 120;
        std::string picture(kPixels, '\x10');
        picture.append(kPixels / 2, '\x80');
        std::ofstream video(raw_video), audio(raw_audio);
        for (int i = 0; i < 30; ++i) {
            picture.replace(0, kPixels, kPixels, i < 15 ? '\x10' : '\xeb');
            video << picture;
        }
        for (int i = 0; i < 48000; ++i)
            audio << (i < 24000 ? std::string(4, '\0')
                                : std::string(i % 100 < 50 ? "\0\x30\0\x30" : "\0\xd0\0\xd0", 4));
        video.close();
        audio.close();
        return make(name, "filesrc location=" + raw_video +
                              " ! rawvideoparse format=i420 width=160 height=120 framerate=30/1 ! "
                              "videoconvert ! " +
                              video_encoder + " ! queue ! m.  filesrc location=" + raw_audio +
                              " ! rawaudioparse format=pcm pcm-format=s16le sample-rate=48000 "
                              "num-channels=2 ! audioconvert ! " +
                              audio_encoder + " ! queue ! m.  " + muxer + " name=m");
    }

    // When (on the timeline) the picture turns white, and the sound begins.
    GstClockTime white()
    {
        for (const auto &picture : pictures.entries)
            if (picture.data[0] > 128)
                return picture.pts;
        return 0;
    }
    GstClockTime beep()
    {
        for (const auto &buffer : sound.entries)
            for (std::size_t i = 0; i + 1 < buffer.data.size(); i += 2) {
                const auto sample = static_cast<gint16>(buffer.data[i] | buffer.data[i + 1] << 8);
                if (std::abs(sample) > 3000)
                    return buffer.pts + i / 4 * GST_SECOND / 48000;
            }
        return 0;
    }

    // Of stereo S16 at 48 kHz.
    double sound_seconds()
    {
        std::size_t bytes = 0;
        for (const auto &buffer : sound.entries)
            bytes += buffer.data.size();
        return static_cast<double>(bytes) / 4 / 48000;
    }

    const Folder folder;
};

struct Kind {
    const char *file, *video, *audio, *muxer;
};

class EveryFormat : public FileSourceTest, public testing::WithParamInterface<Kind> {};

TEST_P(EveryFormat, PlaysAtItsOwnPaceInSyncAndEndsOnce)
{
    const auto [file, video, audio, muxer] = GetParam();
    const auto path = clip(file, video, audio, muxer);
    auto capture = open("file:" + path, "file:" + path);
    ASSERT_TRUE(capture) << error;
    EXPECT_TRUE(capture->has(Medium::Video));
    EXPECT_TRUE(capture->has(Medium::Audio));
    EXPECT_EQ(pictures.size(), 0u) << "plays before it was started";

    const auto started = timeline.now();
    capture->start();
    ASSERT_TRUE(run_until([&] { return ends > 0; }));
    EXPECT_EQ(failures, 0) << reason;
    EXPECT_NEAR(static_cast<double>(pictures.size()), 30, 1);
    EXPECT_NEAR(sound_seconds(), 1, 0.06);  // codecs pad to whole frames
    EXPECT_LT(pictures.entries.front().pts - started, 100 * GST_MSECOND);
    EXPECT_NEAR(static_cast<double>(timeline.now() - started), 1e9, 150e6);
    EXPECT_NEAR(static_cast<double>(white()), static_cast<double>(beep()), 50e6);
    int late = 0;
    for (const auto &picture : pictures.entries) {
        EXPECT_GE(static_cast<double>(picture.arrived), static_cast<double>(picture.pts) - 40e6);
        late += picture.arrived > picture.pts + 40 * GST_MSECOND;
    }
    EXPECT_LE(late, 3) << "a busy machine has its moments";
    EXPECT_NE(pictures.back().caps.find("width=(int)160, height=(int)120"), std::string::npos)
        << pictures.back().caps;
    EXPECT_NE(sound.back().caps.find("channels=(int)2"), std::string::npos) << sound.back().caps;
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryFormat,
                         testing::Values(Kind{"a.webm", "vp8enc deadline=1", "opusenc", "webmmux"},
                                         Kind{"a.mp4", "x264enc", "avenc_aac", "mp4mux"},
                                         Kind{"with space & \"quotes\" #1.mkv", "x264enc",
                                              "flacenc", "matroskamux"},
                                         Kind{"a.ogg", "theoraenc", "vorbisenc", "oggmux"},
                                         Kind{"a.avi", "jpegenc", "identity", "avimux"}));

TEST_F(FileSourceTest, AFileWithoutSoundHasNone)
{
    const auto path = make("v.webm", "videotestsrc num-buffers=10 ! vp8enc deadline=1 ! webmmux");
    auto capture = open("file:" + path, "file:" + path);
    ASSERT_TRUE(capture) << error;
    EXPECT_TRUE(capture->has(Medium::Video));
    EXPECT_FALSE(capture->has(Medium::Audio));
    capture->start();
    EXPECT_TRUE(run_until([&] { return ends == 1; }));
    EXPECT_FALSE(open("none", "file:" + path));
    EXPECT_NE(error.find("holds no sound"), std::string::npos) << error;
}

TEST_F(FileSourceTest, AFileWithoutPictureIsTakenForItsSoundOnly)
{
    const auto path = make("a.wav", "audiotestsrc num-buffers=20 ! wavenc");
    auto capture = open("none", "file:" + path);
    ASSERT_TRUE(capture) << error;
    EXPECT_FALSE(capture->has(Medium::Video));
    capture->start();
    EXPECT_TRUE(run_until([&] { return ends == 1; }));
    EXPECT_NE(sound.back().caps.find("rate=(int)48000"), std::string::npos);

    EXPECT_FALSE(open("file:" + path, "file:" + path));
    EXPECT_NE(error.find("holds no picture"), std::string::npos) << error;
    EXPECT_NE(error.find("--audio file:" + path), std::string::npos) << error;
}

TEST_F(FileSourceTest, PictureAndSoundMayComeFromTwoFilesOrOnlyOneBeAFile)
{
    const auto video = make("v.webm", "videotestsrc num-buffers=10 ! vp8enc deadline=1 ! webmmux");
    const auto audio = make("a.wav", "audiotestsrc num-buffers=20 ! wavenc");
    auto capture = open("file:" + video, "file:" + audio);
    ASSERT_TRUE(capture) << error;
    capture->start();
    EXPECT_TRUE(run_until([&] { return ends == 1; }));
    EXPECT_EQ(pictures.size(), 10u);
    EXPECT_GT(sound.size(), 10u);

    capture = open("file:" + video, "test");
    ASSERT_TRUE(capture) << error;
    capture->start();
    EXPECT_TRUE(run_until([&] { return ends == 2; })) << "the file's end is the end";
}

TEST_F(FileSourceTest, ALargeAndFastPictureIsMadeToFit)
{
    const auto path =
        make("v.webm",
             "videotestsrc num-buffers=60 ! video/x-raw,width=400,height=100,framerate=60/1"
             " ! vp8enc deadline=1 ! webmmux");
    auto capture = open("file:" + path, "none", {200, 200, 30});
    ASSERT_TRUE(capture) << error;
    capture->start();
    EXPECT_TRUE(run_until([&] { return ends == 1; }));
    EXPECT_NEAR(static_cast<double>(pictures.size()), 30, 2);
    EXPECT_NE(pictures.back().caps.find("width=(int)200, height=(int)50"), std::string::npos)
        << pictures.back().caps;
    EXPECT_NE(pictures.back().caps.find("framerate=(fraction)30/1"), std::string::npos)
        << pictures.back().caps;
}

TEST_F(FileSourceTest, WhatIsWrongWithAFileIsSaidAtOnce)
{
    std::ofstream(folder / "text.mp4") << "this is no film\n";
    std::ofstream(folder / "empty.mp4") << "";
    std::ofstream(folder / "garbage.webm") << std::string(100'000, '\x17');
    const auto subtitle = folder / "x.srt";
    std::ofstream(subtitle) << "1\n00:00:01,000 --> 00:00:02,000\nHello\n";
    const std::pair<std::string, const char *> wrong[] = {{folder / "nothing.mp4", "No such file"},
                                                          {folder / ".", "directory"},
                                                          {"", "PATH"},
                                                          {folder / "empty.mp4", "empty"},
                                                          {folder / "text.mp4", ""},
                                                          {folder / "garbage.webm", ""},
                                                          {subtitle, ""}};
    for (const auto &[path, why] : wrong) {
        error.clear();
        EXPECT_FALSE(open("file:" + path, "file:" + path)) << path;
        EXPECT_EQ(error.find("--video file:" + path + ": "), 0u) << error;
        EXPECT_NE(error.find(why), std::string::npos) << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
}

TEST_F(FileSourceTest, AFileThatIsCutOffPlaysToWhereItEnds)
{
    const auto path = clip("a.webm", "vp8enc deadline=1", "opusenc", "webmmux");
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    auto capture = open("file:" + path, "file:" + path);
    ASSERT_TRUE(capture) << error;
    capture->start();
    EXPECT_TRUE(run_until([&] { return ends + failures > 0; }));
    EXPECT_GT(pictures.size() + sound.size(), 5u);
}

TEST_F(FileSourceTest, ADecoderThatIsMissingIsNamed)
{
    const auto path = make("v.ogg", "videotestsrc num-buffers=10 ! theoraenc ! oggmux");
    auto *registry = gst_registry_get();
    std::vector<std::pair<GstPluginFeature *, guint>> hidden;
    for (const char *decoder : {"theoradec", "avdec_theora"})
        if (auto *feature = gst_registry_lookup_feature(registry, decoder)) {
            hidden.emplace_back(feature, gst_plugin_feature_get_rank(feature));
            gst_plugin_feature_set_rank(feature, GST_RANK_NONE);
        }
    EXPECT_FALSE(open("file:" + path, "file:" + path));
    EXPECT_NE(error.find("Theora"), std::string::npos) << error;
    EXPECT_NE(error.find("apt install"), std::string::npos) << error;
    for (const auto &[feature, rank] : hidden) {
        gst_plugin_feature_set_rank(feature, rank);
        gst_object_unref(feature);
    }
}

// A pipe that nobody writes to: opening it blocks, and closing a pipeline that is opening it as
// well.
TEST_F(FileSourceTest, AFileThatHangsIsGivenUp)
{
    const auto path = folder / "pipe.mp4";
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(open("file:" + path, "file:" + path));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(8));
    EXPECT_NE(error.find("5 s"), std::string::npos) << error;
    std::ofstream writer(path);  // lets the thread that was left behind go
}

}  // namespace
}  // namespace callagent::media
