#include "media/recorder.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "glib/loop.h"
#include "media/muxer.h"

namespace callagent::media {
namespace {

using std::chrono::milliseconds;

// The file's header names its tracks: how long it waits for one that was promised and does not
// come, and how much is held in memory meanwhile.
constexpr GstClockTime kTrackTimeout = 20 * GST_SECOND;
constexpr std::size_t kMaxHeld = std::size_t{32} << 20;  // bytes
constexpr milliseconds kTick{250};

Error not_writable(const std::string &path)
{
    return Error{"--record " + path + ": cannot be written: " + std::strerror(errno)};
}

// Can it be opened for writing, with these flags?
Status opened(const std::string &path, int flags)
{
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666);
    if (file < 0)
        return not_writable(path);
    ::close(file);
    return Done{};
}

class Recorded final : public Recorder {
public:
    Recorded(std::string path, const Timeline &timeline,
             std::function<void(const Failure &)> failed)
        : path_(std::move(path)),
          timeline_(timeline),
          failed_(std::move(failed)),
          tick_(glib::every(kTick, [this] { tick(); }))
    {
    }

    void expect(bool audio, bool video) override
    {
        const std::lock_guard lock(mutex_);
        track(Medium::Audio).expected = audio;
        track(Medium::Video).expected = video;
    }

    void push(Medium medium, GstSample *sample) override
    {
        const std::lock_guard lock(mutex_);
        auto &to = track(medium);
        auto *buffer = gst_sample_get_buffer(sample);
        auto *caps = gst_sample_get_caps(sample);
        if (!to.expected || state_ == State::Over || !buffer || !caps ||
            !GST_BUFFER_PTS_IS_VALID(buffer))
            return;
        const bool key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
        if (medium == Medium::Video && to.needs_key && !key)
            return;
        if (!to.caps && !begin(medium, to, caps))
            return;
        if (!same_codec(caps, to.caps.get()))
            return;  // another one after a new connection: the file has no place for it
        to.needs_key = false;
        to.last = timeline_.now();
        if (state_ == State::Waiting)
            hold(medium, sample);
        else
            to.needs_key = !muxer_->push(medium, buffer);
    }

    Status finish(milliseconds at_most) override
    {
        tick_.cancel();
        start();  // with what there is
        {
            const std::lock_guard lock(mutex_);
            state_ = State::Over;
        }
        if (muxer_) {
            if (const auto closed = muxer_->close(error_.empty() ? at_most : milliseconds(0));
                !closed && error_.empty())
                error_ = closed.error();
            muxer_.reset();
        }
        if (!error_.empty())
            return Error{error_};
        return Done{};
    }

private:
    struct Track {
        bool expected = false;
        bool needs_key = true;
        glib::Ptr<GstCaps> caps;  // of the first sample; empty: none came yet
        GstClockTime last = 0;    // when the last one came
    };
    // Waiting for the first sample of each track, then Running; Over: finished, or broken.
    enum class State { Waiting, Running, Over };

    Track &track(Medium medium) { return tracks_[medium == Medium::Audio ? 0 : 1]; }

    static bool same_codec(GstCaps *a, GstCaps *b)
    {
        return gst_structure_has_name(gst_caps_get_structure(a, 0),
                                      gst_structure_get_name(gst_caps_get_structure(b, 0)));
    }

    // A track's first sample. False: the file has no place for the track.
    bool begin(Medium medium, Track &to, GstCaps *caps)
    {
        if (path_.ends_with(".webm") &&
            gst_structure_has_name(gst_caps_get_structure(caps, 0), "video/x-h264"))
            return leave_out(to,
                             path_ +
                                 ": WebM holds VP8 and VP9, and the call uses H264: record to a "
                                 ".mkv file, or use --video-codec vp8,vp9");
        if (state_ != State::Waiting)
            return leave_out(to, path_ + ": no " + name(medium) + " came within " +
                                     std::to_string(kTrackTimeout / GST_SECOND) +
                                     " s, so the recording is without it");
        to.caps = glib::adopt(gst_caps_ref(caps));
        if (since_ == GST_CLOCK_TIME_NONE)
            since_ = timeline_.now();
        return true;
    }

    bool leave_out(Track &to, const std::string &why)
    {
        to.expected = false;
        glib::post([weak = std::weak_ptr(self_), why] {
            if (const auto self = weak.lock())
                (*self)->fail(why);
        });
        return false;
    }

