// The connections of a session: the first, and where its path is lost, the next beside it and the
// change to that. The recording, the sinks and the statistics do not notice.
#include <utility>

#include "media/own_certificate.h"
#include "media/rtp_session.h"
#include "report/stats_json.h"
#include "session.h"
#include "turn_credentials.h"

namespace callagent {
namespace {

template <typename Stream>
void put_before(std::vector<Stream> &streams, const std::vector<Stream> &former)
{
    streams.insert(streams.begin(), former.begin(), former.end());
}

std::string codec(const std::optional<media::NegotiatedMedium> &medium)
{
    return medium ? medium->codec : "";
}

}  // namespace

// Of a call that stands, its next one. Null where that failed, which the call knows then.
media::Endpoint *Session::make_endpoint(bool as_another)
{
    const Options &options = shared_.options;
    const int nth = ++made_;
    if (next_)
        act(Call::Abandon{});
    if (!call_.stands())
        current_ = nth;
    renewing_ = elapsed();
    if (auto opened = open_recorder(); !opened) {
        on_failed(nth, {Exit::Device, opened.error()});
        return nullptr;
    }
    media::Endpoint::Config config;
    config.send_audio = shared_.capture.has(Medium::Audio);
    config.send_video = shared_.capture.has(Medium::Video);
    config.video_codecs = options.video_codecs;
    config.video_bitrate = options.video_bitrate;
    config.audio_bitrate = options.audio_bitrate;
    config.pictures = options.format.framerate;
    config.allow_one_way = options.allow_one_way;
    config.ice.stun = options.stun;
    config.ice.turn = turn_ =
        with_credentials(options.turn, options.turn_secret, std::chrono::system_clock::now());
    config.ice.ca = options.ca;
    config.ice.insecure = options.insecure;
    config.ice.relay_only = options.relay_only;
    config.ice.min_port = options.min_port;
    config.ice.max_port = options.max_port;
    config.ice.tcp = options.ice_tcp;
    config.ice.bind_address = options.bind_address;
    config.simulate = options.simulate;
    if (as_another) {
        auto certificate = media::make_certificate();
        if (!certificate) {
            on_failed(nth, {Exit::Internal, certificate.error()});
            return nullptr;
        }
        config.certificate = std::move(*certificate);
    }
    auto made = media::Endpoint::make(config, shared_.timeline, shared_.pipelines, handlers(nth));
    if (!made) {
        on_failed(nth, {Exit::Device, made.error()});
        return nullptr;
    }
    auto &place = call_.stands() ? next_ : endpoint_;
    place = std::move(*made);
    return place.get();
}

media::Endpoint::Handlers Session::handlers(int nth)
{
    media::Endpoint::Handlers handlers;
    handlers.candidate = [this, nth](const Candidate &candidate) {
        if (nth != made_)
            return;
        ice_account_.local(candidate.candidate);
        tell(Call::Gathered{candidate});
    };
    handlers.ice_state = [this, nth](const std::string &state) { on_ice_state(nth, state); };
    handlers.dtls_state = [this, nth](const std::string &state) {
        (nth == current_ ? dtls_state_ : next_dtls_state_) = state;
        shared_.events.emit("dtls", {{"state", state}});
    };
    handlers.verified = [this, nth] { nth == current_ ? on_verified() : on_renewed(); };
    handlers.failed = [this, nth](const Failure &failure) { on_failed(nth, failure); };
    handlers.turn_failed = [this](const std::string &server, const std::string &why) {
        on_server({server, false, why});
    };
    // A peer whose new connection stands lets the former go.
    handlers.left = [this, nth] {
        if (nth == current_ && call_.renewal() != Call::Renewal::Connecting)
            tell(Call::PeerClosed{});
    };
    handlers.text = [this](const std::string &text) {
        shared_.events.emit("text", {{"text", text}});
        shared_.log.info((call_.peer().empty() ? "the peer" : "number " + call_.peer()) +
                         " writes: " + text);
    };
    handlers.bitrate = [this, nth](const media::RateAdaptation::Change &change) {
        if (nth == current_)
            on_bitrate(change);
    };
    handlers.first_packet = [this](Medium) { tell(Call::MediaArrived{}); };
    handlers.first_frame = [this, nth](Medium medium) {
        if (nth == 1)
            on_first_frame(medium);
    };
    // Streaming threads; the endpoint stops them before the recorder and the session go.
    handlers.encoded = [this, nth](Medium medium, GstSample *sample) {
        const std::lock_guard lock(recorder_mutex_);
        if (recorder_ && nth == current_)
            recorder_->push(medium, sample);
    };
    handlers.sound = [this, nth](std::uint32_t timestamp) {
        const std::lock_guard lock(playout_mutex_);
        if (nth == current_)
            playout_.sound(running_time(), timestamp, media::clock_rate(Medium::Audio));
    };
    handlers.raw = [this, nth](Medium medium, GstSample *sample, std::optional<double> captured) {
        if (nth != current_)
            return;
        probe_.push(medium, sample, shared_.playback.delay(medium), captured);
        if (medium == Medium::Video)
            time_picture(sample);
        shared_.playback.push(medium, sample);
        if (medium == Medium::Video)
            keep_picture(sample);
    };
    return handlers;
}

void Session::act(const Call::Abandon &)
{
    feed(nullptr);
    if (next_)
        close(std::exchange(next_, nullptr));
}

// Says nothing to the peer: what it hears of a connection that goes would be a hang-up. Kept until
// it is closed, because it may be the one that calls us.
void Session::close(std::unique_ptr<media::Endpoint> endpoint)
{
    ++closing_;
    const std::shared_ptr<media::Endpoint> held = std::move(endpoint);
    held->close(media::Endpoint::Farewell::None, kTeardown,
                [this, held](bool in_time) { on_closed(in_time); });
}

void Session::on_closed(bool in_time)
{
    if (!in_time)
        warn({"teardown", "GStreamer did not stop within 5 s and is left behind"});
    if (--closing_ == 0 && outcome_)
        finish();
}

// What we send goes to the connection that is, and to the one that will be.
void Session::feed(media::Endpoint *next)
{
    for (const Medium medium : {Medium::Audio, Medium::Video})
        shared_.capture.set_feed(medium,
                                 [endpoint = endpoint_.get(), next, medium](GstSample *sample) {
                                     endpoint->feed(medium, sample);
                                     if (next)
                                         next->feed(medium, sample);
                                 });
}

void Session::on_failed(int nth, const Failure &failure)
{
    if (nth == current_) {
        // One that stood may come back, or another takes its place; if neither, media is dead.
        if (failure.exit == Exit::Ice && call_.state() == Call::State::Up)
            return on_path_lost(false);
        return tell(Call::Failed{failure});
    }
    if (nth != made_)
        return;
    shared_.log.debug("the new connection fails: " + failure.reason);
    tell(Call::RenewalFailed{});
}

void Session::on_path_lost(bool address_gone)
{
    watchdog_->doubt();
    if (!lost_) {
        lost_ = elapsed();
        shared_.log.warning("nothing comes from " + who(call_.peer()) +
                            ": looking for another path");
        shared_.doubt(true);
    }
    tell(Call::PathLost{address_gone});
}

void Session::on_path_back()
{
    lost_.reset();
    shared_.doubt(false);
    tell(Call::PathBack{});
}

void Session::network_changed(const glib::Addresses &gone)
{
    if (call_.state() != Call::State::Up)
        return;
    const auto pair = endpoint_->selected_pair();
    if (pair && gone.contains(pair->local.base)) {
        watch();
        if (call_.state() != Call::State::Up)
            return;
        return on_path_lost(true);
    }
    tell(Call::NetworkChanged{});
}

void Session::on_renegotiated()
{
    const auto &before = endpoint_->negotiated();
    const auto &now = next_->negotiated();
    for (const auto &[was, is] : {std::pair{codec(before.video), codec(now.video)},
                                  {codec(before.audio), codec(now.audio)}})
        if (was != is && recorder_)
            warn({"recording", recording_ + ": the new connection has another codec (" + is +
                                   "), so the recording is without it from here on"});
    feed(next_.get());
}

// The new connection is verified.
void Session::on_renewed()
{
    sample();  // the last of the old one
    former_ = with_former(*newest_);
    for (auto &stream : former_.inbound)
        stream.jitter = 0;  // no total
    for (auto &report : former_.remote_inbound)
        report.round_trip_time.reset();
    former_progress_ = progress();

    auto old = std::exchange(endpoint_, std::exchange(next_, nullptr));
    current_ = made_;
    ice_state_ = std::exchange(next_ice_state_, {});
    dtls_state_ = std::exchange(next_dtls_state_, {});
    feed(nullptr);
    close(std::move(old));
    if (chosen_bitrate_)
        endpoint_->set_video_bitrate(*chosen_bitrate_);

    const auto pair = endpoint_->selected_pair();
    probe_.set_same_clock(pair && media::is_own_address(pair->remote.address));
    const auto ms = static_cast<int>((elapsed() - lost_.value_or(renewing_)) * 1000);
    shared_.events.emit("reconnected",
                        {{"ms", ms},
                         {"local", pair ? Value(report::to_object(pair->local)) : Value()},
                         {"remote", pair ? Value(report::to_object(pair->remote)) : Value()}});
    shared_.log.info("connected again after " + std::to_string(ms) + " ms");
    lost_.reset();
    shared_.doubt(false);
    tell(Call::Renewed{});
}

// Totals of the call, of which the connections before have their part.
Stats Session::with_former(Stats stats) const
{
    put_before(stats.inbound, former_.inbound);
    put_before(stats.outbound, former_.outbound);
    put_before(stats.remote_inbound, former_.remote_inbound);
    return stats;
}

}  // namespace callagent
