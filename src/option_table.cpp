#include "option_table.h"

#include <algorithm>
#include <vector>

#include "core/expectation.h"
#include "core/nearest.h"
#include "option_values.h"

namespace callagent::option {
namespace {

template <typename T, typename Field>
Status put(Result<T> value, Field &field)
{
    if (!value)
        return Error{value.error()};
    field = std::move(*value);
    return Done{};
}

Status set_text(const std::string &value, std::string &field)
{
    if (value.empty())
        return Error{"needs a value"};
    field = value;
    return Done{};
}

Status set_flag(const std::string &value, bool &field, bool meaning = true)
{
    const auto given = boolean(value);
    if (!given)
        return Error{given.error()};
    if (*given)
        field = meaning;
    return Done{};
}

// Modes, --headless and the like are options.cpp's business: they are about other options.
Status elsewhere(Options &, const std::string &value)
{
    bool ignored = false;
    return set_flag(value, ignored);
}

constexpr double kForever = 4'000'000;  // seconds; a GLib timeout has 32 bits of milliseconds

using O = Options &;
using V = const std::string &;

constexpr Spec kSpecs[] = {
    {"Modes (exactly one)", "offer", nullptr, nullptr, "call somebody", elsewhere},
    {nullptr, "answer", nullptr, nullptr, "wait for a call", elsewhere},
    {nullptr, "relay", nullptr, nullptr, "only serve signaling and the page", elsewhere},
    {nullptr, "list-devices", nullptr, nullptr, "cameras, microphones, loudspeakers", elsewhere},
    {nullptr, "doctor", nullptr, nullptr, "what is missing here for a call", elsewhere},

    {"Signaling", "url", nullptr, "URL", "server: http(s):// Socket.IO, ws(s):// plain WebSocket",
     [](O o, V v) { return put(signaling_url(v), o.url); }},
    {nullptr, "listen", nullptr, "[HOST]:PORT", "embedded relay; PORT: loopback, :PORT: all (3000)",
     [](O o, V v) { return put(option::listen(v), o.listen); }},
    {nullptr, "number", nullptr, "N", "own number (from the relay, else random)",
     [](O o, V v) { return put(option::number(v), o.number); }},
    {nullptr, "to", nullptr, "N", "whom to call (anyone)",
     [](O o, V v) { return put(option::number(v), o.to); }},
    {nullptr, "tls-cert", nullptr, "FILE", "certificate of the relay (PEM): https and wss",
     [](O o, V v) { return set_text(v, o.tls_cert); }},
    {nullptr, "tls-key", nullptr, "FILE", "its private key (PEM)",
     [](O o, V v) { return set_text(v, o.tls_key); }},
    {nullptr, "ca", nullptr, "FILE", "trust these authorities (PEM) instead of the system's",
     [](O o, V v) { return set_text(v, o.ca); }},
    {nullptr, "insecure", nullptr, nullptr, "accept any certificate of the server",
     [](O o, V v) { return set_flag(v, o.insecure); }},
    {nullptr, "token", nullptr, "TOKEN", "shared secret of relay and clients",
     [](O o, V v) { return put(option::token(v), o.token); }},
    {nullptr, "token-file", nullptr, "FILE", "read it from the first line of a file",
     [](O o, V v) { return put(token_in_file(v), o.token); }},
    {nullptr, "allow-origin", nullptr, "ORIGIN",
     "web pages that may use the relay besides its own, or *; repeatable",
     [](O o, V v) {
         auto found = option::origin(v);
         if (found)
             o.allow_origins.push_back(*found);
         return found ? Status(Done{}) : Status(Error{found.error()});
     },
     true},
    {nullptr, "ping-interval", nullptr, "MS", "the relay's heartbeat (25000)",
     [](O o, V v) { return put(integer(v, 10, 3'600'000), o.ping_interval_ms); }},
    {nullptr, "ping-timeout", nullptr, "MS", "and how long it waits for the echo (20000)",
     [](O o, V v) { return put(integer(v, 10, 3'600'000), o.ping_timeout_ms); }},
    {nullptr, "limit", nullptr, "NAME=VALUE",
     "relay: clients, address, rate, message, waiting, handshake",
     [](O o, V v) { return limit(v, o.limits); }, true},

    {"Call", "wait-timeout", nullptr, "S",
     "wait so long for a peer, 0: for ever (offer 30, answer 0)",
     [](O o, V v) { return put(seconds(v, 0, kForever), o.wait_timeout); }},
    {nullptr, "duration", nullptr, "S", "hang up so long after the call connected (0: never)",
     [](O o, V v) { return put(seconds(v, 0, kForever), o.duration); }},
    {nullptr, "keep", nullptr, nullptr, "answer call after call",
     [](O o, V v) { return set_flag(v, o.keep); }},
    {nullptr, "auto", nullptr, nullptr, "accept a call at once (the default)", elsewhere},
    {nullptr, "no-auto", nullptr, nullptr, "ring, until somebody accepts: --control, or the key a",
     elsewhere},
    {nullptr, "control", nullptr, "-|PATH",
     "take commands while it runs: from stdin, or at a Unix socket",
     [](O o, V v) { return set_text(v, o.control); }},
    {nullptr, "allow-one-way", nullptr, nullptr,
     "a peer that does not take what we send: only warn",
     [](O o, V v) { return set_flag(v, o.allow_one_way); }},

    {"Network", "stun", nullptr, "URI",
     "stun://HOST:PORT, or none (stun://stun.l.google.com:19302)",
     [](O o, V v) { return put(stun_uri(v), o.stun); }},
    {nullptr, "turn", nullptr, "URI",
     "turn(s)://USER:PASSWORD@HOST:PORT?transport=udp|tcp; repeatable",
     [](O o, V v) {
         auto uri = turn_uri(v);
         if (uri)
             o.turn.push_back(*uri);
         return uri ? Status(Done{}) : Status(Error{uri.error()});
     },
     true},
    {nullptr, "turn-secret", nullptr, "SECRET",
     "of the TURN servers: makes user and password, for each call",
     [](O o, V v) { return set_text(v, o.turn_secret); }},
    {nullptr, "turn-secret-file", nullptr, "FILE", "read it from the first line of a file",
     [](O o, V v) { return put(secret_in_file(v), o.turn_secret); }},
    {nullptr, "ice-policy", nullptr, "all|relay", "relay: only through a TURN server (all)",
     [](O o, V v) {
         o.relay_only = v == "relay";
         return v == "all" || v == "relay" ? Status(Done{})
                                           : Status(Error{"'" + v + "' is neither all nor relay"});
     }},
    {nullptr, "port-range", nullptr, "A-B", "local UDP and TCP ports of the media (any)",
     [](O o, V v) {
         const auto range = port_range(v);
         if (!range)
             return Status(Error{range.error()});
         o.min_port = range->first;
         o.max_port = range->second;
         return Status(Done{});
     }},
    {nullptr, "no-ice-tcp", nullptr, nullptr, "media over UDP only",
     [](O o, V v) { return set_flag(v, o.ice_tcp, false); }},
    {nullptr, "bind-address", nullptr, "A", "use only this local address for media",
     [](O o, V v) { return put(address(v), o.bind_address); }},
    {nullptr, "simulate", nullptr, "LIST",
     "a worse network: loss=5%,delay=80ms (jitter, rate, queue, in.loss, …)",
     [](O o, V v) { return put(simulation(v), o.simulate); }},

    {"Media", "video", nullptr, "SOURCE",
     "camera[:DEV], test, none, file:PATH, a name, or gst-launch text (camera)",
     [](O o, V v) { return put(source(v, Medium::Video), o.video); }},
    {nullptr, "audio", nullptr, "SOURCE", "mic[:DEV], test, none, file:PATH, … (mic)",
     [](O o, V v) { return put(source(v, Medium::Audio), o.audio); }},
    {nullptr, "video-sink", nullptr, "SINK", "auto, none, a name, or a fragment (auto)",
     [](O o, V v) { return put(sink(v), o.video_sink); }},
    {nullptr, "audio-sink", nullptr, "SINK", "auto, none, a name, or a fragment (auto)",
     [](O o, V v) { return put(sink(v), o.audio_sink); }},
    {nullptr, "headless", nullptr, nullptr, "test sources and no sinks, where not given",
     elsewhere},
    {nullptr, "video-codec", nullptr, "LIST", "order of preference (vp8,h264,vp9)",
     [](O o, V v) { return put(video_codecs(v), o.video_codecs); }},
    {nullptr, "size", nullptr, "WxH", "of the picture we send (640x480)",
     [](O o, V v) {
         const auto wanted = size(v);
         if (!wanted)
             return Status(Error{wanted.error()});
         o.format.width = wanted->first;
         o.format.height = wanted->second;
         return Status(Done{});
     }},
    {nullptr, "framerate", nullptr, "N", "pictures a second (30)",
     [](O o, V v) { return put(integer(v, 1, 240), o.format.framerate); }},
    {nullptr, "video-bitrate", nullptr, "BPS",
     "at most, in bit/s, with k or M; or MIN-START-MAX (50k-300k-1500k)",
     [](O o, V v) { return put(bitrate_range(v), o.video_bitrate); }},
    {nullptr, "audio-bitrate", nullptr, "BPS", "in bit/s (48k)",
     [](O o, V v) { return put(bitrate(v, 6'000, 510'000), o.audio_bitrate); }},
    {nullptr, "playout-delay", nullptr, "MS",
     "from arrival to display, in ms; MIN-MAX; auto: as the path needs (auto)",
     [](O o, V v) { return put(playout_range(v), o.playout_delay); }},
    {nullptr, "record", nullptr, "FILE", "what the peer sends, .mkv or .webm",
     [](O o, V v) {
         return put(path(v, {".mkv", ".webm"}), o.record);
     }},
    {nullptr, "snapshot", nullptr, "FILE", "its last picture, .png",
     [](O o, V v) { return put(path(v, {".png"}), o.snapshot); }},
    {nullptr, "pipelines", nullptr, "DIR", "look there first for pipeline files",
     [](O o, V v) { return set_text(v, o.pipelines); }},

    {"Reporting", "events", nullptr, "FILE", "events as lines of JSON; -: stdout",
     [](O o, V v) { return set_text(v, o.events); }},
    {nullptr, "expect", nullptr, "EXPR",
     "what must hold, e.g. 'video.fps>=25'; @FILE: a line each; repeatable",
     [](O o, V v) { return expectations(v, o.expect); }, true},
    {nullptr, "list-metrics", nullptr, nullptr, "what can be expected", elsewhere},
    {nullptr, "junit", nullptr, "FILE", "call and expectations as test cases, for CI systems",
     [](O o, V v) { return set_text(v, o.junit); }},
    {nullptr, "metrics", nullptr, "[HOST]:PORT", "serve them as OpenMetrics; PORT: loopback only",
     [](O o, V v) { return put(option::listen(v), o.metrics); }},
    {nullptr, "stats-interval", nullptr, "S", "between two stats events (1)",
     [](O o, V v) { return put(seconds(v, 0.05, 86'400), o.stats_interval); }},
    {nullptr, "report", nullptr, "FILE", "a page about the call for a browser, .html",
     [](O o, V v) {
         return put(path(v, {".html", ".htm"}), o.report);
     }},
    {nullptr, "from", nullptr, "FILE",
     "without a mode: the report of saved events; two: side by side",
     [](O o, V v) {
         return v.empty() ? Status(Error{"needs a value"}) : (o.from.push_back(v), Status(Done{}));
     },
     true},
    {nullptr, "verbose", "v", nullptr, "say more on stderr; twice: still more",
     [](O o, V v) {
         const auto times = boolean(v) ? Result<int>(*boolean(v)) : integer(v, 0, 9);
         o.verbosity += times ? *times : 0;
         return times ? Status(Done{}) : Status(Error{times.error()});
     }},
    {nullptr, "quiet", "q", nullptr, "only errors on stderr",
     [](O o, V v) {
         bool quiet = false;
         auto status = set_flag(v, quiet);
         o.verbosity = quiet ? -1 : o.verbosity;
         return status;
     }},

    {"Others", "config", nullptr, "FILE", "options as lines of NAME=VALUE, without the dashes",
     [](O, V v) { return v.empty() ? Status(Error{"needs a value"}) : Status(Done{}); }},
    {nullptr, "help", "h", nullptr, "this", elsewhere},
    {nullptr, "version", nullptr, nullptr, "which callagent this is", elsewhere},
};

std::string left_column(const Spec &spec)
{
    if (std::string_view(spec.name) == "url")
        return "  URL";
    auto text = std::string("  ") + (spec.letter ? std::string("-") + spec.letter + ", " : "") +
                "--" + spec.name;
    return spec.value ? text + " " + spec.value : text;
}

}  // namespace

std::span<const Spec> specs()
{
    return kSpecs;
}

const Spec *find(std::string_view name)
{
    const auto *found = std::find_if(std::begin(kSpecs), std::end(kSpecs),
                                     [&](const Spec &spec) { return name == spec.name; });
    return found == std::end(kSpecs) ? nullptr : found;
}

std::string nearest(std::string_view name)
{
    std::vector<std::string_view> names;
    for (const auto &spec : kSpecs)
        names.emplace_back(spec.name);
    return std::string(callagent::nearest(name, names));
}

std::string help()
{
    constexpr std::size_t kColumn = 28;
    std::string text =
        "callagent: WebRTC calls from the command line\n"
        "\n"
        "  callagent --answer                            wait for a call, with a relay on port "
        "3000\n"
        "  callagent --offer                             call it, on the same machine\n"
        "  callagent --offer http://192.168.1.7:3000     call it, from another one\n";
    for (const auto &spec : kSpecs) {
        if (spec.group)
            text += std::string("\n") + spec.group + ":\n";
        auto left = left_column(spec);
        left.resize(std::max(left.size() + 1, kColumn), ' ');
        text += left + spec.help + "\n";
    }
    return text +
           "\nEvery option can stand in the environment too: --stats-interval is "
           "CALLAGENT_STATS_INTERVAL.\n"
           "Exit status: 0 as asked, 1 bug, 2 usage, 3 signaling, 4 no peer, 5 negotiation, 6 no "
           "ICE path,\n"
           "7 DTLS, 8 no media, 9 local media, 10 --expect not met, 11 busy or refused,\n"
           "130/143 interrupted before the call.\n";
}

}  // namespace callagent::option
