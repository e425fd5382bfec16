// One medium's way out of a source's pipeline: an appsink's samples, put on the timeline, to
// whoever is fed at the moment. Shared by the pipeline, which may outlive everything else when a
// device hangs, and the source's owner.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "core/media.h"
#include "media/timeline.h"

namespace callagent::media {

class Track {
public:
    using Feed = std::function<void(GstSample *)>;
    using Clock = std::chrono::steady_clock;

    explicit Track(Medium medium) : medium_(medium) {}

    // The appsink whose samples go to `track`.
    static glib::Ptr<GstElement> make_sink(std::shared_ptr<Track> track);

    // Live: samples are handed on at once (the default); otherwise at their time, which is what
    // gives a file its pace. Before PLAYING.
    void set_live(bool live);

    // Brings the appsink, and the element before it, to the state of a pipeline that runs already.
    void follow_parent(GstElement *before);

    Medium medium() const { return medium_; }

    // Any thread; after it returns the former feed is not called any more.
    void set_feed(Feed feed);
    void set_muted(bool muted) { muted_ = muted; }

    // Added to the running time of the pipeline to get the timeline's.
    void set_zero(GstClockTime zero) { zero_ = zero; }

    // At most so many pictures a second are passed on; 0: all. Sound always passes.
    void set_max_framerate(int framerate)
    {
        max_framerate_ = medium_ == Medium::Video ? framerate : 0;
    }

    // When the last sample came; nothing if none did.
    std::optional<Clock::time_point> last() const;

private:
    void take(GstSample *sample);
    bool too_early(GstClockTime pts);
    GstCaps *caps_of(GstSample *sample);
    glib::Ptr<GstBuffer> muted(GstBuffer *buffer, GstCaps *caps);

    const Medium medium_;
    GstElement *sink_ = nullptr;  // the pipeline's; used while that is there
    std::atomic<bool> muted_ = false;
    std::atomic<GstClockTime> zero_ = 0;
    std::atomic<int> max_framerate_ = 0;
    std::atomic<Clock::rep> last_ = 0;  // since Clock's epoch; 0: never

    // Streaming thread only.
    GstClockTime due_ = 0;  // of the next picture where the rate is limited
    glib::Ptr<GstCaps> caps_in_, caps_out_;
    glib::Ptr<GstBuffer> black_;
    glib::Ptr<GstCaps> black_caps_;

    std::mutex mutex_;  // held while the feed runs
    Feed feed_;
};

}  // namespace callagent::media
