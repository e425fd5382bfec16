#include "options.h"

#include "core/server_uri.h"
#include "option_input.h"
#include "option_table.h"
#include "option_values.h"

namespace callagent {
namespace {

using option::All;
using option::is_on;
using option::place;
using option::Place;

Status fill(const All &all, Options &options)
{
    for (const auto &spec : option::specs()) {
        const auto found = all.find(spec.name);
        if (found == all.end())
            continue;
        auto values = found->second.values;
        if (!spec.flag() && !spec.repeatable)
            values = {values.back()};
        for (const auto &value : values)
            if (const auto status = spec.apply(options, value); !status)
                return Error{found->second.named + ": " + status.error()};
    }
    return Done{};
}

// Exactly one; one on the command line overrides one in the file.
Status settle_mode(const All &all, Options &options, Place &where)
{
    constexpr std::pair<const char *, Options::Mode> kModes[] = {
        {"offer", Options::Mode::Offer},
        {"answer", Options::Mode::Answer},
        {"relay", Options::Mode::Relay},
        {"list-devices", Options::Mode::ListDevices},
        {"doctor", Options::Mode::Doctor}};
    std::string first;
    where = Place::Nowhere;
    for (const auto &[name, mode] : kModes) {
        if (!is_on(all, name) || place(all, name) < where)
            continue;
        if (place(all, name) == where)
            return Error{all.find(first)->second.named + " and " + all.find(name)->second.named +
                         " are two modes; give one"};
        where = place(all, name);
        first = name;
        options.mode = mode;
    }
    if (where == Place::Nowhere && !options.from.empty()) {
        options.mode = Options::Mode::Report;
        where = place(all, "from");
    } else if (where == Place::Nowhere)
        return Error{
            "no mode; give one of --offer, --answer, --relay, --list-devices, --doctor, "
            "or see --help"};
    return Done{};
}

// --NAME and --NAME-file: whichever stands in the greater place; on one and the same they exclude
// each other.
Status settle_secret(const All &all, const std::string &name, std::string &secret)
{
    const auto file = name + "-file";
    if (place(all, file) == Place::Nowhere || place(all, name) == Place::Nowhere)
        return Done{};
    if (place(all, file) == place(all, name))
        return Error{"--" + name + " and --" + file + " exclude each other; give one of them"};
    if (place(all, name) > place(all, file))
        secret = all.find(name)->second.values.back();
    return Done{};
}

Status settle_signaling(const All &all, Options &options, Place mode)
{
    if (options.mode == Options::Mode::Relay && !options.url.empty()) {
        if (place(all, "url") >= mode)
            return Error{"URL: --relay is a server itself; remove '" + options.url +
                         "', or give --listen [HOST]:PORT"};
        options.url.clear();
    }
    if (!options.url.empty() && options.listen) {
        if (place(all, "url") == place(all, "listen"))
            return Error{"URL and --listen exclude each other: '" + options.url +
                         "' is a relay elsewhere, --listen runs one here; give one of them"};
        if (place(all, "url") > place(all, "listen"))
            options.listen.reset();
        else
            options.url.clear();
    }
    if (options.mode == Options::Mode::Relay && !options.listen)
        options.listen = Listen{"localhost", 3000};
    if (options.tls_cert.empty() != options.tls_key.empty())
        return Error{"--tls-cert and --tls-key belong together; " +
                     std::string(options.tls_cert.empty() ? "--tls-cert" : "--tls-key") +
                     " is missing"};
    return settle_secret(all, "token", options.token);
}

// Saved events or this run's, and of a call.
Status settle_report(const Options &options)
{
    const bool saved = options.mode == Options::Mode::Report;
    const bool call = options.mode == Options::Mode::Offer || options.mode == Options::Mode::Answer;
    if (!options.from.empty() && !saved)
        return Error{
            "--from draws a run that is saved, and goes with --report alone; leave it away to "
            "make a call, or the mode to draw"};
    if (saved && options.report.empty())
        return Error{"--from: where to? give --report FILE.html as well"};
    if (options.from.size() > 2)
        return Error{"--from: one run, or two side by side; not " +
                     std::to_string(options.from.size())};
    if (!options.report.empty() && !saved && !call)
        return Error{"--report is about a call; give it to --offer or --answer, or with --from"};
    return Done{};
}

Status settle_media(const All &all, Options &options)
{
    const auto given = [&](const char *name) { return place(all, name) != Place::Nowhere; };
    const bool headless = is_on(all, "headless");
    if (headless && !given("video"))
        options.video = "test";
    if (!given("audio") && options.video.starts_with("file:"))
        options.audio = options.video;  // a film with its sound
    else if (headless && !given("audio"))
        options.audio = "test";
    if (headless && !given("video-sink"))
        options.video_sink = "none";
    if (headless && !given("audio-sink"))
        options.audio_sink = "none";

    if (option::has_extension(options.record, ".webm")) {
        std::erase(options.video_codecs, VideoCodec::H264);
        if (options.video_codecs.empty())
            return Error{
                "--record: WebM holds no H264, and --video-codec allows nothing else; record "
                "to .mkv, or add vp8"};
    }
    return Done{};
}

// Whatever speaks last of --auto and --no-auto; on one and the same place they exclude each other.
Status settle_control(const All &all, Options &options, Place mode)
{
    const bool asks = is_on(all, "no-auto");
    if (asks && is_on(all, "auto") && place(all, "no-auto") == place(all, "auto"))
        return Error{"--auto and --no-auto exclude each other; give one of them"};
    options.auto_accept =
        !asks || (is_on(all, "auto") && place(all, "auto") > place(all, "no-auto"));
    const bool calls =
        options.mode == Options::Mode::Offer || options.mode == Options::Mode::Answer;
    if (!calls && place(all, "control") >= mode)
        return Error{"--control: it takes commands for a call; give --offer or --answer with it"};
    return Done{};
}

// What libnice takes. An address without ?transport is two servers to it.
constexpr std::size_t kMaxTurnServers = 8;

Status settle_network(const All &all, Options &options)
{
    if (auto status = settle_secret(all, "turn-secret", options.turn_secret); !status)
        return status;
    std::size_t servers = 0;
    for (const auto &given : options.turn) {
        const auto uri = split_server_uri(given);
        if (!uri.password && options.turn_secret.empty())
            return Error{
                "--turn: a TURN URI needs a user and a password, or --turn-secret; write "
                "turn://USER:PASSWORD@HOST:PORT?transport=udp (or turns, or tcp)"};
        const bool both = uri.scheme == "turn" && uri.query.empty();
        servers += both ? 2 : 1;
    }
    if (servers > kMaxTurnServers)
        return Error{"--turn: " + std::to_string(servers) +
                     " servers are more than the 8 that are possible; one without ?transport= "
                     "counts twice"};
    if (!options.turn_secret.empty() && options.turn.empty())
        return Error{"--turn-secret: of which server? Give --turn turn://HOST:PORT as well"};
    if (options.relay_only && options.turn.empty())
        return Error{"--ice-policy relay: there is no relay without a TURN server; give --turn"};
    return Done{};
}

Status settle(const All &all, Options &options)
{
    Place mode{};
    if (auto status = settle_mode(all, options, mode); !status)
        return status;
    if (auto status = settle_signaling(all, options, mode); !status)
        return status;
    if (auto status = settle_media(all, options); !status)
        return status;
    if (auto status = settle_report(options); !status)
        return status;
    if (auto status = settle_control(all, options, mode); !status)
        return status;
    if (auto status = settle_network(all, options); !status)
        return status;
    if (options.mode == Options::Mode::Offer && place(all, "wait-timeout") == Place::Nowhere)
        options.wait_timeout = std::chrono::seconds(30);
    if (is_on(all, "quiet") && is_on(all, "verbose") &&
        place(all, "quiet") == place(all, "verbose"))
        return Error{"--quiet and --verbose exclude each other; give one of them"};
    return Done{};
}

Leave mistake(const std::string &sentence)
{
    auto line = "callagent: " + sentence;
    for (auto &c : line)
        if (static_cast<unsigned char>(c) < ' ')
            c = '?';  // one line, whatever the values hold
    return {Exit::Usage, line + "\n"};
}

}  // namespace

std::variant<Options, Leave> parse_options(int argc, const char *const *argv)
{
    auto all = option::read_command_line(argc, argv);
    if (!all)
        return mistake(all.error());
    if (is_on(*all, "help"))
        return Leave{Exit::Ok, option::help()};
    if (is_on(*all, "list-metrics"))
        return Leave{Exit::Ok, list_metrics()};
    if (is_on(*all, "version"))
        return Leave{Exit::Ok, "callagent " CALLAGENT_VERSION "\n"};

    if (const auto status = option::read_environment(*all); !status)
        return mistake(status.error());
    if (const auto config = all->find("config"); config != all->end())
        if (const auto status = option::read_file(config->second.values.back(), *all); !status)
            return mistake(status.error());

    Options options;
    if (const auto status = fill(*all, options); !status)
        return mistake(status.error());
    if (const auto status = settle(*all, options); !status)
        return mistake(status.error());
    return options;
}

}  // namespace callagent
