#include "media/recorder.h"

#include <csignal>
#include <fstream>

#include <gst/app/app.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "glib/loop.h"
#include "tests/media/support.h"

namespace callagent::media {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What a file holds, as GStreamer decodes it.
struct Decoded {
    int pictures = 0;
    GstClockTime first_picture = GST_CLOCK_TIME_NONE, last_picture = 0;
    GstClockTime first_sound = GST_CLOCK_TIME_NONE, last_sound = 0;
    std::vector<int> widths;
    std::string error;
};

void note(GstPad *pad, GstPadProbeInfo *info, Decoded *into)
{
    const auto pts = GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info));
    const auto caps = glib::adopt(gst_pad_get_current_caps(pad));
    const auto *structure = gst_caps_get_structure(caps.get(), 0);
    const bool video = g_str_has_prefix(gst_structure_get_name(structure), "video/");
    auto &first = video ? into->first_picture : into->first_sound;
    if (first == GST_CLOCK_TIME_NONE)
        first = pts;
    (video ? into->last_picture : into->last_sound) = pts;
    if (!video)
        return;
    ++into->pictures;
    int width = 0;
    gst_structure_get_int(structure, "width", &width);
    if (into->widths.empty() || into->widths.back() != width)
        into->widths.push_back(width);
}

Decoded decode(const std::string &path)
{
    Decoded result;
    const auto pipeline = glib::sink(
        gst_parse_launch(("filesrc location=" + path + " ! decodebin name=d").c_str(), nullptr));
    const auto decoder = glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "d"));
    struct Context {
        GstElement *pipeline;
        Decoded *result;
    } context{pipeline.get(), &result};
    g_signal_connect(decoder.get(), "pad-added",
                     G_CALLBACK(+[](GstElement *, GstPad *pad, Context *to) {
                         auto *sink = gst_element_factory_make("fakesink", nullptr);
                         g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
                         gst_bin_add(GST_BIN(to->pipeline), sink);
                         const auto in = glib::adopt(gst_element_get_static_pad(sink, "sink"));
                         gst_pad_add_probe(
                             in.get(), GST_PAD_PROBE_TYPE_BUFFER,
                             [](GstPad *at, GstPadProbeInfo *info, gpointer into) {
                                 note(at, info, static_cast<Decoded *>(into));
                                 return GST_PAD_PROBE_OK;
                             },
                             to->result, nullptr);
                         gst_pad_link(pad, in.get());
                         gst_element_sync_state_with_parent(sink);
                     }),
                     &context);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const auto bus = glib::adopt(gst_element_get_bus(pipeline.get()));
    const auto message = glib::adopt(gst_bus_timed_pop_filtered(
        bus.get(), 20 * GST_SECOND,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    if (!message) {
        result.error = "no end";
    } else if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
        GError *error = nullptr;
        gst_message_parse_error(message.get(), &error, nullptr);
        result.error = glib::adopt(error)->message;
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return result;
}

// Encoded samples, on the timeline, as an endpoint would hand them over: as fast as they are made
// where `live` is false (their PTS counts from `start`).
class Encoder {
public:
    Encoder(const std::string &text, Medium medium, Recorder &recorder, GstClockTime start)
        : pipeline_(glib::sink(
              gst_parse_launch((text + " ! appsink name=out sync=false").c_str(), nullptr))),
          out_(glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "out"))),
          medium_(medium),
          recorder_(recorder),
          start_(start)
    {
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }
    ~Encoder() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    Encoder(const Encoder &) = delete;
    Encoder &operator=(const Encoder &) = delete;

    // Hands on the next sample; false at the end.
    bool step()
    {
        const auto sample = glib::adopt(gst_app_sink_pull_sample(GST_APP_SINK(out_.get())));
        if (!sample)
            return false;
        const auto buffer = glib::adopt(gst_buffer_copy(gst_sample_get_buffer(sample.get())));
        GST_BUFFER_PTS(buffer.get()) =
            start_ + gst_segment_to_running_time(gst_sample_get_segment(sample.get()),
                                                 GST_FORMAT_TIME, GST_BUFFER_PTS(buffer.get()));
        GST_BUFFER_DTS(buffer.get()) = GST_CLOCK_TIME_NONE;
        at_ = GST_BUFFER_PTS(buffer.get());
        const auto placed = glib::adopt(
            gst_sample_new(buffer.get(), gst_sample_get_caps(sample.get()), nullptr, nullptr));
        recorder_.push(medium_, placed.get());
        return true;
    }
    GstClockTime at() const { return at_; }

