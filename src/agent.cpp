#include "agent.h"

#include <utility>

#include "glib/tls.h"
#include "media/ice.h"
#include "report/simulation_json.h"

namespace callagent {
namespace {

constexpr std::chrono::milliseconds kShow{500};

// When the end is cut short, what is on its way to the peer by then goes out.
constexpr std::chrono::milliseconds kGoodbye{100};

std::string random_digits(int count)
{
    std::string digits;
    for (int i = 0; i < count; ++i)
        digits += static_cast<char>('0' + g_random_int_range(i == 0 ? 1 : 0, 10));
    return digits;
}

std::string random_id()
{
    const auto id = glib::adopt(g_uuid_string_random());
    return id.get();
}

bool is_file(const std::string &source)
{
    return source.starts_with("file:");
}

}  // namespace

Agent::Agent(const Options &options, report::EventLog &events, report::Log &log, LastWords &words,
             std::function<void()> done)
    : options_(options),
      events_(events),
      log_(log),
      words_(words),
      done_(std::move(done)),
      pipelines_(options.pipelines),
      number_(options.number.empty() ? random_digits(6) : options.number)
{
}

Agent::~Agent() = default;

void Agent::start()
{
    Object started{{"mode", options_.mode == Options::Mode::Offer ? "offer" : "answer"},
                   {"version", CALLAGENT_VERSION}};
    if (options_.simulate)
        started.emplace_back("simulate", report::to_object(*options_.simulate));
    events_.emit("start", std::move(started));
    if (log_.is_live())
        showing_ = glib::every(kShow, [this] { log_.status(session_ ? session_->status() : ""); });
    if (const auto sound = check_network(); !sound)
        return fail({Exit::Usage, sound.error()});
    if (const auto opened = open_metrics(); !opened)
        return fail({Exit::Usage, opened.error()});
    if (const auto failure = open_control())
        return fail(*failure);
    // Signaling first: it connects while the devices open.
    std::optional<Failure> failure;
    if (!options_.url.empty())
        connect(options_.url);
    else
        failure = listen(options_.listen.value_or(Listen{"localhost", 3000}), !options_.listen);
    if (!failure)
        failure = open_media();
    if (failure)
        return fail(*failure);
    begin(call_config());
    if (channel_)
        channel_->start();
    network_ = std::make_unique<glib::NetworkWatch>(
        [this](const glib::Addresses &gone) { on_network(gone); });
}

// What each call needs, before somebody waits for one.
Status Agent::check_network()
{
    if (const auto read = glib::read_authorities(options_.ca); !read)
        return Error{read.error()};
    auto here = media::check_bind_address(options_.bind_address);
    if (here || !options_.keep)
        return here;
    // That of a VPN may come up later, and go again between two calls.
    warn({"bind-address", here.error() + "; no call will stand before it is there"});
    return Done{};
}

Status Agent::open_metrics()
{
    if (!options_.metrics)
        return Done{};
    auto opened = Exporter::open(*options_.metrics, [this] {
        report::Standing standing{ended_, {}};
        if (session_)
            standing.now = session_->standing();
        return report::open_metrics(standing);
    });
    if (!opened)
        return Error{opened.error()};
    exporter_ = std::move(*opened);
    events_.emit("metrics", {{"url", exporter_->url()}});
    log_.info("metrics at " + exporter_->url());
    return Done{};
}

// ---- media ----

Status Agent::open_capture()
{
    media::Capture::Config config;
    config.video = options_.video;
    config.audio = options_.audio;
    config.format = options_.format;
    media::Capture::Handlers handlers;
    handlers.failed = [this](const Failure &failure) { tell(Call::Failed{failure}); };
    handlers.ended = [this] { tell(Call::SourceEnded{}); };
    handlers.warning = [this](const Warning &warning) { warn(warning); };
    handlers.stalled = [this](Medium medium) {
        warn({std::string("source-stalled-") + name(medium),
              std::string("our own ") + name(medium) + " source delivers nothing"});
    };
    handlers.resumed = [this](Medium medium) {
        log_.info(std::string("our own ") + name(medium) + " source is back");
    };
    auto opened = media::Capture::open(config, timeline_, pipelines_, std::move(handlers));
    if (!opened)
        return Error{opened.error()};
    capture_ = std::move(*opened);
    for (const auto &[medium, muted] : muted_)
        capture_->set_muted(medium, muted);
    return Done{};
}

std::optional<Failure> Agent::open_media()
{
    for (const auto &writable :
         {options_.record.empty() ? Done{} : media::Recorder::check(options_.record),
          options_.snapshot.empty() ? Done{} : media::check_snapshot(options_.snapshot)})
        if (!writable)
            return Failure{Exit::Device, writable.error()};
    if (const auto opened = open_capture(); !opened)
        return Failure{Exit::Device, opened.error()};
    media::Playback::Config config;
    config.video_sink = options_.video_sink;
    config.audio_sink = options_.audio_sink;
    media::Playback::Handlers handlers;
    handlers.failed = [this](const Failure &failure) { tell(Call::Failed{failure}); };
    handlers.closed = [this] { tell(Call::HangUp{Exit::Interrupted, "the window was closed"}); };
    handlers.warning = [this](const Warning &warning) { warn(warning); };
    auto opened = media::Playback::open(config, timeline_, pipelines_, std::move(handlers));
    if (!opened)
        return Failure{Exit::Device, opened.error()};
    playback_ = std::move(*opened);
    return std::nullopt;
}

// ---- calls ----

Call::Config Agent::call_config() const
{
    Call::Config config;
    config.role = options_.mode == Options::Mode::Offer ? Call::Role::Offer : Call::Role::Answer;
    config.number = number_;
    config.to = options_.to;
    config.id = random_id();
    config.wait_timeout = options_.wait_timeout;
    config.duration = options_.duration;
    config.ask = !options_.auto_accept;
    return config;
}

void Agent::begin(Call::Config config)
{
    dialled_ = config.role == Call::Role::Offer && options_.mode == Options::Mode::Answer;
    session_.reset();  // one that still waits, where a number is dialled instead
    const Session::Shared shared{
        options_,
        timeline_,
        pipelines_,
        *capture_,
        *playback_,
        events_,
        log_,
        [this](const Message &message) { channel_->send(message); },
        [this](bool doubting) { channel_->doubt(doubting); },
        [this](const Session::Outcome &outcome) { words_.expect(outcome, case_of(outcome)); }};
    begun_ = std::chrono::steady_clock::now();
    session_ = std::make_unique<Session>(shared, std::move(config), ++calls_,
                                         [this](const Session::Outcome &outcome) {
                                             // Not from within the session that is to go.
                                             glib::post([this, outcome] { on_ended(outcome); });
                                         });
    session_->start();
    if (signaling_ == signaling::State::Connected)
        tell(Call::SignalingUp{});
}

void Agent::tell(const Call::Event &event)
{
    if (session_)
        session_->tell(event);
    else if (const auto *failed = std::get_if<Call::Failed>(&event))
        fail(failed->failure);
}

void Agent::interrupt(Exit otherwise, const std::string &by)
{
    if (cut_)
        return;
    if (std::exchange(stopping_, true)) {
        cut_ = Cut{otherwise, by};
        cutting_ = glib::after(kGoodbye, [this] { cut_short(); });
        return;
    }
    // With --keep, waiting for the next call is what was asked.
    const bool waiting = session_ && session_->call().state() == Call::State::Waiting;
    const bool kept = options_.keep && calls_ > 1 && waiting;
    tell(Call::HangUp{kept ? Exit::Ok : otherwise, by});
}

// With what there is: neither session nor channel have another turn.
void Agent::cut_short()
{
    if (session_)
        if (const auto outcome = session_->cut_short())
            words_.expect(*outcome, case_of(*outcome));
    showing_.cancel();
    words_.leave(cut_->exit, cut_->by);
}

report::CallCase Agent::case_of(const Session::Outcome &outcome) const
{
    return {session_ ? session_->call().id() : "", outcome.exit, outcome.reason,
            report::seconds_since(begun_), outcome.verdicts};
}

void Agent::account(const Session::Outcome &outcome)
{
    words_.add(case_of(outcome));
    ++ended_[outcome.exit];
    if (outcome.exit == Exit::Expect && broken_.empty())
        broken_ = outcome.reason;
}

void Agent::on_ended(const Session::Outcome &outcome)
{
    const bool again = options_.keep && options_.mode == Options::Mode::Answer && !stopping_ &&
                       outcome.exit != Exit::Signaling &&
                       (outcome.exit != Exit::NoPeer || dialled_);
    account(outcome);
    session_.reset();
    if (!again)
        return leave(outcome);

    events_.emit("call-ended", to_object(outcome));
    events_.set_call({});
    log_.info("call ended: " + outcome.reason);
    if (is_file(options_.video) ||
        is_file(options_.audio))  // from its beginning, for the next caller
        if (const auto opened = open_capture(); !opened)
            return fail({Exit::Device, opened.error()});
    begin(call_config());
}

void Agent::warn(const Warning &warning)
{
    log_.warning(warning.message);
    events_.emit("warning", {{"code", warning.code}, {"message", warning.message}});
}

void Agent::fail(const Failure &failure)
{
    Session::Outcome outcome{failure.exit, failure.reason, {}, {}};
    account(outcome);
    leave(outcome);
}

void Agent::leave(const Session::Outcome &outcome)
{
    if (!done_)
        return;
    words_.expect(outcome, std::nullopt);
    const auto finish = [this, outcome, done = std::exchange(done_, nullptr)] {
        // Before the last words: a device may hold this up, and then it ends by another signal.
        capture_.reset();
        playback_.reset();
        conclude(outcome);
        done();
    };
    if (channel_)
        channel_->close(finish);  // the bye goes out first
    else
        finish();
}

void Agent::conclude(Session::Outcome outcome)
{
    showing_.cancel();
    log_.status({});
    // With --keep, an earlier call that was not what it should have been is not forgotten.
    if (outcome.exit == Exit::Ok && !broken_.empty()) {
        outcome.exit = Exit::Expect;
        outcome.reason = broken_;
    }
    words_.say(cut_ ? callagent::cut_short(std::move(outcome), cut_->exit, cut_->by)
                    : std::move(outcome));
}

}  // namespace callagent
