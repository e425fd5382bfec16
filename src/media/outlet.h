// One medium's sink: a pipeline of its own that is pushed samples.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/exit.h"
#include "core/media.h"
#include "core/result.h"
#include "glib/loop.h"
#include "media/display_watch.h"
#include "media/pipelines.h"
#include "media/render_time.h"
#include "media/runner.h"

namespace callagent::media {

class Outlet {
public:
    struct Config {
        Medium medium = Medium::Video;
        std::string value;  // auto, none, a name in pipelines/sink/, or a fragment
        std::string title;  // of the window
    };
    // Main loop. May destroy the outlet.
    struct Handlers {
        std::function<void(const Failure &)> failed;  // once
        std::function<void()> closed;                 // the user closed the window
        std::function<void(const Warning &)> warning;
    };

    static Result<std::unique_ptr<Outlet>> open(Config, const Timeline &, const Pipelines &,
                                                Handlers);

    Outlet(const Outlet &) = delete;
    Outlet &operator=(const Outlet &) = delete;

    void push(GstSample *sample);        // any thread; never blocks
    void set_delay(GstClockTime delay);  // any thread

    // What that comes to for this sink; nothing where it waits for no time. Any thread.
    std::optional<GstClockTime> delay() const;

private:
    Outlet(Config, const Timeline &, const Pipelines &, Handlers);

    Status build();
    void on_error(const BusReport &report);
    void on_warning(const BusReport &report);
    void on_display_lost();
    bool plays_sound_by_itself() const
    {
        return config_.medium == Medium::Audio && config_.value == "auto";
    }
    void lose(const Failure &failure);
    void watch();
    void warn(const std::string &code, const std::string &message) const;
    void fail(const Failure &failure);
    void reopen();

    const Config config_;
    const Timeline &timeline_;
    const Pipelines pipelines_;
    const Handlers handlers_;
    const GstClockTime least_;  // what the sink needs, by the latency of its pipeline
    std::atomic<GstClockTime> wanted_{0};
    RenderTime time_;

    std::unique_ptr<Runner> runner_;
    std::optional<DisplayWatch> display_;
    glib::Source retry_, watch_;
    bool stalled_ = false;
    GstClockTime moved_ = 0;  // when the sink last took something, or nothing was there
    std::uint64_t passed_before_ = 0;
    std::atomic<std::uint64_t> passed_{0};  // streaming thread
    int retries_ = 0;
    GstClockTime lost_ = 0;  // when the sound server went away

    std::mutex mutex_;  // over what follows, which is replaced when the sink is opened again
    glib::Ptr<GstElement> input_;  // appsrc
};

}  // namespace callagent::media