private:
    glib::Ptr<GstElement> pipeline_, out_;
    Medium medium_;
    Recorder &recorder_;
    GstClockTime start_;
    GstClockTime at_ = 0;
};

std::string video(const std::string &encoder, int pictures, int width = 160)
{
    return "videotestsrc num-buffers=" + std::to_string(pictures) +
           " ! video/x-raw,framerate=30/1,height=120,width=" + std::to_string(width) + " ! " +
           encoder;
}

std::string sound(int buffers)
{
    return "audiotestsrc samplesperbuffer=960 num-buffers=" + std::to_string(buffers) +
           " ! audio/x-raw,rate=48000,channels=1 ! opusenc";
}

constexpr const char *kVp8 = "vp8enc deadline=1 keyframe-max-dist=30";

class RecorderTest : public testing::Test {
protected:
    std::unique_ptr<Recorder> open(const std::string &path, bool with_audio = true,
                                   bool with_video = true)
    {
        auto recorder = Recorder::open(path, timeline, [this](const Failure &failure) {
            ++failures;
            reason = failure.reason;
        });
        if (!recorder) {
            reason = recorder.error();
            return nullptr;
        }
        (*recorder)->expect(with_audio, with_video);
        return std::move(*recorder);
    }

    // Both media, in the order of their timestamps.
    void run(Encoder &a, Encoder &b)
    {
        bool more_a = true, more_b = true;
        while (more_a || more_b) {
            if (more_a && (!more_b || a.at() <= b.at()))
                more_a = a.step();
            else
                more_b = b.step();
            g_main_context_iteration(nullptr, FALSE);
        }
    }

    const Folder folder;
    Timeline timeline;
    int failures = 0;
    std::string reason;
};

class EveryContainer : public RecorderTest,
                       public testing::WithParamInterface<std::pair<const char *, const char *>> {};

TEST_P(EveryContainer, HoldsPicturesAndSoundFromZeroOnWithTheirOffset)
{
    const auto path = folder / (std::string("x") + GetParam().second);
    auto recorder = open(path);
    ASSERT_TRUE(recorder) << reason;
    {
        const auto start = 100 * GST_SECOND;
        Encoder pictures(video(GetParam().first, 60), Medium::Video, *recorder,
                         start + 400 * GST_MSECOND);
        Encoder tone(sound(120), Medium::Audio, *recorder, start);
        run(pictures, tone);
    }
    const auto finished = recorder->finish();
    EXPECT_TRUE(finished) << finished.error();
    EXPECT_EQ(failures, 0) << reason;
    const auto decoded = decode(path);
    EXPECT_EQ(decoded.error, "");
    EXPECT_EQ(decoded.pictures, 60);
    EXPECT_LT(decoded.first_sound, 30 * GST_MSECOND);
    EXPECT_NEAR(static_cast<double>(decoded.first_picture), 400e6, 30e6);
    EXPECT_NEAR(static_cast<double>(decoded.last_sound), 2.4e9, 60e6);
}

INSTANTIATE_TEST_SUITE_P(
    Codecs, EveryContainer,
    testing::Values(std::pair{kVp8, ".webm"}, std::pair{kVp8, ".mkv"},
                    std::pair{"vp9enc deadline=1 cpu-used=8", ".webm"},
                    std::pair{"x264enc tune=zerolatency ! "
                              "video/x-h264,stream-format=byte-stream,profile=baseline",
                              ".mkv"}));

TEST_F(RecorderTest, APictureSizeThatChangesInMidStreamIsKept)
{
    for (const std::string &codec :
         {std::string(kVp8), std::string("vp9enc deadline=1 cpu-used=8"),
          std::string("x264enc tune=zerolatency ! video/x-h264,stream-format=byte-stream")}) {
        const auto path = folder / "x.mkv";
        auto recorder = open(path, false, true);
        for (int i = 0; i < 3; ++i) {
            Encoder pictures(video(codec, 10, i == 1 ? 320 : 160), Medium::Video, *recorder,
                             static_cast<GstClockTime>(i) * GST_SECOND);
            while (pictures.step())
                g_main_context_iteration(nullptr, FALSE);
        }
        EXPECT_TRUE(recorder->finish());
        EXPECT_EQ(failures, 0) << reason;
        const auto decoded = decode(path);
        EXPECT_EQ(decoded.error, "") << codec;
        EXPECT_EQ(decoded.pictures, 30) << codec;
        EXPECT_EQ(decoded.widths, (std::vector<int>{160, 320, 160})) << codec;
    }
}

