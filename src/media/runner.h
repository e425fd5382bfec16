// One pipeline that we run beside a call: a source's or a sink's. Brings it up and down on threads
// of its own, because opening and closing a device may block for as long as its driver likes, and
// turns what its bus says into calls on the main loop.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "media/timeline.h"

namespace callagent::media {

// An error or a warning from a pipeline's bus.
struct BusReport {
    GQuark domain = 0;
    int code = 0;
    std::string message;  // GStreamer's
    std::string debug;    // its details, may be empty
    std::string factory;  // of the element that says so: "v4l2src"

    bool is(GQuark of, int what) const { return domain == of && code == what; }
    // Does GStreamer's text or its details contain this?
    bool mentions(const char *text) const;
    // The last line of the details: what the element itself adds, often errno's text.
    std::string last_line() const;
};

class Runner {
public:
    // Called on the main loop; any may be empty. A handler may destroy the runner that calls it.
    struct Handlers {
        std::function<void(const BusReport &)> error;  // the first one only
        std::function<void(const BusReport &)> warning;
        std::function<void()> ended;  // every sink has got the end of its stream
        std::function<void(const GstStructure *)> element;  // element messages
    };

    Runner(const std::string &name, const Timeline &timeline);
    ~Runner();  // stop(), then waits: at most a second
    Runner(const Runner &) = delete;
    Runner &operator=(const Runner &) = delete;

    GstElement *pipeline() const { return pipeline_; }

    // Adds a bin of its own or an element; the pipeline owns it from then on.
    GstElement *add(glib::Ptr<GstElement> element);

    // To PLAYING.
    void play();

    // A live pipeline to PLAYING, another one to PAUSED, where it waits for play_from(). `done` is
    // told on the main loop which of the two it is.
    void prepare(std::function<void(bool live)> done);

    // A prepared pipeline that is not live: to PLAYING, with its running time 0 at `zero`.
    void play_from(GstClockTime zero);

    // Its elements ask for another latency, or got one. On a thread of its own: pulsesink 1.22 can
    // keep its lock for good when its server dies before the first sound, and this waits for it.
    void recalculate_latency();

    // Waits for PAUSED or PLAYING to be reached. False: not within that time, or it failed.
    bool wait(std::chrono::milliseconds at_most);

    // The first error on the bus, taken before the main loop sees it; nothing if there is none.
    std::unique_ptr<BusReport> take_error();

    // Takes the bus from the main loop and waits for the end of the stream. Nothing: it came. A
    // report without a message: it did not within that time.
    std::unique_ptr<BusReport> wait_for_end(std::chrono::milliseconds at_most);

    // Begins to stop: no handler is called any more. Several runners stopped before they are
    // destroyed come down at the same time.
    void stop();

    Handlers handlers;

private:
    static gboolean on_message(GstBus *, GstMessage *, gpointer);
    void handle(GstMessage *);

    struct Shared;  // with the threads that change the state
    void change(std::function<void(GstElement *)> how);

    const Timeline &timeline_;  // the agent's: outlives us
    std::string name_;
    GstElement *pipeline_;  // shared_'s
    bool failed_ = false;
    std::shared_ptr<Shared> shared_;
    std::future<void> stopped_;
};

}  // namespace callagent::media
