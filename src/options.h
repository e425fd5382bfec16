// The command line, the configuration file and the environment → plain data. Everything that can be
// checked without opening anything is checked here, with a sentence.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/exit.h"
#include "core/expectation.h"
#include "core/media.h"
#include "core/origin.h"
#include "core/simulated_link.h"

namespace callagent {

struct Listen {
    std::string host;  // "localhost", "" (every interface), or an address
    std::uint16_t port = 3000;
};

// What the relay grants its clients; --limit NAME=VALUE.
struct Limits {
    int clients = 256;
    int address = 64;         // clients of one address
    int rate = 200;           // messages a second of one client; 0: any number
    int message = 1'000'000;  // bytes
    int waiting = 8'000'000;  // bytes that a client has not taken yet
    int handshake = 20'000;   // ms from a connection to its first request
};

struct Options {
    // Report: draw what --from names. It has no option of its own.
    enum class Mode { Offer, Answer, Relay, ListDevices, Doctor, Report };

    Mode mode = Mode::Answer;

    // Signaling. Both empty: listen on localhost:3000, or where that is taken,
    // http://localhost:3000.
    std::string url;
    std::optional<Listen> listen;
    std::string number;
    std::string to;
    std::string tls_cert, tls_key, ca;
    bool insecure = false;
    std::string token;
    std::vector<std::string> allow_origins;  // "*": all
    int ping_interval_ms = 25000;
    int ping_timeout_ms = 20000;
    Limits limits;

    // The call. Zero: for ever.
    std::chrono::milliseconds wait_timeout{0};  // offer 30 s, answer 0, unless given
    std::chrono::milliseconds duration{0};
    bool keep = false;
    bool allow_one_way = false;
    bool auto_accept = true;
    std::string control;  // "-", the path of a socket, or empty

    // ICE.
    std::string stun = "stun://stun.l.google.com:19302";  // empty: none
    std::vector<std::string> turn;                        // checked, user and password escaped
    std::string turn_secret;  // makes user and password of those that have no password
    bool relay_only = false;  // --ice-policy relay
    std::uint16_t min_port = 0, max_port = 0;  // 0: any
    bool ice_tcp = true;
    std::string bind_address;
    std::optional<Simulation> simulate;

    // Media.
    std::string video = "camera";
    std::string audio = "mic";
    std::string video_sink = "auto";
    std::string audio_sink = "auto";
    std::vector<VideoCodec> video_codecs = {VideoCodec::Vp8, VideoCodec::H264, VideoCodec::Vp9};
    VideoFormat format;
    BitrateRange video_bitrate;
    int audio_bitrate = 48'000;  // bit/s
    PlayoutRange playout_delay;
    std::string record;
    std::string snapshot;
    std::string pipelines;

    // Reporting.
    std::string events;  // "-", a file, or empty
    std::chrono::milliseconds stats_interval{1000};
    std::vector<Expectation> expect;
    std::string junit;
    std::optional<Listen> metrics;
    std::string report;             // an HTML file, or empty
    std::vector<std::string> from;  // of this run, or of these one or two saved ones
    int verbosity = 0;              // -1 quiet, 0, 1 …
};

// Anybody who reaches the relay's port is answered, without a question.
inline bool is_open_to_all(const Options &options)
{
    const bool calls = options.mode == Options::Mode::Offer || options.mode == Options::Mode::Relay;
    return !calls && options.listen && !is_loopback(options.listen->host) &&
           options.token.empty() && options.auto_accept;
}

// What to run; or what to print (--help, --version: on stdout; a mistake, one line: on stderr) and
// the status to exit with. `text` ends with a line end. Of an option that stands in several places,
// the command line wins over the environment, and that over the file of --config.
struct Leave {
    Exit exit = Exit::Ok;
    std::string text;
};
std::variant<Options, Leave> parse_options(int argc, const char *const *argv);

}  // namespace callagent