TEST_F(RecorderTest, PicturesBeforeTheFirstKeyframeAreLeftOut)
{
    const auto path = folder / "x.webm";
    auto recorder = open(path, false, true);
    Encoder pictures(
        video("vp8enc deadline=1 keyframe-max-dist=10 ! identity drop-buffer-flags=0", 30),
        Medium::Video, *recorder, 0);
    recorder->expect(false, false);
    for (int i = 0; i < 5; ++i)
        pictures.step();
    recorder->expect(false, true);
    while (pictures.step()) {
    }
    EXPECT_TRUE(recorder->finish());
    const auto decoded = decode(path);
    EXPECT_EQ(decoded.pictures, 20);
    EXPECT_EQ(decoded.first_picture, 0u);
}

// Sound goes on while no picture comes: it must get into the file after a while, not be lost.
TEST_F(RecorderTest, ATrackThatStopsDoesNotHoldTheOtherForGood)
{
    const auto path = folder / "x.mkv";
    auto recorder = open(path);
    {
        Encoder pictures(video(kVp8, 10), Medium::Video, *recorder, timeline.now());
        Encoder tone(
            "audiotestsrc is-live=true samplesperbuffer=960 num-buffers=1100"
            " ! audio/x-raw,rate=48000,channels=1 ! opusenc",
            Medium::Audio, *recorder, timeline.now());
        while (pictures.step()) {
        }
        while (tone.step())
            while (g_main_context_iteration(nullptr, FALSE)) {
            }
        EXPECT_TRUE(run_until([&] { return decode(path).last_sound > 21 * GST_SECOND; }));
        Encoder again(video(kVp8, 10), Medium::Video, *recorder, timeline.now());
        while (again.step()) {
        }
    }
    EXPECT_TRUE(recorder->finish());
    const auto decoded = decode(path);
    EXPECT_EQ(decoded.error, "");
    EXPECT_EQ(decoded.pictures, 10);
    EXPECT_GT(decoded.last_sound, 21900 * GST_MSECOND);
}

TEST_F(RecorderTest, APromisedTrackThatNeverComesIsLeftOutAtTheEnd)
{
    const auto path = folder / "x.mkv";
    auto recorder = open(path);
    Encoder tone(sound(50), Medium::Audio, *recorder, 0);
    while (tone.step()) {
    }
    EXPECT_TRUE(recorder->finish());
    const auto decoded = decode(path);
    EXPECT_EQ(decoded.error, "");
    EXPECT_GT(decoded.last_sound, 900 * GST_MSECOND);
}

TEST_F(RecorderTest, WebMWithH264NamesTheWaysOut)
{
    auto recorder = open(folder / "x.webm", false, true);
    Encoder pictures(video("x264enc tune=zerolatency", 3), Medium::Video, *recorder, 0);
    while (pictures.step()) {
    }
    ASSERT_TRUE(run_until([&] { return failures > 0; }));
    EXPECT_NE(reason.find(".mkv"), std::string::npos) << reason;
    EXPECT_NE(reason.find("--video-codec vp8,vp9"), std::string::npos) << reason;
    EXPECT_FALSE(recorder->finish());
    EXPECT_EQ(failures, 1);
}

TEST_F(RecorderTest, AnUnwritableFileIsKnownBeforeTheCall)
{
    EXPECT_FALSE(open(folder / "no/such/folder/x.mkv"));
    EXPECT_NE(reason.find("No such file"), std::string::npos) << reason;
    EXPECT_FALSE(open(folder / "x.avi"));
    EXPECT_NE(reason.find(".webm"), std::string::npos) << reason;
    EXPECT_FALSE(open("/proc/x.mkv"));
}

