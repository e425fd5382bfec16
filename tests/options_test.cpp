#include "options.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>

namespace callagent {
namespace {

using Arguments = std::vector<const char *>;

std::variant<Options, Leave> parse(const Arguments &arguments)
{
    Arguments all{"callagent"};
    std::copy(arguments.begin(), arguments.end(), std::back_inserter(all));
    return parse_options(static_cast<int>(all.size()), all.data());
}

Options good(const Arguments &arguments)
{
    auto result = parse(arguments);
    if (const auto *leave = std::get_if<Leave>(&result)) {
        ADD_FAILURE() << leave->text;
        return {};
    }
    return std::get<Options>(std::move(result));
}

// The sentence of a mistake.
std::string bad(const Arguments &arguments)
{
    const auto result = parse(arguments);
    const auto *leave = std::get_if<Leave>(&result);
    if (!leave) {
        ADD_FAILURE() << "was accepted";
        return {};
    }
    EXPECT_EQ(leave->exit, Exit::Usage);
    EXPECT_TRUE(leave->text.starts_with("callagent: ")) << leave->text;
    EXPECT_EQ(leave->text.find('\n'), leave->text.size() - 1) << leave->text;
    return leave->text;
}

bool contains(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

// Environment variables and files for one test; gone after it.
class OptionsTest : public ::testing::Test {
public:
    OptionsTest()
    {
        unsetenv("CALLAGENT_PIPELINES");  // the test environment's own
        std::string pattern = std::filesystem::temp_directory_path() / "callagent-options-XXXXXX";
        folder_ = mkdtemp(pattern.data());
    }
    ~OptionsTest() override
    {
        for (const auto &name : set_)
            unsetenv(name.c_str());
        std::filesystem::remove_all(folder_);
    }

protected:
    void environment(const std::string &name, const std::string &value)
    {
        setenv(name.c_str(), value.c_str(), 1);
        set_.push_back(name);
    }

    std::string file(const std::string &name, const std::string &text)
    {
        const auto path = folder_ / name;
        std::ofstream(path) << text;
        return path;
    }

private:
    std::vector<std::string> set_;
    std::filesystem::path folder_;
};

}  // namespace

TEST_F(OptionsTest, Defaults)
{
    const auto answer = good({"--answer"});
    EXPECT_EQ(answer.mode, Options::Mode::Answer);
    EXPECT_EQ(answer.url, "");
    EXPECT_FALSE(answer.listen);
    EXPECT_EQ(answer.wait_timeout.count(), 0);
    EXPECT_EQ(answer.duration.count(), 0);
    EXPECT_EQ(answer.stun, "stun://stun.l.google.com:19302");
    EXPECT_EQ(answer.video, "camera");
    EXPECT_EQ(answer.audio, "mic");
    EXPECT_EQ(answer.video_sink, "auto");
    EXPECT_EQ(answer.format, VideoFormat{});
    EXPECT_EQ(answer.video_bitrate, (BitrateRange{50'000, 300'000, 1'500'000}));
    EXPECT_EQ(answer.audio_bitrate, 48'000);
    EXPECT_EQ(answer.stats_interval.count(), 1000);
    EXPECT_TRUE(answer.ice_tcp);

    EXPECT_EQ(good({"--offer"}).wait_timeout, std::chrono::seconds(30));
    EXPECT_EQ(good({"--offer", "--wait-timeout", "0"}).wait_timeout.count(), 0);
    EXPECT_EQ(good({"--relay"}).listen->port, 3000);
    EXPECT_EQ(good({"--relay"}).listen->host, "localhost");
    EXPECT_EQ(good({"--list-devices"}).mode, Options::Mode::ListDevices);
    EXPECT_EQ(good({"--doctor"}).mode, Options::Mode::Doctor);
}

TEST_F(OptionsTest, EverythingAtOnce)
{
    const auto o = good({"--offer",
                         "https://calls.example.org/room",
                         "--to",
                         "482193",
                         "--number",
                         "007",
                         "--ca",
                         "ca.pem",
                         "--insecure",
                         "--token",
                         "secret",
                         "--wait-timeout",
                         "1.5",
                         "--duration",
                         "10",
                         "--keep",
                         "--allow-one-way",
                         "--stun",
                         "none",
                         "--turn",
                         "turn://u:p@h",
                         "--turn",
                         "turns://u:p@h",
                         "--ice-policy",
                         "relay",
                         "--port-range",
                         "50000-50100",
                         "--no-ice-tcp",
                         "--bind-address",
                         "::1",
                         "--video",
                         "videotestsrc ! identity",
                         "--audio",
                         "none",
                         "--video-sink",
                         "none",
                         "--audio-sink",
                         "fakesink ! x",
                         "--video-codec",
                         "h264,vp9",
                         "--size",
                         "1280x720",
                         "--framerate",
                         "25",
                         "--playout-delay",
                         "20-300",
                         "--video-bitrate",
                         "2.5M",
                         "--audio-bitrate",
                         "64k",
                         "--record",
                         "OUT.MKV",
                         "--snapshot",
                         "x.png",
                         "--pipelines",
                         "mine",
                         "--events",
                         "-",
                         "--stats-interval",
                         "0.2",
                         "-vv"});
    EXPECT_EQ(o.url, "https://calls.example.org/room");
    EXPECT_EQ(o.to, "482193");
    EXPECT_EQ(o.number, "007");
    EXPECT_EQ(o.ca, "ca.pem");
    EXPECT_TRUE(o.insecure);
    EXPECT_EQ(o.token, "secret");
    EXPECT_EQ(o.wait_timeout.count(), 1500);
    EXPECT_EQ(o.duration, std::chrono::seconds(10));
    EXPECT_TRUE(o.keep);
    EXPECT_TRUE(o.allow_one_way);
    EXPECT_EQ(o.stun, "");
    EXPECT_EQ(o.turn, (std::vector<std::string>{"turn://u:p@h:3478", "turns://u:p@h:5349"}));
    EXPECT_TRUE(o.relay_only);
    EXPECT_EQ(o.min_port, 50000);
    EXPECT_EQ(o.max_port, 50100);
    EXPECT_FALSE(o.ice_tcp);
    EXPECT_EQ(o.bind_address, "::1");
    EXPECT_EQ(o.video, "videotestsrc ! identity");
    EXPECT_EQ(o.audio, "none");
    EXPECT_EQ(o.video_sink, "none");
    EXPECT_EQ(o.audio_sink, "fakesink ! x");
    EXPECT_EQ(o.video_codecs, (std::vector<VideoCodec>{VideoCodec::H264, VideoCodec::Vp9}));
    EXPECT_EQ(o.format, (VideoFormat{1280, 720, 25}));
    EXPECT_EQ(o.playout_delay, (PlayoutRange{0.02, 0.3}));
    EXPECT_EQ(o.video_bitrate, (BitrateRange{50'000, 300'000, 2'500'000}));
    EXPECT_EQ(o.audio_bitrate, 64'000);
    EXPECT_EQ(o.record, "OUT.MKV");
    EXPECT_EQ(o.snapshot, "x.png");
    EXPECT_EQ(o.pipelines, "mine");
    EXPECT_EQ(o.events, "-");
    EXPECT_EQ(o.stats_interval.count(), 200);
    EXPECT_EQ(o.verbosity, 2);
    EXPECT_EQ(good({"--offer", "-q"}).verbosity, -1);
    EXPECT_EQ(good({"--offer", "--framerate", "10", "--framerate", "20"}).format.framerate, 20);
}

TEST_F(OptionsTest, Listen)
{
    const struct {
        const char *text, *host;
        int port;
    } cases[] = {{"3000", "localhost", 3000}, {":3000", "", 3000},
                 {"0", "localhost", 0},       {"192.168.1.7:80", "192.168.1.7", 80},
                 {"[::1]:3000", "::1", 3000}, {"box.example.org:8443", "box.example.org", 8443}};
    for (const auto &one : cases) {
        const auto options = good({"--answer", "--listen", one.text});
        ASSERT_TRUE(options.listen);
        EXPECT_EQ(options.listen->host, one.host) << one.text;
        EXPECT_EQ(options.listen->port, one.port) << one.text;
    }
    for (const char *text :
         {"", ":", "a:b", "::1:3000", "[::1:3000", "3000x", "-1", "65536", "a b:1"})
        EXPECT_TRUE(contains(bad({"--answer", "--listen", text}), "--listen: ")) << text;
}

TEST_F(OptionsTest, Urls)
{
    for (const char *text :
         {"http://localhost:3000", "https://h", "ws://192.0.2.1/ws?x=1", "wss://[::1]:4/"})
        EXPECT_EQ(good({"--offer", text}).url, text);
    for (const char *text :
         {"ftp://h", "http://", "http:/h", "http://h:0", "http://h:99999", "http://h:x",
          "http://h h", "http://-:", "http://[::1", "http://user:secret@h", "HTTP//h"})
        EXPECT_TRUE(contains(bad({"--offer", text}), "callagent: URL: ")) << text;
    EXPECT_TRUE(
        contains(bad({"--offer", "localhost:3000"}), "write for example http://localhost:3000"));
    EXPECT_FALSE(contains(bad({"--offer", "http://user:secret@h"}), "secret"));
}

TEST_F(OptionsTest, StunAndTurn)
{
    EXPECT_EQ(good({"--offer", "--stun", "stun://h:19302"}).stun, "stun://h:19302");
    EXPECT_EQ(good({"--offer", "--stun", "stun:h"}).stun, "stun://h:3478");
    const struct {
        const char *text, *uri;
    } cases[] = {
        {"turn://alice:secret@h:1?transport=tcp", "turn://alice:secret@h:1?transport=tcp"},
        {"turn://alice:p@ss:word@h", "turn://alice:p%40ss%3Aword@h:3478"},
        {"turn://1700000000%3Aalice:a/b+c=@h", "turn://1700000000%3Aalice:a%2Fb%2Bc%3D@h:3478"},
        {"turn://alice:100%@h", "turn://alice:100%25@h:3478"},
        {"turns://a:b@[::1]?transport=tcp", "turns://a:b@[::1]:5349?transport=tcp"},
        {"turn://\xc3\xa4:b@h", "turn://%C3%A4:b@h:3478"}};
    for (const auto &one : cases)
        EXPECT_EQ(good({"--offer", "--turn", one.text}).turn, std::vector<std::string>{one.uri});
    for (const char *text :
         {"turn:h", "turn://h:3478", "turn://alice@h", "turn://:hush@h", "turn://alice:@h",
          "turn://alice:hush@", "turn://alice:hush@h:0", "turn://alice:hush@h?transport=sctp",
          "turn://alice:hush@h?x=1", "turns://alice:hush@h?transport=udp", "http://alice:hush@h"}) {
        const auto sentence = bad({"--offer", "--turn", text});
        EXPECT_TRUE(contains(sentence, "--turn: ")) << sentence;
        EXPECT_FALSE(contains(sentence, "hush")) << sentence;
    }
}

TEST_F(OptionsTest, TurnServersWithASharedSecret)
{
    const auto options = good({"--offer", "--turn-secret", "hush", "--turn", "turn://h", "--turn",
                               "turns://a@b@[::1]?transport=tcp", "--turn", "turn://u:p@h"});
    EXPECT_EQ(options.turn_secret, "hush");
    EXPECT_EQ(options.turn,
              (std::vector<std::string>{"turn://h:3478", "turns://a%40b@[::1]:5349?transport=tcp",
                                        "turn://u:p@h:3478"}));

    const auto path = file("secret", "from-file\r\nmore\n");
    const char *name = path.c_str();
    EXPECT_EQ(good({"--offer", "--turn", "turn://h", "--turn-secret-file", name}).turn_secret,
              "from-file");
    EXPECT_TRUE(contains(
        bad({"--offer", "--turn", "turn://h", "--turn-secret-file", name, "--turn-secret", "x"}),
        "exclude"));
    environment("CALLAGENT_TURN_SECRET", "from-environment");
    EXPECT_EQ(good({"--offer", "--turn", "turn://h"}).turn_secret, "from-environment");
    EXPECT_EQ(good({"--offer", "--turn", "turn://h", "--turn-secret-file", name}).turn_secret,
              "from-file");
}

TEST_F(OptionsTest, NoMoreTurnServersThanLibniceTakes)
{
    Arguments arguments{"--offer"};
    for (int i = 0; i < 4; ++i)
        arguments.insert(arguments.end(), {"--turn", "turn://u:p@h"});
    EXPECT_EQ(good(arguments).turn.size(), 4u);
    arguments.insert(arguments.end(), {"--turn", "turns://u:p@h"});
    EXPECT_TRUE(contains(bad(arguments), "--turn: 9 servers are more than the 8"));
}

TEST_F(OptionsTest, Headless)
{
    const auto plain = good({"--offer", "--headless"});
    EXPECT_EQ(plain.video, "test");
    EXPECT_EQ(plain.audio, "test");
    EXPECT_EQ(plain.video_sink, "none");
    EXPECT_EQ(plain.audio_sink, "none");

    const auto some = good({"--offer", "--headless", "--audio", "none", "--video-sink", "auto"});
    EXPECT_EQ(some.video, "test");
    EXPECT_EQ(some.audio, "none");
    EXPECT_EQ(some.video_sink, "auto");
    EXPECT_EQ(some.audio_sink, "none");

    EXPECT_EQ(good({"--offer", "--headless=false"}).video, "camera");
}

TEST_F(OptionsTest, AFilesSoundComesWithItsPicture)
{
    EXPECT_EQ(good({"--offer", "--video", "file:a.mkv"}).audio, "file:a.mkv");
    EXPECT_EQ(good({"--offer", "--headless", "--video", "file:a.mkv"}).audio, "file:a.mkv");
    EXPECT_EQ(good({"--offer", "--video", "file:a.mkv", "--audio", "mic"}).audio, "mic");
    EXPECT_EQ(good({"--offer", "--audio", "file:a.mkv"}).video, "camera");
}

TEST_F(OptionsTest, Sources)
{
    for (const char *text : {"camera", "camera:/dev/video2", "test", "none", "file:/a b.mp4",
                             "my-source", "v4l2src ! jpegdec"})
        EXPECT_EQ(good({"--offer", "--video", text}).video, text);
    EXPECT_EQ(good({"--offer", "--audio", "mic:alsa_input.usb"}).audio, "mic:alsa_input.usb");
    for (const char *text : {"", "camera:", "file:", "mic", "a.mp4", "/dev/video0", "Test", "a!b"})
        EXPECT_TRUE(contains(bad({"--offer", "--video", text}), "--video: ")) << text;
    EXPECT_TRUE(contains(bad({"--offer", "--audio", "camera"}), "mic[:DEVICE]"));
    EXPECT_TRUE(contains(bad({"--offer", "--video", "/a.mp4"}), "is written file:/a.mp4"));
    EXPECT_TRUE(contains(bad({"--offer", "--video-sink", "x y"}), "--video-sink: "));
}

TEST_F(OptionsTest, ASimulatedNetworkHasTwoDirections)
{
    using namespace std::chrono_literals;
    const auto simulated = [](const char *text) {
        return good({"--offer", "--simulate", text}).simulate.value_or(Simulation{});
    };
    EXPECT_FALSE(good({"--offer"}).simulate);
    const LinkConditions both{0.05, 80ms, 20ms, 500'000, 100ms};
    EXPECT_EQ(simulated("loss=5%,delay=80ms,jitter=20ms,rate=500k,queue=100ms"),
              (Simulation{both, both, 1}));
    EXPECT_EQ(simulated("in.loss=2.5%,seed=7"), (Simulation{{0.025}, {}, 7}));
    // One direction's own counts there, in whatever order.
    for (const char *text : {"delay=1s,out.delay=20ms", "out.delay=20ms,delay=1s"})
        EXPECT_EQ(simulated(text), (Simulation{{0, 1s}, {0, 20ms}, 1})) << text;
    // A queue without a size of its own, and one of both directions where one has a rate.
    EXPECT_EQ(simulated("rate=1M").in.queue, 200ms);
    EXPECT_EQ(simulated("in.rate=1M,queue=0.5s").in.queue, 500ms);
}

TEST_F(OptionsTest, WhatCannotBeSimulatedIsSaidWithTheKey)
{
    const struct {
        const char *text, *says;
    } cases[] = {
        {"los=5%", "'los' cannot be simulated; nearest is loss"},
        {"in.dely=5ms", "nearest is in.delay"},
        {"loss", "'loss' has no value; write loss=VALUE"},
        {"loss=5", "loss: '5' is not a share from 0% to 100%; write for example 5%"},
        {"out.delay=80", "out.delay: '80' is not a time from 0ms to 10s; write for example 80ms"},
        {"rate=1", "rate: '1' is not a bitrate from 1000 to 1000000000 bit/s"},
        {"delay=1ms,delay=2ms", "'delay' stands there twice"},
        {"in.jitter=5ms", "in.jitter is more than the delay"},
        {"queue=5ms", "queue: nothing waits without a rate"},
        {"seed=-1", "seed: '-1' is not a whole number from 0"},
    };
    for (const auto &[text, says] : cases) {
        const auto sentence = bad({"--offer", "--simulate", text});
        EXPECT_TRUE(contains(sentence, "--simulate: ")) << sentence;
        EXPECT_TRUE(contains(sentence, says)) << sentence;
    }
}

TEST_F(OptionsTest, WebmHoldsNoH264)
{
    const auto vp = std::vector<VideoCodec>{VideoCodec::Vp8, VideoCodec::Vp9};
    EXPECT_EQ(good({"--offer", "--record", "a.webm"}).video_codecs, vp);
    EXPECT_TRUE(contains(bad({"--offer", "--record", "a.webm", "--video-codec", "h264"}), "WebM"));
    EXPECT_EQ(good({"--offer", "--record", "a.mkv"}).video_codecs.size(), 3u);
}

TEST_F(OptionsTest, BadValuesAreNamedWithTheirOption)
{
    const std::map<const char *, std::vector<const char *>> cases = {
        {"--number", {"", "12a", "-1", "+1", "123456789012345678901234567890123"}},
        {"--to", {"mum", "1 2"}},
        {"--token", {"", "a b", "a\nb"}},
        {"--token-file", {"/nonexistent/token", "/dev/null"}},
        {"--ping-interval", {"0", "x", "1.5", "99999999999"}},
        {"--limit",
         {"0", "clients", "clients=", "clients=0", "clients=x", "seats=3", "=3", "rate=-1"}},
        {"--wait-timeout", {"-1", "x", "nan", "inf", "1e999", "5000000", "", "1s"}},
        {"--duration", {"soon", "0x10"}},
        {"--stats-interval", {"0", "-1"}},
        {"--ice-policy", {"some", ""}},
        {"--port-range", {"", "5", "5-", "-5", "6-5", "0-5", "1-65536", "1-2-3"}},
        {"--bind-address", {"here", "1.2.3", "1.2.3.4:5"}},
        {"--simulate",
         {"",
          "loss",
          "loss=",
          "loss=5",
          "loss=0.05",
          "loss=101%",
          "loss=-1%",
          "loss=nan%",
          "loss=5%,",
          ",loss=5%",
          "loss=5%,,delay=1ms",
          "loss=5%,loss=5%",
          "in.=5%",
          "up.loss=5%",
          "delay=80",
          "delay=-1ms",
          "delay=11s",
          "delay=1h",
          "delay=80 ms",
          "jitter=20ms",
          "delay=10ms,jitter=20ms",
          "rate=0",
          "rate=999",
          "rate=2000M",
          "rate=1M,queue=1",
          "queue=100ms",
          "in.rate=1M,out.queue=100ms",
          "seed=x",
          "seed=-1",
          "in.seed=1"}},
        {"--video-codec", {"", "vp8,", ",vp8", "vp10", "VP8", "vp8,vp8", "vp8 vp9"}},
        {"--size",
         {"640", "640x", "x480", "641x480", "0x0", "14x16", "7682x16", "640x480px", "640X480",
          "-2x16"}},
        {"--framerate", {"0", "29.97", "241", "x"}},
        {"--video-bitrate",
         {"0", "1", "1500x", "k", "-5k", "1e3G", "nan", "1T", "1000M", "100k-", "100k-200k",
          "1k-2k-3k", "300k-200k-400k", "100k-500k-400k", "100k-200k-300k-400k", "--", "-1-2-3"}},
        {"--audio-bitrate", {"0", "511k"}},
        {"--playout-delay",
         {"", "x", "-1", "1001", "20ms", "20-", "-20", "300-20", "1-2-3", "1.5"}},
        {"--record", {"out.mp4", ".mkv", "", "mkv"}},
        {"--snapshot", {"out.gif"}},
        {"--events", {""}},
        {"--stun", {"", "http://h", "h:1", "stun://", "stun://h:x"}},
    };
    for (const auto &[option, values] : cases)
        for (const char *value : values)
            EXPECT_TRUE(contains(bad({"--offer", option, value}), std::string(option) + ": "))
                << option << " " << value;
}

TEST_F(OptionsTest, MistakesAreNamed)
{
    const struct {
        Arguments arguments;
        const char *sentence;
    } cases[] = {
        {{}, "no mode; give one of --offer, --answer"},
        {{"--offer", "--answer"}, "--offer and --answer are two modes"},
        {{"--offer", "http://h", "--listen", "3000"}, "URL and --listen exclude each other"},
        {{"--relay", "http://h"}, "--relay is a server itself"},
        {{"--offer", "http://h", "http://i"}, "'http://i': there is one URL already"},
        {{"--offer", "--vide", "test"}, "--vide: no such option; nearest is --video"},
        {{"--offer", "--video-size=1x1"}, "--video-size: no such option; nearest is --video-sink"},
        {{"--offer", "-x"}, "-x: no such option"},
        {{"--offer", "--frame-rate", "5"}, "nearest is --framerate"},
        {{"--offer", "--duration"}, "--duration needs a value"},
        {{"--offer", "--turn"}, "--turn needs a value"},
        {{"--offer", "--turn-secret", "s"}, "--turn-secret: of which server?"},
        {{"--answer", "--tls-cert", "c.pem"}, "--tls-key is missing"},
        {{"--answer", "--tls-key", "k.pem"}, "--tls-cert is missing"},
        {{"--offer", "--ice-policy", "relay"}, "give --turn"},
        {{"--offer", "-q", "-v"}, "--quiet and --verbose exclude each other"},
        {{"--offer=maybe"}, "--offer: 'maybe' is neither true nor false"},
        {{"--from", "a.ndjson"}, "give --report FILE.html as well"},
        {{"--offer", "--from", "a", "--report", "r.html"}, "goes with --report alone"},
        {{"--from", "a", "--from", "b", "--from", "c", "--report", "r.html"},
         "side by side; not 3"},
        {{"--report", "r.html"}, "no mode"},
        {{"--relay", "--report", "r.html"}, "--report is about a call"},
        {{"--offer", "--report", "r.pdf"}, "'r.pdf' does not end with .html"},
        {{"--offer", "--config", "/nonexistent/c"}, "cannot read '/nonexistent/c': No such file"},
    };
    for (const auto &one : cases) {
        const auto sentence = bad(one.arguments);
        EXPECT_TRUE(contains(sentence, one.sentence)) << sentence << "instead of " << one.sentence;
    }
}

TEST_F(OptionsTest, SavedEventsNeedNoMode)
{
    const auto options = good({"--report", "r.html", "--from", "a", "--from", "b"});
    EXPECT_EQ(options.mode, Options::Mode::Report);
    EXPECT_EQ(options.report, "r.html");
    EXPECT_EQ(options.from, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(good({"--offer", "--report", "r.HTML"}).mode, Options::Mode::Offer);
}

TEST_F(OptionsTest, AnEmptySecretIsNone)
{
    for (const char *name : {"TOKEN", "TOKEN_FILE", "TURN_SECRET", "TURN_SECRET_FILE"}) {
        environment(std::string("CALLAGENT_") + name, "");
        EXPECT_TRUE(contains(bad({"--relay"}), std::string("CALLAGENT_") + name + " is empty"));
        unsetenv((std::string("CALLAGENT_") + name).c_str());
    }
}

TEST_F(OptionsTest, AnOriginHasNoPath)
{
    EXPECT_EQ(good({"--relay", "--allow-origin", "https://a.example", "--allow-origin", "*"})
                  .allow_origins,
              (std::vector<std::string>{"https://a.example", "*"}));
    EXPECT_TRUE(contains(bad({"--relay", "--allow-origin", "a.example"}), "is not an origin"));
    EXPECT_TRUE(contains(bad({"--relay", "--allow-origin", "null"}), "is not an origin"));
    EXPECT_TRUE(contains(bad({"--relay", "--allow-origin", "https://a.example/x"}),
                         "write https://a.example"));
}

TEST_F(OptionsTest, TheEnvironmentFillsInWhatTheCommandLineLeaves)
{
    environment("CALLAGENT_SIZE", "320x240");
    environment("CALLAGENT_FRAMERATE", "15");
    environment("CALLAGENT_HEADLESS", "1");
    environment("CALLAGENT_TURN", "turn://a:b@h turn://c:d@i");
    environment("CALLAGENT_TOKEN", "secret");
    environment("CALLAGENT_DURATION", "");  // as if it were not there
    const auto options = good({"--offer", "--framerate", "20"});
    EXPECT_EQ(options.format, (VideoFormat{320, 240, 20}));
    EXPECT_EQ(options.video, "test");
    EXPECT_EQ(options.turn.size(), 2u);
    EXPECT_EQ(options.token, "secret");

    environment("CALLAGENT_SIZE", "big");
    EXPECT_TRUE(contains(bad({"--offer"}), "callagent: CALLAGENT_SIZE: 'big' is not"));
}

TEST_F(OptionsTest, TheFileComesLast)
{
    const auto path = file("agent.conf",
                           "# an intercom\n"
                           "answer=true\n"
                           "listen=\":4000\"\n"
                           "number=12\n"
                           "video=\"videotestsrc ! identity\"\n"
                           "turn=[\"turn://a:b@h\", \"turn://c:d@i\"]\n"
                           "keep=true\n"
                           "size=320x240\n"
                           "framerate=10\n");
    environment("CALLAGENT_FRAMERATE", "15");
    const auto options = good({"--config", path.c_str(), "--size", "160x120"});
    EXPECT_EQ(options.mode, Options::Mode::Answer);
    EXPECT_EQ(options.listen->port, 4000);
    EXPECT_EQ(options.number, "12");
    EXPECT_EQ(options.video, "videotestsrc ! identity");
    EXPECT_EQ(options.turn.size(), 2u);
    EXPECT_TRUE(options.keep);
    EXPECT_EQ(options.format, (VideoFormat{160, 120, 15}));

    // What excludes each other: the stronger place wins.
    const auto once = good({"--config", path.c_str(), "--offer", "http://h"});
    EXPECT_EQ(once.mode, Options::Mode::Offer);
    EXPECT_EQ(once.url, "http://h");
    EXPECT_FALSE(once.listen);
}

TEST_F(OptionsTest, MistakesInTheFileNameIt)
{
    const struct {
        const char *text, *sentence;
    } cases[] = {{"frame-rate=5\n", "'frame-rate' is no option; nearest is 'framerate'"},
                 {"size=1\n", "agent.conf: size: '1' is not WIDTHxHEIGHT"},
                 {"video=videotestsrc ! identity\n", "put quotes around it"},
                 {"[video]\nsize=1\n", "is no option"},
                 {"config=x\n", "is no option"},
                 {"offer=true\nanswer=true\n", "are two modes"},
                 {"answer=true\nlisten=1\nurl=\"http://h\"\n", "exclude each other"}};
    for (const auto &one : cases) {
        const auto path = file("agent.conf", one.text);
        const auto sentence = bad({"--config", path.c_str()});
        EXPECT_TRUE(contains(sentence, one.sentence)) << sentence << "instead of " << one.sentence;
        EXPECT_TRUE(contains(sentence, "agent.conf") || contains(sentence, "URL")) << sentence;
    }
}

TEST_F(OptionsTest, TheTokenMayComeFromAFile)
{
    const auto path = file("token", "from-file\r\nrest\n");
    EXPECT_EQ(good({"--offer", "--token-file", path.c_str()}).token, "from-file");
    EXPECT_TRUE(
        contains(bad({"--offer", "--token-file", path.c_str(), "--token", "x"}), "exclude"));

    environment("CALLAGENT_TOKEN", "from-environment");
    EXPECT_EQ(good({"--offer", "--token-file", path.c_str()}).token, "from-file");
    environment("CALLAGENT_TOKEN_FILE", path);
    EXPECT_EQ(good({"--offer", "--token", "x"}).token, "x");
}

TEST_F(OptionsTest, HelpAndVersion)
{
    for (const Arguments &arguments :
         {Arguments{"--help"}, {"-h"}, {"--offer", "--frob", "--help"}}) {
        const auto help = std::get<Leave>(parse(arguments));
        EXPECT_EQ(help.exit, Exit::Ok);
        for (const char *option : {"--offer", "--turn URI", "--expect"})
            EXPECT_TRUE(contains(help.text, option)) << option;
        for (std::size_t at = 0; at < help.text.size();) {
            const auto end = help.text.find('\n', at);
            ASSERT_NE(end, std::string::npos);
            EXPECT_LE(end - at, 100u) << help.text.substr(at, end - at);
            at = end + 1;
        }
    }
    const auto version = std::get<Leave>(parse({"--version"}));
    EXPECT_EQ(version.exit, Exit::Ok);
    EXPECT_TRUE(version.text.starts_with("callagent "));
}

TEST_F(OptionsTest, WhatIsExpected)
{
    EXPECT_TRUE(contains(std::get<Leave>(parse({"--list-metrics"})).text, "video.fps "));
    const auto checks = "@" + file("checks", "# comment\n\n  rtt<80ms\r\nloss<=1%\n");
    const auto options = good({"--offer", "--expect", "video.fps>=25", "--expect", checks.c_str()});
    ASSERT_EQ(options.expect.size(), 3u);
    EXPECT_EQ(options.expect[1].text, "rtt<80ms");
    const auto refused = [&](const std::string &value) {
        return bad({"--offer", "--expect", value.c_str()});
    };
    EXPECT_TRUE(contains(refused("fps>=25"), "no such metric \"fps\"; the nearest is "));
    EXPECT_TRUE(contains(refused("@" + file("bad", "loss<1%\nloss<\n")), "line 2 of"));
    EXPECT_TRUE(contains(refused("@" + file("empty", "")), "has no lines"));
    EXPECT_TRUE(contains(refused(checks + ".none"), "cannot read"));
}

TEST_F(OptionsTest, ControlReportAndMetrics)
{
    const auto plain = good({"--answer"});
    EXPECT_TRUE(plain.auto_accept);
    EXPECT_TRUE(plain.control.empty() && plain.report.empty() && !plain.metrics);

    const auto options = good({"--answer", "--no-auto", "--control", "/run/c", "--report", "r.html",
                               "--metrics", ":9100", "--junit", "r.xml"});
    EXPECT_FALSE(options.auto_accept);
    EXPECT_EQ(options.control, "/run/c");
    EXPECT_EQ(options.report, "r.html");
    EXPECT_EQ(options.junit, "r.xml");
    ASSERT_TRUE(options.metrics);
    EXPECT_EQ(options.metrics->host, "");
    EXPECT_EQ(good({"--answer", "--metrics", "9100"}).metrics->host, "localhost");

    EXPECT_TRUE(contains(bad({"--answer", "--auto", "--no-auto"}), "exclude each other"));
    EXPECT_TRUE(contains(bad({"--relay", "--control", "-"}), "--offer or --answer"));
    EXPECT_TRUE(contains(bad({"--relay", "--report", "r.html"}), "about a call"));
    EXPECT_TRUE(contains(bad({"--answer", "--metrics", "nine"}), "--metrics"));
    EXPECT_TRUE(contains(bad({"--answer", "--report", "r.pdf"}), "--report"));
}

}  // namespace callagent
