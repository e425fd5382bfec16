#include "session.h"

#include <cmath>
#include <utility>

#include "report/clock.h"
#include "report/metrics_json.h"
#include "report/stats_json.h"
#include "report/status_line.h"
#include "report/verdict.h"

namespace callagent {
namespace {

// For a recording's end, of who cuts the end short.
constexpr std::chrono::milliseconds kCutShort{250};

IceAccount::Settings ice_settings(const Options &options)
{
    return {!options.turn.empty(), options.relay_only, options.ice_tcp, options.min_port != 0};
}

}  // namespace

Session::Session(Shared shared, Call::Config config, int nth, std::function<void(Outcome)> ended)
    : shared_(std::move(shared)),
      call_(std::move(config)),
      nth_(nth),
      ended_(std::move(ended)),
      ice_account_(ice_settings(shared_.options))
{
}

Session::~Session()
{
    for (const Medium medium : {Medium::Audio, Medium::Video})
        shared_.capture.set_feed(medium, {});
}

void Session::start()
{
    carry_out(call_.start());
}

void Session::tell(const Call::Event &event)
{
    const auto before = call_.state();
    const auto actions = call_.handle(event);
    // The one place where every change of state is seen.
    if (call_.state() != before)
        shared_.log.debug(std::string("call: ") + name(before) + " -> " + name(call_.state()));
    carry_out(actions);
}

void Session::carry_out(const Call::Actions &actions)
{
    for (const auto &action : actions) {
        if (outcome_)  // an action failed and ended the call: what was to follow is void
            return;
        std::visit([this](const auto &what) { act(what); }, action);
    }
}

double Session::elapsed()
{
    return report::seconds_since(report::process_start());
}

double Session::seconds() const
{
    return std::chrono::duration<double>(Clock::now() - offered_).count();
}

int Session::milliseconds() const
{
    return static_cast<int>(std::lround(seconds() * 1000));
}

void Session::fail(Exit exit, const std::string &reason)
{
    tell(Call::Failed{{exit, reason}});
}

void Session::warn(const Warning &warning)
{
    summary_.warned();
    meter_.warned();
    shared_.log.warning(warning.message);
    shared_.events.emit("warning", {{"code", warning.code}, {"message", warning.message}});
}

// ---- what the call decides ----

void Session::act(const Call::Send &send)
{
    if (const auto *sdp = std::get_if<Sdp>(&send.message.body);
        sdp && sdp->type == Sdp::Type::Offer && !call_.stands())
        offered_ = Clock::now();
    shared_.send(send.message);
}

void Session::act(const Call::MakeOffer &make)
{
    auto *endpoint = make_endpoint(make.as_another);
    if (!endpoint)
        return;
    endpoint->offer([this, nth = made_](const Result<Sdp> &offer) {
        if (offer)
            tell(Call::Described{*offer});
        else
            on_failed(nth, {Exit::Internal, "no offer could be made: " + offer.error()});
    });
}

void Session::act(const Call::MakeAnswer &make)
{
    if (!call_.stands())
        offered_ = Clock::now();
    ice_account_.remote(make.offer.sdp);
    auto *endpoint = make_endpoint(false);
    if (!endpoint)
        return;
    endpoint->answer(make.offer, [this, nth = made_](const Result<Sdp> &answer) {
        if (!answer)
            return on_failed(nth, {Exit::Negotiation, answer.error()});
        on_negotiated(nth);
        tell(Call::Described{*answer});
    });
}

void Session::act(const Call::Accept &accept)
{
    ice_account_.remote(accept.answer.sdp);
    newest()->accept(accept.answer, [this, nth = made_](const Status &accepted) {
        if (accepted)
            on_negotiated(nth);
        else
            on_failed(nth, {Exit::Negotiation, accepted.error()});
    });
}

void Session::act(const Call::AddCandidate &add)
{
    ice_account_.remote(add.candidate.candidate);
    if (auto *endpoint = newest())
        endpoint->add_candidate(add.candidate);
}

void Session::act(const Call::StartTimer &start)
{
    timers_[start.timer] =
        glib::after(start.after, [this, timer = start.timer] { tell(Call::Elapsed{timer}); });
}

void Session::act(const Call::StopTimer &stop)
{
    timers_.erase(stop.timer);
}

void Session::act(const Call::FoundPeer &found)
{
    shared_.events.set_call(call_.id());
    shared_.events.emit("peer", {{"number", found.number}});
    shared_.log.info(found.number.empty() ? "a peer without a number is there"
                                          : "peer: number " + found.number);
}

void Session::act(const Call::Ask &ask)
{
    shared_.events.emit("incoming", {{"number", ask.number}});
    shared_.log.info("incoming call" + (ask.number.empty() ? "" : " of number " + ask.number) +
                     ": accept or reject?");
}

void Session::act(const Call::PeerRings &rings)
{
    shared_.events.emit("ringing", {{"number", rings.number}});
    shared_.log.info("ringing" + (rings.number.empty() ? "" : " at number " + rings.number));
}

void Session::act(const Call::Suspect &suspect)
{
    if (watchdog_)
        watchdog_->suspect(suspect.suspected);
}

void Session::act(const Call::Warn &what)
{
    warn(what.warning);
}

void Session::act(const Call::End &end)
{
    timers_.clear();
    // Before anything is counted for the last time: what is sent after that is in no summary.
    for (const Medium medium : {Medium::Audio, Medium::Video})
        shared_.capture.set_feed(medium, {});
    if (endpoint_ && watchdog_)
        sample();
    watching_.cancel();
    sampling_.cancel();
    doubting_.cancel();
    server_probes_.reset();
    outcome_ = Outcome{end.exit, end.reason, {}, {}};
    if (end.exit == Exit::Ice)
        outcome_->reason += ": " + ice_account_.sentence();
    if (next_)
        close(std::exchange(next_, nullptr));
    if (!endpoint_)
        return finish();
    shared_.ending(so_far());
    // Where media failed, our bye says so, and must not be overtaken by a plain goodbye.
    const bool stood = watchdog_.has_value();
    const auto farewell = stood && end.exit != Exit::Media ? media::Endpoint::Farewell::Goodbye
                                                           : media::Endpoint::Farewell::None;
    ++closing_;
    endpoint_->close(farewell, kTeardown, [this](bool in_time) { on_closed(in_time); });
}

report::Standing::Now Session::standing() const
{
    return {name(call_.state()), newest_, meter_.measurements(elapsed())};
}

std::string Session::status() const
{
    return report::status_line(call_.state(), elapsed() - stood_.value_or(begun_), meter_);
}

// ---- the end ----

std::string Session::numbered(const std::string &path) const
{
    if (nth_ <= 1)
        return path;
    const auto dot = path.rfind('.');
    const auto slash = path.rfind('/');
    const auto at =
        dot == std::string::npos || (slash != std::string::npos && dot < slash) ? path.size() : dot;
    return path.substr(0, at) + "-" + std::to_string(nth_) + path.substr(at);
}

void Session::keep_picture(GstSample *sample)
{
    const std::lock_guard lock(picture_mutex_);
    picture_ = glib::adopt(gst_sample_ref(sample));
}

void Session::write_snapshot()
{
    const std::lock_guard lock(picture_mutex_);
    if (!picture_ || shared_.options.snapshot.empty())
        return;
    const auto path = numbered(shared_.options.snapshot);
    if (const auto written = media::write_snapshot(path, picture_.get()); written)
        summary_.snapshot(path);
    else
        recording_failed_ = Failure{Exit::Device, written.error()};
}

// With what is known by now.
Session::Outcome Session::so_far()
{
    auto outcome = *outcome_;
    if (outcome.exit == Exit::Ok && recording_failed_) {
        outcome.exit = recording_failed_->exit;
        outcome.reason = recording_failed_->reason;
    }
    if (const auto counts = endpoint_ ? endpoint_->simulated() : std::nullopt)
        summary_.simulated(counts->in, counts->out);
    outcome.summary = summary_.object(elapsed());
    const auto measurements = meter_.measurements(elapsed());
    if (auto metrics = report::to_object(measurements); !metrics.empty())
        outcome.summary.emplace_back("metrics", std::move(metrics));
    outcome.verdicts = judge(shared_.options.expect, measurements);
    if (const auto broken = report::broken_sentence(outcome.verdicts);
        outcome.exit == Exit::Ok && !broken.empty()) {
        outcome.exit = Exit::Expect;
        outcome.reason = broken;
    }
    return outcome;
}

Session::Outcome Session::conclude(std::chrono::milliseconds patience)
{
    write_snapshot();
    if (recorder_)
        if (const auto finished = recorder_->finish(patience); !finished && !recording_failed_)
            recording_failed_ = Failure{Exit::Device, finished.error()};
    auto outcome = so_far();
    if (const auto sentence = summary_.sentence(elapsed()); !sentence.empty())
        shared_.log.info(sentence);
    for (const auto &verdict : outcome.verdicts)
        shared_.log.info("expected " + verdict.sentence());
    return outcome;
}

std::optional<Session::Outcome> Session::cut_short()
{
    if (!outcome_ || !ended_)
        return std::nullopt;
    return conclude(kCutShort);
}

void Session::finish()
{
    const auto outcome = conclude(media::Recorder::kPatience);
    endpoint_.reset();
    std::exchange(ended_, nullptr)(outcome);
}

}  // namespace callagent
