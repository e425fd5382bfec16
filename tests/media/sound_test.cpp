// Microphone and loudspeaker with a PulseAudio of the test's own.
#include <atomic>
#include <cmath>
#include <fstream>

#include "media/playback.h"
#include "tests/media/capture_fixture.h"
#include "tests/media/servers.h"

namespace callagent::media {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The largest sample.
int peak(const std::vector<guint8> &data)
{
    int most = 0;
    for (std::size_t i = 0; i + 1 < data.size(); i += 2)
        most = std::max(
            most, std::abs(static_cast<int>(static_cast<gint16>(data[i] | data[i + 1] << 8))));
    return most;
}

class SoundTest : public CaptureTest {
protected:
    void SetUp() override
    {
        ASSERT_TRUE(server.running());
        // The device provider of 1.22 reports a failed connection as if it were an element.
        g_log_set_always_fatal(G_LOG_LEVEL_ERROR);
    }

    std::unique_ptr<Playback> play(const std::string &sink = "auto")
    {
        Playback::Handlers handlers;
        handlers.failed = [this](const Failure &failure) {
            ++failures;
            reason = failure.reason;
        };
        handlers.warning = [this](const Warning &warning) {
            warnings.push_back(warning.code + ": " + warning.message);
        };
        auto playback =
            Playback::open({"none", sink, "test"}, timeline, Pipelines(), std::move(handlers));
        if (!playback) {
            error = playback.error();
            return nullptr;
        }
        return std::move(*playback);
    }

    bool warned(const std::string &code) const
    {
        return std::any_of(warnings.begin(), warnings.end(),
                           [&](const auto &one) { return one.starts_with(code); });
    }

    // The loudspeaker's monitor, once a sound has come out of the loudspeaker.
    std::unique_ptr<Capture> heard()
    {
        auto monitor = open("none", "mic:spk.monitor");  // its feed is `sound`
        if (!monitor)
            return nullptr;
        monitor->start();
        const auto loud = [&] { return sound.size() > 0 && peak(sound.back().data) > 3000; };
        return run_until(loud) ? std::move(monitor) : nullptr;
    }

    // A tone at the monitor: at most one in fifty of so many times 10 ms has a gap.
    void expect_no_gaps(std::size_t count)
    {
        const auto monitor = heard();
        ASSERT_TRUE(monitor) << error << reason;
        const auto from = sound.size() + 50;
        ASSERT_TRUE(run_until([&] { return sound.size() >= from + count; }));
        std::size_t gaps = 0;
        for (std::size_t i = from; i < from + count; ++i)
            gaps += peak(sound.entries[i].data) < 3000;
        EXPECT_LE(gaps, count / 50) << "of " << count;
        EXPECT_EQ(failures, 0) << reason;
        EXPECT_TRUE(warnings.empty()) << warnings.front();
    }

    SoundServer server;
    std::vector<std::string> warnings;
};

TEST_F(SoundTest, TheMicrophoneIsHeardSoonAfterItHears)
{
    auto capture = open("none", "mic");
    ASSERT_TRUE(capture) << error;
    capture->start();
    ASSERT_TRUE(run_until([&] { return sound.size() >= 20; })) << reason;
    EXPECT_NE(sound.back().caps.find("rate=(int)48000"), std::string::npos) << sound.back().caps;
    const auto &entry = sound.entries[19];
    EXPECT_LT(entry.arrived - entry.pts, 200 * GST_MSECOND);
    EXPECT_LT(entry.pts, entry.arrived + 10 * GST_MSECOND);

    Child tone({"gst-launch-1.0", "audiotestsrc", "!", "pulsesink", "device=micfeed"});
    EXPECT_TRUE(run_until([&] { return peak(sound.back().data) > 3000; }));
    EXPECT_EQ(failures, 0) << reason;
}

TEST_F(SoundTest, AMicrophoneMayBeNamed)
{
    auto capture = open("none", "mic:spk.monitor");
    ASSERT_TRUE(capture) << error;
    capture->start();
    EXPECT_TRUE(run_until([&] { return sound.size() >= 5; })) << reason;

    capture = open("none", "mic:nowhere");
    ASSERT_TRUE(capture) << error;
    capture->start();
    ASSERT_TRUE(run_until([&] { return failures > 0; }));
    EXPECT_EQ(
        reason.find("--audio mic:nowhere: nowhere: the sound server knows no such microphone"), 0u)
        << reason;
    EXPECT_NE(reason.find("--audio mic:mic"), std::string::npos) << reason;
}

TEST_F(SoundTest, ASoundServerThatGoesAwayFailsTheMicrophoneOnce)
{
    auto capture = open("none", "mic");
    ASSERT_TRUE(capture) << error;
    capture->start();
    ASSERT_TRUE(run_until([&] { return sound.size() >= 5; }));
    server.stop(SIGKILL);
    ASSERT_TRUE(run_until([&] { return failures > 0; }));
    EXPECT_NE(reason.find("the sound server went away"), std::string::npos) << reason;
    capture.reset();
    EXPECT_FALSE(open("none", "mic"));
    EXPECT_NE(error.find("no sound server"), std::string::npos) << error;
    EXPECT_NE(error.find("--audio test"), std::string::npos) << error;
    EXPECT_EQ(failures, 1);
}

TEST_F(SoundTest, ASoundServerThatStopsIsAStallAndComesBack)
{
    auto capture = open("none", "mic");
    ASSERT_TRUE(capture) << error;
    capture->start();
    ASSERT_TRUE(run_until([&] { return sound.size() >= 5; }));
    server.pause();
    EXPECT_TRUE(run_until([&] { return !stalled.empty(); }));
    EXPECT_EQ(stalled, std::vector{Medium::Audio});
    server.go_on();
    EXPECT_TRUE(run_until([&] { return !resumed.empty(); }));
    EXPECT_EQ(failures, 0) << reason;
}

TEST_F(SoundTest, ASoundServerThatNeverAnswersFailsTheMicrophoneByName)
{
    server.pause();
    auto capture = open("none", "mic");
    ASSERT_TRUE(capture) << error;
    capture->start();
    const auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(run_until([&] { return failures > 0; }));
    EXPECT_NE(reason.find("--audio mic: no sound within 5 s"), std::string::npos) << reason;
    capture.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(8)) << "closing must not hang";
    server.stop(SIGKILL);
}