    void hold(Medium medium, GstSample *sample)
    {
        held_bytes_ += gst_buffer_get_size(gst_sample_get_buffer(sample));
        held_.emplace_back(medium, glib::adopt(gst_sample_ref(sample)));
        bool complete = true;
        for (const auto &one : tracks_)
            complete = complete && (!one.expected || one.caps);
        if ((complete || held_bytes_ > kMaxHeld) && !std::exchange(starting_, true))
            glib::post([weak = std::weak_ptr(self_)] {
                if (const auto self = weak.lock())
                    (*self)->start();
            });
    }

    // Main loop: opens the file for the tracks that have begun, and lets go what was held.
    void start()
    {
        const std::lock_guard lock(mutex_);
        const auto held = std::exchange(held_, {});
        if (state_ != State::Waiting || held.empty())
            return;
        std::vector<Muxer::Track> tracks;
        for (const auto medium : {Medium::Video, Medium::Audio})
            if (const auto &one = track(medium); one.caps)
                tracks.push_back({medium, one.caps.get()});
        auto muxer = Muxer::make(path_, timeline_, tracks,
                                 [this](const std::string &why) { on_muxer_failed(why); });
        if (!muxer) {
            state_ = State::Over;
            leave_out(tracks_[0], muxer.error());
            return;
        }
        muxer_ = std::move(*muxer);
        state_ = State::Running;
        for (const auto &[medium, sample] : held)
            muxer_->push(medium, gst_sample_get_buffer(sample.get()));
    }

    void tick()
    {
        {
            const std::lock_guard lock(mutex_);
            const auto now = timeline_.now();
            if (state_ == State::Running) {
                end_silent(track(Medium::Video), track(Medium::Audio), Medium::Audio);
                end_silent(track(Medium::Audio), track(Medium::Video), Medium::Video);
                return;
            }
            if (state_ == State::Over || since_ == GST_CLOCK_TIME_NONE ||
                now < since_ + kTrackTimeout)
                return;
        }
        start();
    }

    // The other's samples have been waiting for this one's.
    void end_silent(const Track &other, Track &silent, Medium medium)
    {
        if (!silent.expected || !silent.caps || other.last < silent.last + kTrackTimeout)
            return;
        silent.expected = false;
        muxer_->end(medium);
        g_warning("%s: no %s for %d s, so the recording is without it from here on", path_.c_str(),
                  name(medium), static_cast<int>(kTrackTimeout / GST_SECOND));
    }

    void on_muxer_failed(const std::string &why)
    {
        {
            const std::lock_guard lock(mutex_);
            state_ = State::Over;
        }
        fail(why);
    }

    // Main loop; the handler may destroy us.
    void fail(const std::string &why)
    {
        if (!error_.empty())
            return;
        error_ = why;
        if (const auto handler = failed_)
            handler({Exit::Device, why});
    }

    const std::string path_;
    const Timeline &timeline_;
    const std::function<void(const Failure &)> failed_;

    // Main loop.
    std::string error_;
    std::shared_ptr<Recorded *> self_ = std::make_shared<Recorded *>(this);
    glib::Source tick_;

    std::mutex mutex_;  // over all that follows
    State state_ = State::Waiting;
    bool starting_ = false;
    std::array<Track, 2> tracks_;
    std::deque<std::pair<Medium, glib::Ptr<GstSample>>> held_;
    std::size_t held_bytes_ = 0;
    GstClockTime since_ = GST_CLOCK_TIME_NONE;  // when the first sample came
    std::unique_ptr<Muxer> muxer_;              // set on the main loop
};

}  // namespace

Status Recorder::check(const std::string &path)
{
    if (const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        made >= 0) {
        ::close(made);
        unlink(path.c_str());
        return Done{};
    }
    return errno == EEXIST ? opened(path, 0) : not_writable(path);
}

Result<std::unique_ptr<Recorder>> Recorder::open(const std::string &path, const Timeline &timeline,
                                                 std::function<void(const Failure &)> failed)
{
    if (!path.ends_with(".mkv") && !path.ends_with(".webm"))
        return Error{"--record " + path + ": the name must end in .mkv or .webm"};
    if (const auto emptied = opened(path, O_CREAT | O_TRUNC); !emptied)
        return Error{emptied.error()};
    return std::unique_ptr<Recorder>(std::make_unique<Recorded>(path, timeline, std::move(failed)));
}

}  // namespace callagent::media
