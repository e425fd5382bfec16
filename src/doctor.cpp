#include "doctor.h"

#include <algorithm>
#include <map>
#include <utility>

#include <gst/gst.h>

#include "core/origin.h"
#include "media/pipelines.h"
#include "turn_credentials.h"

namespace callagent {
namespace {

constexpr const char *kBase = "gstreamer1.0-plugins-base";
constexpr const char *kGood = "gstreamer1.0-plugins-good";
constexpr const char *kBad = "gstreamer1.0-plugins-bad";
constexpr const char *kCore = "libgstreamer1.0-0";

struct Element {
    const char *name;
    const char *package;  // Debian's
};

struct Purpose {
    const char *what;
    bool every_call;  // nothing works without
    std::vector<Element> elements;
};

// What the pipeline files and the endpoint are made of.
std::vector<Purpose> purposes()
{
    return {
        {"calls",
         true,
         {{"webrtcbin", kBad},
          {"nicesrc", "gstreamer1.0-nice"},
          {"nicesink", "gstreamer1.0-nice"},
          {"dtlsdec", kBad},
          {"dtlsenc", kBad},
          {"srtpdec", kBad},
          {"srtpenc", kBad},
          {"rtpbin", kGood},
          {"rtpfunnel", kGood},
          {"rtprtxsend", kGood},
          {"rtprtxreceive", kGood},
          {"rtphdrexttwcc", kGood},
          {"appsrc", kBase},
          {"appsink", kBase},
          {"queue", kCore},
          {"capsfilter", kCore},
          {"fakesink", kCore},
          {"audioconvert", kBase},
          {"audioresample", kBase},
          {"videoconvert", kBase},
          {"videoconvertscale", kBase},
          {"videoscale", kBase}}},
        {"Opus",
         true,
         {{"opusenc", kBase}, {"opusdec", kBase}, {"rtpopuspay", kGood}, {"rtpopusdepay", kGood}}},
        {"VP8",
         true,
         {{"vp8enc", kGood}, {"vp8dec", kGood}, {"rtpvp8pay", kGood}, {"rtpvp8depay", kGood}}},
        {"test sources",
         true,
         {{"videotestsrc", kBase}, {"audiotestsrc", kBase}, {"clockoverlay", "gstreamer1.0-x"}}},
        {"VP9",
         false,
         {{"vp9enc", kGood}, {"vp9dec", kGood}, {"rtpvp9pay", kGood}, {"rtpvp9depay", kGood}}},
        {"H264",
         false,
         {{"x264enc", "gstreamer1.0-plugins-ugly"},
          {"avdec_h264", "gstreamer1.0-libav"},
          {"h264parse", kBad},
          {"rtph264pay", kGood},
          {"rtph264depay", kGood}}},
        {"cameras", false, {{"v4l2src", kGood}, {"jpegdec", kGood}}},
        {"sound", false, {{"pulsesrc", kGood}, {"pulsesink", kGood}, {"autoaudiosink", kGood}}},
        {"a window", false, {{"autovideosink", kGood}, {"ximagesink", "gstreamer1.0-x"}}},
        {"files to send", false, {{"uridecodebin", kBase}}},
        {"recordings", false, {{"matroskamux", kGood}, {"webmmux", kGood}, {"filesink", kCore}}},
        {"snapshots", false, {{"pngenc", kGood}}},
    };
}

void add_line(std::string &text, bool good, const std::string &what, const std::string &detail)
{
    auto left = std::string(good ? "  ok       " : "  missing  ") + what;
    left.resize(std::max<std::size_t>(left.size() + 2, 28), ' ');
    text += left + detail;
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
}

// One line for a purpose. False: something is missing.
bool add_purpose(std::string &text, const Purpose &purpose,
                 const std::function<bool(const char *)> &has_element)
{
    std::map<std::string, std::string> missing;  // package → elements
    for (const auto &element : purpose.elements)
        if (!has_element(element.name)) {
            auto &names = missing[element.package];
            names += (names.empty() ? "" : ", ") + std::string(element.name);
        }
    std::string detail, packages;
    for (const auto &[package, names] : missing) {
        detail += (detail.empty() ? "" : ", ") + names;
        packages += " " + package;
    }
    add_line(text, missing.empty(), purpose.what,
             missing.empty() ? "" : detail + ": apt install" + packages);
    return missing.empty();
}

void add_devices(std::string &text, const media::Devices &devices)
{
    const auto count = [](std::size_t n) {
        return std::to_string(n) + " found; see --list-devices";
    };
    add_line(text, !devices.cameras.empty(), "a camera",
             devices.cameras.empty() ? "use --video test, file:PATH or none"
                                     : count(devices.cameras.size()));
    add_line(text, devices.sound_server, "a sound server",
             devices.sound_server
                 ? ""
                 : "start PulseAudio or PipeWire, or use --audio test --audio-sink none");
    add_line(text, !devices.microphones.empty(), "a microphone",
             devices.microphones.empty() ? "use --audio test, file:PATH or none"
                                         : count(devices.microphones.size()));
    add_line(text, !devices.speakers.empty(), "a loudspeaker",
             devices.speakers.empty() ? "use --audio-sink none" : count(devices.speakers.size()));
    add_line(text, devices.display, "a display",
             devices.display ? "" : "set DISPLAY or WAYLAND_DISPLAY, or use --video-sink none");
}

void add_servers(std::string &text, const std::vector<ServerProbe> &servers)
{
    if (servers.empty())
        text += "  none given: calls work where the two sides reach each other directly\n";
    bool all = true;
    for (const auto &server : servers) {
        add_line(text, server.answers, server.server, server.detail);
        all = all && server.answers;
    }
    if (!all)
        text +=
            "  without them calls work only where the two sides reach each other directly; UDP may "
            "be\n"
            "  blocked on the way, or give others with --stun and --turn (--stun none: no STUN)\n";
}

std::string who_may_call(const Options &options)
{
    const bool local = !options.listen || is_loopback(options.listen->host);
    std::string text;
    if (!options.url.empty())
        text += "  whoever reaches the server at " + options.url + ", as that decides\n";
    else if (local)
        text +=
            "  programs of this machine, and pages that it serves: --listen :PORT lets others in\n";
    else
        text += "  whoever reaches port " + std::to_string(options.listen->port) +
                " of this machine, and the pages of this machine\n";
    for (const auto &origin : options.allow_origins)
        text += origin == "*" ? "  pages of every site (--allow-origin *)\n"
                              : "  pages of " + origin + "\n";
    if (!options.token.empty())
        text += "  and of these only who has the token\n";
    else if (is_open_to_all(options))
        text += "  and whoever calls is answered at once: give --token, or --no-auto to be asked\n";
    return text;
}

}  // namespace

Diagnosis diagnose(const Findings &findings)
{
    Diagnosis diagnosis;
    auto &text = diagnosis.text;
    text = "Plugins (" + findings.version + "):\n";
    for (const auto &purpose : purposes())
        if (!add_purpose(text, purpose, findings.has_element) && purpose.every_call)
            diagnosis.headless = false;
    for (const auto &sentence : findings.missing_pipelines) {
        add_line(text, false, "a pipeline file", sentence);
        diagnosis.headless = false;
    }
    text += "Devices:\n";
    add_devices(text, findings.devices);
    text += "STUN and TURN servers:\n";
    add_servers(text, findings.servers);
    text += "Who may call, with these options:\n" + findings.who_may_call;
    text += diagnosis.headless
                ? "Headless calls can work here: try callagent --answer --headless, and in a "
                  "second terminal\ncallagent --offer --headless --duration 5.\n"
                : "No call can work here before what is missing for calls, Opus, VP8 and test "
                  "sources is there.\n";
    return diagnosis;
}

Findings examine(const Options &options, media::Devices devices)
{
    Findings findings;
    const auto version = glib::adopt(gst_version_string());
    findings.version = version.get();
    findings.has_element = [](const char *name) {
        GstElementFactory *factory = gst_element_factory_find(name);
        if (factory)
            gst_object_unref(factory);
        return factory != nullptr;
    };
    const media::Pipelines pipelines(options.pipelines);
    for (const char *chain :
         {"source/video-test", "source/audio-test", "convert/capture-video",
          "convert/capture-audio", "encode/vp8", "encode/opus", "decode/vp8", "decode/opus"})
        if (const auto found = pipelines.find(chain); !found)
            findings.missing_pipelines.push_back(found.error());
    findings.devices = std::move(devices);
    findings.who_may_call = who_may_call(options);
    std::vector<std::string> uris;
    if (!options.stun.empty())
        uris.push_back(options.stun);
    const auto turn =
        with_credentials(options.turn, options.turn_secret, std::chrono::system_clock::now());
    uris.insert(uris.end(), turn.begin(), turn.end());
    findings.servers = probe_servers(uris, {options.ca, options.insecure}, std::chrono::seconds(2));
    return findings;
}

}  // namespace callagent