// Records in real time in a child process until it is killed; GStreamer's threads do not survive a
// fork, so the child is this program again.
TEST_F(RecorderTest, AKilledProcessLeavesAPlayableFile)
{
    if (const char *path = g_getenv("RECORD_UNTIL_KILLED")) {
        auto recorder = open(path);
        Encoder pictures(
            "videotestsrc is-live=true ! video/x-raw,framerate=30/1,width=160,height=120 ! " +
                std::string(kVp8),
            Medium::Video, *recorder, timeline.now());
        Encoder tone(
            "audiotestsrc is-live=true samplesperbuffer=960 "
            "! audio/x-raw,rate=48000,channels=1 ! opusenc",
            Medium::Audio, *recorder, timeline.now());
        for (int i = 0;; ++i) {
            if (pictures.at() <= tone.at())
                pictures.step();
            else
                tone.step();
            while (g_main_context_iteration(nullptr, FALSE)) {
            }
            std::ofstream(std::string(path) + ".progress") << pictures.at() / GST_MSECOND;
        }
    }
    const auto path = folder / "killed.mkv";
    g_setenv("RECORD_UNTIL_KILLED", path.c_str(), TRUE);
    const char *arguments[] = {
        "/proc/self/exe", "--gtest_filter=RecorderTest.AKilledProcessLeavesAPlayableFile", nullptr};
    const auto child = fork();
    if (child == 0) {
        execv(arguments[0], const_cast<char *const *>(arguments));
        _exit(1);
    }
    g_unsetenv("RECORD_UNTIL_KILLED");
    std::uint64_t first = 0, progress = 0;
    EXPECT_TRUE(run_until([&] {
        std::ifstream(path + ".progress") >> progress;
        first = first ? first : progress;
        return first && progress > first + 3000;
    }));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    const auto decoded = decode(path);
    EXPECT_EQ(decoded.error, "");
    EXPECT_GT(decoded.pictures, 60) << "of 90";
    EXPECT_GT(decoded.last_picture, 2000 * GST_MSECOND);
    EXPECT_GT(decoded.last_sound, 2000 * GST_MSECOND);
}

// The limit of a file's size stands in for a disk that is full: write() fails in mid-file.
TEST_F(RecorderTest, AFullDiskIsSaidOnceAndLeavesAPlayableFile)
{
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{100'000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);

    const auto path = folder / "x.mkv";
    auto recorder = open(path, false, true);
    Encoder pictures(video("vp8enc deadline=1 target-bitrate=4000000 keyframe-max-dist=10"
                           " ! identity sleep-time=2000",
                           300, 640),
                     Medium::Video, *recorder, 0);
    while (pictures.step())
        g_main_context_iteration(nullptr, FALSE);
    EXPECT_TRUE(run_until([&] { return failures > 0; }));
    const auto finished = recorder->finish();
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_DFL);

    EXPECT_FALSE(finished);
    EXPECT_EQ(failures, 1);
    EXPECT_NE(reason.find(path), std::string::npos) << reason;
    EXPECT_EQ(finished.error(), reason);
    const auto decoded = decode(path);
    EXPECT_GT(decoded.pictures, 5) << decoded.error;
}

TEST_F(RecorderTest, FinishingDoesNotTakeLong)
{
    auto recorder = open(folder / "x.mkv");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(recorder->finish()) << "nothing came, nothing is wrong";
    EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(500));
}

TEST_F(RecorderTest, ASnapshotIsAPngOfThePicture)
{
    const auto pipeline =
        glib::sink(gst_parse_launch("videotestsrc num-buffers=1 ! "
                                    "video/x-raw,format=I420,width=64,height=48 ! appsink name=out",
                                    nullptr));
    const auto out = glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const auto sample = glib::adopt(gst_app_sink_pull_sample(GST_APP_SINK(out.get())));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    ASSERT_TRUE(sample);

    const auto path = folder / "x.png";
    const auto written = write_snapshot(path, sample.get());
    ASSERT_TRUE(written) << written.error();
    const auto decoded = decode(path);
    EXPECT_EQ(decoded.pictures, 1);
    EXPECT_EQ(decoded.widths, std::vector<int>{64});
    int files = 0;
    for (const auto &entry : std::filesystem::directory_iterator(folder / "."))
        files += entry.is_regular_file();
    EXPECT_EQ(files, 1) << "a temporary file is left";

    EXPECT_TRUE(check_snapshot(folder / "y.png"));
    EXPECT_FALSE(std::filesystem::exists(folder / "y.png"));
    EXPECT_FALSE(check_snapshot(folder / "no/x.png"));
    EXPECT_FALSE(write_snapshot(folder / "no/x.png", sample.get()));
    EXPECT_FALSE(write_snapshot(path, nullptr));
}

}  // namespace
}  // namespace callagent::media
