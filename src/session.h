// One call with everything that belongs to it: the state machine, its endpoint, its timers, its
// recording, its statistics. Carries out what core's Call decides, and tells it what happened. Main
// loop.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/call.h"
#include "core/call_meter.h"
#include "core/freeze.h"
#include "core/ice_account.h"
#include "core/playout.h"
#include "core/watchdog.h"
#include "glib/loop.h"
#include "glib/network.h"
#include "media/capture.h"
#include "media/endpoint.h"
#include "media/playback.h"
#include "media/quality_probe.h"
#include "media/recorder.h"
#include "options.h"
#include "report/event_log.h"
#include "report/log.h"
#include "report/openmetrics.h"
#include "report/summary.h"
#include "server_probe.h"

namespace callagent {

class Session {
public:
    struct Outcome {
        Exit exit = Exit::Ok;
        std::string reason;
        Object summary;
        std::vector<Verdict> verdicts;  // of --expect
    };

    // What calls share; all of it outlives the session.
    struct Shared {
        const Options &options;
        const media::Timeline &timeline;
        const media::Pipelines &pipelines;
        media::Capture &capture;
        media::Playback &playback;
        report::EventLog &events;
        report::Log &log;
        std::function<void(const Message &)> send;
        std::function<void(bool)> doubt;  // of the way to the signaling server
        // The call is over, and this is what is known of it before everything is closed.
        std::function<void(const Outcome &)> ending;
    };

    // `nth`: of this process, from 1; the recording of a later call gets a name of its own.
    // `ended` comes once, when everything of the call is closed; it may destroy the session.
    Session(Shared shared, Call::Config config, int nth, std::function<void(Outcome)> ended);
    ~Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    void start();
    void tell(
        const Call::Event &event);  // whatever comes from outside: signaling, signals, sources

    void network_changed(const glib::Addresses &gone);

    const Call &call() const { return call_; }

    // Where it is over and waits for what is being closed: what it came to, with its files finished
    // as far as that is quick. Nothing may happen to it afterwards.
    std::optional<Outcome> cut_short();

    // How it stands, for whoever asks meanwhile.
    report::Standing::Now standing() const;

    // The same for a line on a terminal.
    std::string status() const;

    // What may be asked for while it runs. The object is what the reply says beside "ok"; the error
    // says why not, and leaves the call as it is.
    using Outcomes = std::function<void(Result<Object>)>;
    Result<Object> send_keyframe();
    Result<Object> set_video_bitrate(int bitrate);
    Result<Object> statistics();
    Result<Object> say(const std::string &text);
    Result<Object> start_recording(const std::string &path);
    Result<Object> stop_recording();
    void take_snapshot(const std::string &path, Outcomes done);  // later, if the session is there

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kTeardown{5000};

    void carry_out(const Call::Actions &actions);
    void act(const Call::Send &);
    void act(const Call::MakeOffer &);
    void act(const Call::MakeAnswer &);
    void act(const Call::Accept &);
    void act(const Call::AddCandidate &);
    void act(const Call::Abandon &);
    void act(const Call::StartTimer &);
    void act(const Call::StopTimer &);
    void act(const Call::FoundPeer &);
    void act(const Call::Ask &);
    void act(const Call::PeerRings &);
    void act(const Call::Suspect &);
    void act(const Call::Warn &);
    void act(const Call::End &);

    // rec.mkv, rec-2.mkv, …: a later call does not overwrite what an earlier one left.
    std::string numbered(const std::string &path) const;
    media::Endpoint *make_endpoint(bool as_another);
    // That descriptions and candidates are about: see Call::Action.
    media::Endpoint *newest() const { return next_ ? next_.get() : endpoint_.get(); }
    media::Endpoint::Handlers handlers(int nth);
    Status open_recorder();
    Status record_to(const std::string &path);
    void expect_tracks();
    std::optional<Error> not_standing() const;
    void on_negotiated(int nth);
    void on_ice_state(int nth, const std::string &state);
    void ask_servers();
    void on_server(const ServerProbe &probe);
    std::string no_path() const;
    void on_verified();
    void on_first_frame(Medium medium);
    void on_stall(const Watchdog::Event &event);
    void on_bitrate(const media::RateAdaptation::Change &change);
    Watchdog::Counters progress() const;
    void watch();
    double running_time() const;           // s, the timeline's
    void time_picture(GstSample *sample);  // streaming thread
    void set_playout();
    // session_connections.cpp, with the two that make one
    void feed(media::Endpoint *next);
    void close(std::unique_ptr<media::Endpoint> endpoint);
    void on_closed(bool in_time);
    void on_failed(int nth, const Failure &failure);
    void on_path_lost(bool address_gone);
    void on_path_back();
    void on_renegotiated();
    void on_renewed();
    Stats with_former(Stats stats) const;
    Stats statistics_now();
    void put_freezes(Stats &stats);
    void sample();
    void keep_picture(GstSample *sample);  // streaming thread
    void write_snapshot();
    Outcome so_far();
    Outcome conclude(std::chrono::milliseconds patience);
    void finish();
    void fail(Exit exit, const std::string &reason);
    void warn(const Warning &warning);
    static double elapsed();  // seconds since the process started
    double seconds() const;   // since the offer
    int milliseconds() const;

    Shared shared_;
    Call call_;
    int nth_;
    std::function<void(Outcome)> ended_;
    std::mutex recorder_mutex_;  // over which one there is; it changes on the main loop only
    std::unique_ptr<media::Recorder> recorder_;    // before the endpoint: its threads feed it
    std::string recording_;                        // its file
    media::QualityProbe probe_{shared_.timeline};  // likewise
    std::mutex playout_mutex_;                     // over playout_ and freezes_
    Playout playout_{shared_.options.playout_delay};
    FreezeDetector freezes_;
    int told_playout_ = 0;  // ms
    std::unique_ptr<media::Endpoint> endpoint_;
    std::unique_ptr<media::Endpoint> next_;  // until it takes the place of the former
    int made_ = 0;                           // endpoints so far: the newest one's number
    std::atomic<int> current_{1};            // endpoint_'s
    int closing_ = 0;
    std::optional<double> lost_;  // the path: since when
    double renewing_ = 0;         // since when
    Stats former_;                // of the connections before this one, at their ends
    Watchdog::Counters former_progress_;
    std::optional<int> chosen_bitrate_;  // by command
    std::map<Call::Timer, glib::Source> timers_;
    std::optional<Watchdog> watchdog_;
    glib::Source watching_, sampling_;
    glib::Source doubting_;          // whether there is a path
    std::vector<std::string> turn_;  // servers, with the credentials of this call
    IceAccount ice_account_;
    std::unique_ptr<ServerProbes> server_probes_;
    std::size_t unheard_ = 0;           // servers that were asked
    std::set<std::string> complained_;  // of these servers
    int told_bitrate_ = 0;
    bool told_fec_ = false;               // of our video
    std::string ice_state_, dtls_state_;  // as last told, for the statistics
    std::string next_ice_state_, next_dtls_state_;
    report::Summary summary_;
    CallMeter meter_;
    std::optional<Stats> newest_;
    std::optional<double> round_trip_;  // the shortest so far, seconds
    Clock::time_point offered_ = Clock::now();
    double begun_ = elapsed();     // waiting …
    std::optional<double> stood_;  // … and connected
    std::optional<Outcome> outcome_;
    std::optional<Failure> recording_failed_;
    std::mutex picture_mutex_;
    glib::Ptr<GstSample> picture_;
    std::shared_ptr<Session *> alive_ = std::make_shared<Session *>(this);
};

}  // namespace callagent
