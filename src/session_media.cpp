// The media half of a session: what comes out of its endpoint, and the watch over it.
#include <algorithm>
#include <cmath>
#include <utility>

#include "report/clock.h"
#include "report/quality_json.h"
#include "report/stats_json.h"
#include "session.h"

namespace callagent {
namespace {

constexpr std::chrono::milliseconds kWatch{250};

// After so long without a path the servers are asked what is wrong with them, and for so long.
constexpr std::chrono::milliseconds kDoubt{1000};
constexpr std::chrono::milliseconds kServerTimeout{4000};

Object describe(const media::NegotiatedMedium &medium)
{
    return {{"codec", medium.codec},
            {"payload_type", medium.payload_type},
            {"direction", sdp::name(medium.direction)}};
}

Value describe(const std::optional<media::NegotiatedMedium> &medium)
{
    return medium ? Value(describe(*medium)) : Value();
}

std::string text(const IceCandidate &candidate)
{
    return candidate.protocol + " " + candidate.address + ":" + std::to_string(candidate.port) +
           " (" + candidate.type + ")";
}

bool receives(const std::optional<media::NegotiatedMedium> &medium)
{
    return medium && sdp::receives(medium->direction);
}

}  // namespace

Status Session::open_recorder()
{
    if (shared_.options.record.empty() || recorder_)
        return Done{};
    return record_to(numbered(shared_.options.record));
}

Status Session::record_to(const std::string &path)
{
    auto opened = media::Recorder::open(path, shared_.timeline, [this](const Failure &failure) {
        recording_failed_ = failure;
        warn({"recording", failure.reason});
    });
    if (!opened)
        return Error{opened.error()};
    const std::lock_guard lock(recorder_mutex_);
    recorder_ = std::move(*opened);
    recording_ = path;
    return Done{};
}

// Before anything is recorded.
void Session::expect_tracks()
{
    const auto &negotiated = endpoint_->negotiated();
    if (recorder_)
        recorder_->expect(receives(negotiated.audio), receives(negotiated.video));
}

void Session::on_negotiated(int nth)
{
    if (nth != current_)
        return on_renegotiated();
    const auto &negotiated = endpoint_->negotiated();
    shared_.events.emit("negotiated", {{"video", describe(negotiated.video)},
                                       {"audio", describe(negotiated.audio)}});
    for (const auto &[what, medium] :
         {std::pair{"video", &negotiated.video}, std::pair{"audio", &negotiated.audio}})
        if (!receives(*medium))
            warn({std::string("peer-sends-no-") + what, std::string("the peer sends no ") + what});
    for (const auto &sentence : negotiated.not_taken)
        warn({"not-taken", sentence});
    expect_tracks();
    if (ice_state_ != "connected" && ice_state_ != "completed")
        doubting_ = glib::after(kDoubt, [this] { ask_servers(); });
    feed(nullptr);
}

void Session::on_ice_state(int nth, const std::string &state)
{
    (nth == current_ ? ice_state_ : next_ice_state_) = state;
    shared_.events.emit("ice", {{"state", state}});
    if (nth == current_ && (state == "connected" || state == "completed")) {
        doubting_.cancel();
        server_probes_.reset();
        tell(Call::IceConnected{});
    } else if (state == "failed")
        on_failed(nth, {Exit::Ice, no_path()});
}

std::string Session::no_path() const
{
    return "ICE found no path to " + who(call_.peer());
}

// Calls that find their path at once cost the servers nothing more than what libnice asks of them.
void Session::ask_servers()
{
    const Options &options = shared_.options;
    auto uris = turn_;
    if (!options.stun.empty() && !options.relay_only)
        uris.insert(uris.begin(), options.stun);
    unheard_ = uris.size();
    server_probes_ = std::make_unique<ServerProbes>(
        uris, ServerTrust{options.ca, options.insecure}, kServerTimeout,
        [weak = std::weak_ptr<Session *>(alive_)](std::size_t, const ServerProbe &probe) {
            glib::post([weak, probe] {
                const auto self = weak.lock();
                if (!self)
                    return;
                (*self)->on_server(probe);
                if (--(*self)->unheard_ == 0 && (*self)->ice_account_.hopeless())
                    (*self)->fail(Exit::Ice, (*self)->no_path());
            });
        });
}

void Session::on_server(const ServerProbe &probe)
{
    ice_account_.server(probe.server, probe.answers, probe.detail);
    if (!probe.answers && !outcome_ && complained_.insert(probe.server).second)
        warn({probe.server.starts_with("stun") ? "stun-server" : "turn-server",
              probe.server + ": " + probe.detail});
}

void Session::on_verified()
{
    const auto pair = endpoint_->selected_pair();
    const int setup = milliseconds();
    summary_.connected(elapsed(), setup);
    meter_.connected(elapsed(), setup);
    stood_ = elapsed();
    shared_.events.emit("connected",
                        {{"setup_ms", setup},
                         {"local", pair ? Value(report::to_object(pair->local)) : Value()},
                         {"remote", pair ? Value(report::to_object(pair->remote)) : Value()}});
    shared_.log.info("connected in " + std::to_string(setup) + " ms" +
                     (pair ? ": " + text(pair->local) + " to " + text(pair->remote) : ""));
    probe_.set_same_clock(pair && media::is_own_address(pair->remote.address));
    const auto &negotiated = endpoint_->negotiated();
    const bool audio = receives(negotiated.audio);
    const bool video = receives(negotiated.video);
    watchdog_.emplace(audio, video, seconds());
    shared_.capture.start();
    tell(Call::Verified{audio || video});
    if (call_.state() == Call::State::Ended)
        return;
    watching_ = glib::every(kWatch, [this] { watch(); });
    if (shared_.options.stats_interval.count() > 0)
        sampling_ = glib::every(shared_.options.stats_interval, [this] { sample(); });
}

void Session::on_first_frame(Medium medium)
{
    const int ms = milliseconds();
    summary_.first_frame(medium, ms);
    meter_.first_frame(medium, elapsed(), ms);
    shared_.events.emit("first-frame", {{"media", name(medium)}, {"ms", ms}});
    shared_.log.info(std::string("first ") + name(medium) + " after " + std::to_string(ms) + " ms");
}

void Session::watch()
{
    for (const auto &event : watchdog_->sample(progress(), seconds()))
        on_stall(event);
    if (call_.state() == Call::State::Up)
        set_playout();
}

Watchdog::Counters Session::progress() const
{
    auto counters = endpoint_->progress();
    counters += former_progress_;
    return counters;
}

// Not each step of a slope.
void Session::on_bitrate(const media::RateAdaptation::Change &change)
{
    constexpr double kMuch = 0.25;
    const bool has_fec = change.fec > 0;
    if (has_fec == told_fec_ && std::abs(change.bitrate - told_bitrate_) < kMuch * told_bitrate_)
        return;
    shared_.events.emit("bitrate", {{"bitrate", change.bitrate},
                                    {"why", name(change.why)},
                                    {"loss", change.loss},
                                    {"queue_ms", change.queue_delay * 1000},
                                    {"fec", change.fec}});
    if (has_fec && !told_fec_)
        shared_.log.info("video: with FEC from now on, since the path is long and loses packets");
    if (change.bitrate < told_bitrate_)
        shared_.log.info("video: " + std::to_string(change.bitrate / 1000) + " kbit/s (" +
                         name(change.why) + ")");
    told_bitrate_ = change.bitrate;
    told_fec_ = has_fec;
}

void Session::on_stall(const Watchdog::Event &event)
{
    switch (event.kind) {
        case Watchdog::Event::Kind::Stalled:
            summary_.stalled();
            meter_.stalled();
            shared_.events.emit("stall", {{"media", name(event.medium)}});
            shared_.log.warning(std::string("the peer's ") + name(event.medium) + " has stopped");
            break;
        case Watchdog::Event::Kind::Resumed:
            shared_.events.emit("resumed", {{"media", name(event.medium)}});
            shared_.log.info(std::string("the peer's ") + name(event.medium) + " is back");
            break;
        case Watchdog::Event::Kind::Silent:
            on_path_lost(false);
            break;
        case Watchdog::Event::Kind::Heard:
            on_path_back();
            break;
        case Watchdog::Event::Kind::Dead:
            tell(Call::MediaDied{event.reason});
            break;
    }
}

Stats Session::statistics_now()
{
    Stats stats = endpoint_->stats();
    stats.t = elapsed();
    stats.transport.dtls_state = dtls_state_;
    stats.transport.ice_state = ice_state_;
    put_freezes(stats);
    return stats;
}

void Session::sample()
{
    const Stats stats = statistics_now();
    summary_.sample(stats);
    meter_.sample(with_former(stats));
    newest_ = stats;
    Object event{{"stats", report::to_array(stats)}};
    for (const auto &report : stats.remote_inbound)
        if (report.round_trip_time)
            round_trip_ =
                std::min(round_trip_.value_or(*report.round_trip_time), *report.round_trip_time);
    const auto quality = probe_.take(round_trip_);
    summary_.sample(quality);
    meter_.sample(stats.t, quality);
    if (auto measured = report::to_object(quality); !measured.empty())
        event.emplace_back("quality", std::move(measured));
    shared_.events.emit("stats", std::move(event));
}

}  // namespace callagent
