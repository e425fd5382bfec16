// The agent's half that somebody speaks to while it runs: commands (--control) and keys.
#include <array>
#include <ctime>

#include "agent.h"
#include "report/json.h"

namespace callagent {
namespace {

std::string picture_name()
{
    const auto now = std::time(nullptr);
    std::tm local{};
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), "callagent-%Y%m%d-%H%M%S.png",
                  localtime_r(&now, &local));
    return text.data();
}

}  // namespace

std::optional<Failure> Agent::open_control()
{
    const bool events = options_.events == "-";
    if (!options_.control.empty()) {
        control::Server::Config config;
        config.path = options_.control;
        config.reply_to_stdout = !events;
        config.max_line = Request::kMaxLine;
        control::Server::Handlers handlers;
        const bool as_events = events && options_.control == "-";
        handlers.line = [this, as_events](std::string_view line, const control::Reply &reply) {
            on_line(line, as_events, reply);
        };
        handlers.dropped = [this](const std::string &why) {
            warn({"control-client-dropped", "--control: a client is dropped: " + why});
        };
        auto opened = control::Server::open(std::move(config), std::move(handlers));
        if (!opened)
            return Failure{Exit::Usage, opened.error()};
        control_ = std::move(*opened);
    }
    if (options_.control != "-")
        keys_ = control::Keys::open([this](char key) { on_key(key); });
    if (keys_)
        log_.info(std::string("keys: q hangs up, m mutes the sound, v the picture, s takes a "
                              "snapshot") +
                  (options_.auto_accept ? "" : "; a accepts a call, r rejects it"));
    if (!options_.auto_accept && options_.mode == Options::Mode::Answer && !control_ && !keys_)
        return Failure{Exit::Usage,
                       "--no-auto: nobody can accept a call here; give --control as well, or run "
                       "it on a terminal"};
    return std::nullopt;
}

void Agent::on_line(std::string_view line, bool as_events, const control::Reply &reply)
{
    const auto request = parse_request(line);
    const auto done = [this, as_events, reply, token = request.token](const Result<Object> &what) {
        auto object = reply_to(token, what);
        if (as_events)
            events_.emit("reply", object);
        reply(as_events ? std::string() : report::to_json(object));
    };
    if (!request.command)
        return done(Error{request.command.error()});
    std::visit([&](const auto &command) { act(command, done); }, *request.command);
}

// What a key did not do is said where the person looks.
void Agent::on_key(char key)
{
    const Outcomes done = [this](const Result<Object> &what) {
        if (!what)
            log_.warning(what.error());
    };
    switch (key) {
        case 'q':
            if (!is_in_call())  // there is nothing else to wait for
                return interrupt(Exit::Interrupted, "the key q");
            return act(command::HangUp{}, done);
        case 'm':
            return act(command::Mute{Medium::Audio, !muted_[Medium::Audio]}, done);
        case 'v':
            return act(command::Mute{Medium::Video, !muted_[Medium::Video]}, done);
        case 's':
            return act(command::Snapshot{picture_name()}, [this, done](const Result<Object> &what) {
                done(what);
                if (what)
                    log_.info("snapshot: " + std::get<std::string>(what->front().second.data));
            });
        case 'a':
            return act(command::Accept{}, done);
        case 'r':
            return act(command::Reject{}, done);
        default:
            return;
    }
}

bool Agent::is_in_call() const
{
    if (!session_)
        return false;
    switch (session_->call().state()) {
        case Call::State::Joining:
        case Call::State::Waiting:
        case Call::State::Ended:
            return false;
        case Call::State::Offering:
        case Call::State::Ringing:
        case Call::State::Answering:
        case Call::State::Connecting:
        case Call::State::Secured:
        case Call::State::Up:
            return true;
    }
    return false;
}

Result<Session *> Agent::session() const
{
    if (session_ && session_->call().state() != Call::State::Ended)
        return session_.get();
    return Error{"there is no call any more"};
}

// ---- what may be asked for ----

void Agent::act(const command::HangUp &, const Outcomes &done)
{
    if (const auto there = session(); !there)
        return done(Error{there.error()});
    if (options_.keep && !is_in_call())
        return done(Error{"there is no call to hang up; SIGTERM ends the waiting"});
    done(Object{});
    tell(Call::HangUp{Exit::Interrupted, "hung up from here"});
}

void Agent::act(const command::Mute &mute, const Outcomes &done)
{
    if (!capture_ || !capture_->has(mute.medium))
        return done(Error{std::string("we send no ") + name(mute.medium) + " (--" +
                          name(mute.medium) + " none)"});
    capture_->set_muted(mute.medium, mute.muted);
    if (std::exchange(muted_[mute.medium], mute.muted) != mute.muted) {
        const std::string what = mute.muted ? "muted" : "unmuted";
        events_.emit(what, {{"media", name(mute.medium)}});
        log_.info(std::string(name(mute.medium)) + " " + what);
    }
    done(Object{});
}

void Agent::act(const command::Keyframe &, const Outcomes &done)
{
    const auto there = session();
    done(there ? (*there)->send_keyframe() : Error{there.error()});
}

void Agent::act(const command::Bitrate &bitrate, const Outcomes &done)
{
    const auto there = session();
    done(there ? (*there)->set_video_bitrate(bitrate.bps) : Error{there.error()});
}

void Agent::act(const command::Snapshot &snapshot, const Outcomes &done)
{
    if (const auto there = session())
        (*there)->take_snapshot(snapshot.file, done);
    else
        done(Error{there.error()});
}

void Agent::act(const command::Record &record, const Outcomes &done)
{
    const auto there = session();
    if (!there)
        return done(Error{there.error()});
    done(record.start ? (*there)->start_recording(record.file) : (*there)->stop_recording());
}

void Agent::act(const command::Stats &, const Outcomes &done)
{
    const auto there = session();
    done(there ? (*there)->statistics() : Error{there.error()});
}

// Who waits for a call makes one instead.
void Agent::act(const command::Dial &dial, const Outcomes &done)
{
    const auto there = session();
    if (!there)
        return done(Error{there.error()});
    if (is_in_call())
        return done(Error{"there is a call: hang up first"});
    if ((*there)->call().state() != Call::State::Waiting)
        return done(Error{"signaling is not connected yet"});
    if (dial.to == number_)
        return done(Error{"that is our own number"});
    done(Object{});
    auto config = call_config();
    config.role = Call::Role::Offer;
    config.to = dial.to;
    if (config.wait_timeout.count() == 0)
        config.wait_timeout = kDialTimeout;
    log_.info("calling number " + dial.to);
    begin(std::move(config));
}

void Agent::act(const command::Accept &, const Outcomes &done)
{
    if (!is_ringing(done))
        return;
    done(Object{});
    tell(Call::Accepted{});
}

void Agent::act(const command::Reject &reject, const Outcomes &done)
{
    if (!is_ringing(done))
        return;
    done(Object{});
    tell(Call::Declined{reject.reason});
}

void Agent::act(const command::Say &say, const Outcomes &done)
{
    const auto there = session();
    done(there ? (*there)->say(say.text) : Error{there.error()});
}

bool Agent::is_ringing(const Outcomes &done) const
{
    const auto there = session();
    if (there && (*there)->call().state() == Call::State::Ringing)
        return true;
    done(Error{there
                   ? std::string("nobody is calling: the call is ") + name((*there)->call().state())
                   : there.error()});
    return false;
}

}  // namespace callagent
