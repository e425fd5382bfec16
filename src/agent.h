// The shell around the calls of one process: signaling, sources and sinks, signals, and the exit
// status. Main loop.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/keys.h"
#include "control/server.h"
#include "core/command.h"
#include "core/exit.h"
#include "exporter.h"
#include "glib/loop.h"
#include "glib/network.h"
#include "last_words.h"
#include "media/capture.h"
#include "media/pipelines.h"
#include "media/playback.h"
#include "media/timeline.h"
#include "options.h"
#include "report/event_log.h"
#include "report/log.h"
#include "session.h"
#include "signaling/channel.h"
#include "signaling/relay.h"

namespace callagent {

// What the options say of the embedded relay.
signaling::RelayConfig relay_config(const Options &options, const Listen &where);

class Agent {
public:
    // `done` comes once, when the last words are said.
    Agent(const Options &options, report::EventLog &events, report::Log &log, LastWords &words,
          std::function<void()> done);
    ~Agent();
    Agent(const Agent &) = delete;
    Agent &operator=(const Agent &) = delete;

    void start();

    // Hangs up and ends; a second time: without waiting for what is still to be closed.
    // `otherwise`: the status where no call stood, and of an end that is cut short.
    void interrupt(Exit otherwise, const std::string &by);

private:
    Status check_network();
    Status open_metrics();
    std::optional<Failure> open_media();
    Status open_capture();
    void begin(Call::Config config);
    void on_ended(const Session::Outcome &outcome);
    void tell(const Call::Event &event);
    void warn(const Warning &warning);
    void fail(const Failure &failure);
    void leave(const Session::Outcome &outcome);
    void conclude(Session::Outcome outcome);
    void cut_short();
    report::CallCase case_of(const Session::Outcome &outcome) const;
    void account(const Session::Outcome &outcome);
    Call::Config call_config() const;

    // agent_signaling.cpp
    std::optional<Failure> listen(const Listen &where, bool fall_back);
    void connect(const std::string &url);
    void adopt(std::unique_ptr<signaling::Channel> channel);
    void on_signaling(signaling::State state, const std::string &detail);
    void on_message(const Message &message);
    void on_network(const glib::Addresses &gone);

    // agent_control.cpp
    using Outcomes = Session::Outcomes;
    static constexpr std::chrono::milliseconds kDialTimeout{30000};
    std::optional<Failure> open_control();
    void on_line(std::string_view line, bool as_events, const control::Reply &reply);
    void on_key(char key);
    bool is_in_call() const;
    bool is_ringing(const Outcomes &done) const;
    Result<Session *> session() const;
    void act(const command::HangUp &, const Outcomes &done);
    void act(const command::Mute &mute, const Outcomes &done);
    void act(const command::Keyframe &, const Outcomes &done);
    void act(const command::Bitrate &bitrate, const Outcomes &done);
    void act(const command::Snapshot &snapshot, const Outcomes &done);
    void act(const command::Record &record, const Outcomes &done);
    void act(const command::Stats &, const Outcomes &done);
    void act(const command::Dial &dial, const Outcomes &done);
    void act(const command::Accept &, const Outcomes &done);
    void act(const command::Reject &reject, const Outcomes &done);
    void act(const command::Say &say, const Outcomes &done);

    const Options &options_;
    report::EventLog &events_;
    report::Log &log_;
    LastWords &words_;
    std::function<void()> done_;
    media::Timeline timeline_;
    media::Pipelines pipelines_;
    std::string number_;
    std::unique_ptr<signaling::Relay> relay_;
    std::unique_ptr<signaling::Channel> channel_;
    std::unique_ptr<media::Playback> playback_;
    std::unique_ptr<media::Capture> capture_;
    std::unique_ptr<Session> session_;
    std::map<Exit, int> ended_;  // calls by how they ended
    std::unique_ptr<Exporter> exporter_;
    signaling::State signaling_ = signaling::State::Closed;
    // A signal came: no call after this one.
    bool stopping_ = false;
    // Another one came.
    struct Cut {
        Exit exit;
        std::string by;
    };
    std::optional<Cut> cut_;
    glib::Source cutting_;
    int calls_ = 0;
    report::Moment begun_ = std::chrono::steady_clock::now();  // the call, or waiting for it
    std::string broken_;            // with --keep: what the first call did not meet
    glib::Source showing_;          // how it stands, on a terminal
    bool dialled_ = false;          // this call, by command
    std::map<Medium, bool> muted_;  // call after call
    std::unique_ptr<glib::NetworkWatch> network_;
    std::unique_ptr<control::Server> control_;
    std::unique_ptr<control::Keys> keys_;
};

}  // namespace callagent
