#include "media/capture.h"

#include <array>
#include <utility>
#include <vector>

#include "glib/loop.h"
#include "media/faults.h"
#include "media/microphone.h"
#include "media/source.h"

namespace callagent::media {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWatchInterval{250};
constexpr milliseconds kFirstTimeout{5000};
constexpr milliseconds kStallTimeout{3000};

class Captured final : public Capture {
public:
    Captured(const Timeline &timeline, Handlers handlers)
        : timeline_(timeline), handlers_(std::move(handlers))
    {
    }

    ~Captured() override
    {
        for (const auto &source : sources_) {
            for (const auto &track : source.tracks)
                track->set_feed({});
            source.runner->stop();  // all at the same time
        }
    }

    void add(Source source)
    {
        for (const auto &track : source.tracks)
            tracks_[index(track->medium())] = track;
        sources_.push_back(std::move(source));
    }

    // Sources do not move any more: connects them, and opens the devices.
    void prepare()
    {
        opened_at_ = Track::Clock::now();
        watch_ = glib::every(kWatchInterval, [this] { watch(); });
        for (auto &source : sources_) {
            auto *runner = source.runner.get();
            runner->handlers.error = [this, &source](const BusReport &report) {
                fail(source_failure(source, report));
            };
            runner->handlers.ended = [this, &source] { on_ended(source); };
            if (source.kind == SourceKind::Microphone)
                microphone_ = watch_microphone(runner->pipeline(), [this](const std::string &to) {
                    warn({"microphone-moved", moved_sentence(to)});
                });
            if (!source.note.empty())
                note_ = glib::after(milliseconds(0), [this, note = source.note] {
                    warn({"camera-size", note});
                });
            if (source.ready)
                continue;
            runner->prepare([this, &source](bool live) {
                source.ready = true;
                source.live = live;
                for (const auto &track : source.tracks)
                    track->set_live(live);
                if (started_)
                    play(source);
            });
        }
    }

    void start() override
    {
        if (std::exchange(started_, true))
            return;
        for (auto &source : sources_)
            if (source.ready)
                play(source);
        started_at_ = Track::Clock::now();
    }

    bool has(Medium medium) const override { return tracks_[index(medium)] != nullptr; }

    void set_feed(Medium medium, Feed feed) override
    {
        if (const auto &track = tracks_[index(medium)])
            track->set_feed(std::move(feed));
    }

    void set_muted(Medium medium, bool muted) override
    {
        if (const auto &track = tracks_[index(medium)])
            track->set_muted(muted);
    }

private:
    static std::size_t index(Medium medium) { return medium == Medium::Audio ? 0 : 1; }

    void play(Source &source)
    {
        if (source.live)
            return;  // does already
        const auto zero = timeline_.now();
        for (const auto &track : source.tracks)
            track->set_zero(zero);
        source.runner->play_from(zero);
    }

    // The call ends with the first file that ends with everything it has; a live source that ends
    // (num-buffers=…) ends the call where nothing else is left.
    void on_ended(Source &ended)
    {
        ended.ended = true;
        bool files = true;
        bool all = true;
        for (const auto &source : sources_) {
            files = files && (source.live || source.ended);
            all = all && source.ended;
        }
        if (!all && (ended.live || !files))
            return;
        if (const auto handler = handlers_.ended; handler && !std::exchange(over_, true))
            handler();
    }

    // The last thing that a function does: the handler may destroy us.
    void fail(const Failure &failure)
    {
        watch_.cancel();
        if (const auto handler = handlers_.failed; handler && !std::exchange(over_, true))
            handler(failure);
    }

    void warn(const Warning &warning) const
    {
        if (const auto handler = handlers_.warning)
            handler(warning);
    }

    // Whatever is not a file delivers from open() on.
    bool overdue(const Source &source, Track::Clock::time_point now) const
    {
        if (source.ended)
            return false;
        if (source.ready && !source.live)
            return started_ && now - started_at_ > kFirstTimeout;
        return now - opened_at_ > kFirstTimeout;
    }

    void watch()
    {
        const auto now = Track::Clock::now();
        for (const auto &source : sources_) {
            for (const auto &track : source.tracks) {
                const auto last = track->last();
                if (!last && overdue(source, now))
                    return fail(silent_failure(source, track->medium(), kFirstTimeout));
                if (!last || !started_ || !source.live || source.ended)
                    continue;
                const bool stalls = now - *last > kStallTimeout;
                if (std::exchange(stalled_[index(track->medium())], stalls) == stalls)
                    continue;
                if (const auto handler = stalls ? handlers_.stalled : handlers_.resumed)
                    return handler(track->medium());  // the other medium's turn is the next time
            }
        }
    }

    const Timeline &timeline_;
    Handlers handlers_;
    std::vector<Source> sources_;
    std::array<std::shared_ptr<Track>, 2> tracks_;
    std::array<bool, 2> stalled_{};
    bool started_ = false;
    bool over_ = false;  // failed or ended has been said
    Track::Clock::time_point opened_at_, started_at_;
    glib::Source watch_;
    glib::Source note_;
    glib::Connection microphone_;
};

}  // namespace

Result<std::unique_ptr<Capture>> Capture::open(const Config &config, const Timeline &timeline,
                                               const Pipelines &pipelines, Handlers handlers)
{
    auto capture = std::make_unique<Captured>(timeline, std::move(handlers));
    const bool one_file = config.video == config.audio && config.video.starts_with("file:");
    for (const auto medium : {Medium::Video, Medium::Audio}) {
        const auto &value = medium == Medium::Video ? config.video : config.audio;
        if (value == "none" || (one_file && medium == Medium::Audio))
            continue;
        const bool file = kind_of(medium, value) == SourceKind::File;
        auto source = file ? open_file(std::string("--") + name(medium) + " " + value,
                                       argument_of(value), one_file || medium == Medium::Video,
                                       one_file || medium == Medium::Audio, config.format, timeline,
                                       pipelines)
                           : make_source(medium, value, config.format, timeline, pipelines);
        if (!source)
            return Error{source.error()};
        capture->add(std::move(*source));
    }
    capture->prepare();
    return std::unique_ptr<Capture>(std::move(capture));
}

}  // namespace callagent::media