TEST_F(SoundTest, AMicrophoneThatIsTakenAwayIsSaid)
{
    Capture::Handlers handlers;
    std::vector<Warning> got;
    handlers.warning = [&](const Warning &warning) { got.push_back(warning); };
    auto capture = Capture::open({"none", "mic", {}}, timeline, Pipelines(), std::move(handlers));
    ASSERT_TRUE(capture) << capture.error();
    (*capture)->set_feed(Medium::Audio, sound.feed(timeline));
    (*capture)->start();
    ASSERT_TRUE(run_until([&] { return sound.size() >= 10; }));
    ASSERT_TRUE(SoundServer::run("pactl unload-module module-remap-source"));
    EXPECT_TRUE(run_until([&] { return !got.empty(); }));
    ASSERT_FALSE(got.empty());
    EXPECT_EQ(got[0].code, "microphone-moved");
    EXPECT_NE(got[0].message.find(".monitor instead, which is what a loudspeaker plays"),
              std::string::npos)
        << got[0].message;
}

// A tone through the loudspeaker, heard at its monitor: how many of its 10 ms have a gap.
TEST_F(SoundTest, TheLoudspeakerPlaysWithoutGaps)
{
    auto playback = play();
    ASSERT_TRUE(playback) << error;
    playback->set_delay(10 * GST_MSECOND);
    auto tone = open("none", "test");
    ASSERT_TRUE(tone) << error;
    tone->set_feed(Medium::Audio,
                   [&](GstSample *sample) { playback->push(Medium::Audio, sample); });
    tone->start();

    expect_no_gaps(200);
}

// The same while the delay changes, which takes as many milliseconds more or less of the tone.
TEST_F(SoundTest, TheDelayChangesWithoutGaps)
{
    auto playback = play();
    ASSERT_TRUE(playback) << error;
    auto tone = open("none", "test");
    ASSERT_TRUE(tone) << error;
    std::atomic<int> pushed{0};
    tone->set_feed(Medium::Audio, [&](GstSample *sample) {
        constexpr int kEach = 50;  // a second of it
        const bool late = ++pushed / kEach % 2 == 1;
        playback->set_delay((late ? 250 : 60) * GST_MSECOND);
        playback->push(Medium::Audio, sample);
    });
    tone->start();

    expect_no_gaps(400);
    EXPECT_GT(pushed, 200);
}

// In this test and the next, sound is heard before the server dies: when it dies before, pulsesink
// of 1.22 posts its error with its own lock held, and with it keeps the lock that all pulsesinks
// share.
TEST_F(SoundTest, ASoundServerThatIsRestartedIsPlayedToAgain)
{
    auto playback = play();
    ASSERT_TRUE(playback) << error;
    auto tone = open("none", "test");
    tone->set_feed(Medium::Audio,
                   [&](GstSample *sample) { playback->push(Medium::Audio, sample); });
    tone->start();
    ASSERT_TRUE(heard()) << error << reason;
    server.stop(SIGKILL);
    ASSERT_TRUE(run_until([&] { return warned("audio-sink-lost"); }));
    server.start();
    EXPECT_TRUE(run_until([&] { return warned("audio-sink-back"); })) << reason;
    EXPECT_TRUE(
        run_until([&] { return SoundServer::run("pactl list short sink-inputs | grep -q ."); }));
    EXPECT_EQ(failures, 0) << reason;
}

TEST_F(SoundTest, ASoundServerThatStaysAwayFailsTheLoudspeaker)
{
    auto playback = play();
    ASSERT_TRUE(playback) << error;
    auto tone = open("none", "test");
    tone->set_feed(Medium::Audio,
                   [&](GstSample *sample) { playback->push(Medium::Audio, sample); });
    tone->start();
    ASSERT_TRUE(heard()) << error << reason;
    server.stop(SIGKILL);
    ASSERT_TRUE(run_until([&] { return failures > 0; }));
    EXPECT_EQ(reason.find("--audio-sink auto: "), 0u) << reason;
    EXPECT_NE(reason.find("--audio-sink none"), std::string::npos) << reason;
    tone->set_feed(Medium::Audio, {});
    playback.reset();
    EXPECT_FALSE(play());
    EXPECT_NE(error.find("--audio-sink none"), std::string::npos) << error;
    EXPECT_EQ(failures, 1);
}

}  // namespace
}  // namespace callagent::media
