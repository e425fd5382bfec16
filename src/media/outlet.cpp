#include "media/outlet.h"

#include <algorithm>
#include <utility>

#include <gst/app/app.h>
#include <gst/base/gstbasesink.h>

#include "media/faults.h"
#include "media/reach.h"
#include "media/rtp_count.h"

namespace callagent::media {
namespace {

using std::chrono::milliseconds;

// What waits for its time to be rendered, at most; then the oldest is lost. More than any playout
// delay.
constexpr GstClockTime kMaxQueue = 2 * GST_SECOND;
// A sink that takes nothing for so long, while there is something, has stopped. (PulseAudio's null
// sink begins with two seconds of it.)
constexpr GstClockTime kStalled = 3 * GST_SECOND;
constexpr milliseconds kWatchInterval{500};
// A sound server that was restarted is back by then, or not at all.
constexpr milliseconds kRetryInterval{500};
constexpr int kRetries = 4;
constexpr GstClockTime kForget = 10 * GST_SECOND;  // a later loss is another one
// Loudspeakers need this much ahead of them; with less, sound has gaps. The picture may come
// earlier: up to some 100 ms nobody notices sound that is late (ITU-R BT.1359).
constexpr GstClockTime kLeastSoundDelay = 40 * GST_MSECOND;

glib::Ptr<GstElement> make_input()
{
    auto input = glib::sink(gst_element_factory_make("appsrc", "input"));
    if (input)
        g_object_set(input.get(), "is-live", TRUE, "format", GST_FORMAT_TIME, "block", FALSE,
                     "max-time", kMaxQueue, "max-bytes", guint64{0}, "max-buffers", guint64{0},
                     "leaky-type", GST_APP_LEAKY_TYPE_DOWNSTREAM, nullptr);
    if (input)  // it buffers as much as a sink may want to wait
        gst_app_src_set_latency(GST_APP_SRC(input.get()), 0, GST_CLOCK_TIME_NONE);
    return input;
}

Result<glib::Ptr<GstElement>> make_sink(const std::string &option, Medium medium,
                                        const std::string &value, const Pipelines &pipelines)
{
    if (value.find('!') != std::string::npos)
        return make_fragment(std::string("--") + name(medium) + "-sink", value);
    const bool ours = value == "auto" || value == "none";
    const auto chain = ours ? std::string("sink/") + name(medium) + "-" + value : "sink/" + value;
    auto sink = pipelines.make(chain, {});
    if (!sink)
        return Error{option + ": " + sink.error()};
    return sink;
}

// autovideosink tries these when all else fails; the first of them crashes without a display, the
// others draw over a console or into a terminal. For this process only.
void hide_sinks_without_window()
{
    for (const char *name : {"dfbvideosink", "fbdevsink", "kmssink", "aasink", "cacasink"})
        if (auto *feature = gst_registry_lookup_feature(gst_registry_get(), name)) {
            gst_plugin_feature_set_rank(feature, GST_RANK_NONE);
            gst_object_unref(feature);
        }
}

// What the chosen sink of "auto" is to do: show late pictures rather than none, play sound soon.
void tune(GstBin *, GstBin *, GstElement *element, gpointer)
{
    if (!GST_IS_BASE_SINK(element))
        return;
    auto *properties = G_OBJECT_GET_CLASS(element);
    g_object_set(element, "max-lateness", gint64{-1}, "qos", FALSE, nullptr);
    if (g_object_class_find_property(properties, "buffer-time"))
        g_object_set(element, "buffer-time", gint64{60'000}, "latency-time", gint64{10'000},
                     nullptr);
    if (g_object_class_find_property(properties, "client-name"))
        g_object_set(element, "client-name", "callagent", nullptr);
}

}  // namespace

Outlet::Outlet(Config config, const Timeline &timeline, const Pipelines &pipelines,
               Handlers handlers)
    : config_(std::move(config)),
      timeline_(timeline),
      pipelines_(pipelines),
      handlers_(std::move(handlers)),
      least_(plays_sound_by_itself() ? kLeastSoundDelay : 0),
      time_(config_.medium)
{
}

Result<std::unique_ptr<Outlet>> Outlet::open(Config config, const Timeline &timeline,
                                             const Pipelines &pipelines, Handlers handlers)
{
    if (config.value == "auto") {
        const bool video = config.medium == Medium::Video;
        if (video)
            hide_sinks_without_window();
        if (const auto reached = video ? reach_display() : reach_sound_server(); !reached)
            return Error{std::string("--") + name(config.medium) + "-sink auto: " +
                         (video ? "no display" : "no sound server (PulseAudio or PipeWire)") +
                         ": " + reached.error() + "; start one, or use --" + name(config.medium) +
                         "-sink none"};
    }
    std::unique_ptr<Outlet> outlet(
        new Outlet(std::move(config), timeline, pipelines, std::move(handlers)));
    if (const auto built = outlet->build(); !built)
        return Error{built.error()};
    if (outlet->config_.medium == Medium::Video && outlet->config_.value != "none")
        outlet->display_.emplace([raw = outlet.get()] { raw->on_display_lost(); });
    return outlet;
}

Status Outlet::build()
{
    const auto medium = config_.medium;
    const auto option = std::string("--") + name(medium) + "-sink " + config_.value;
    auto sink = make_sink(option, medium, config_.value, pipelines_);
    if (!sink)
        return Error{sink.error()};
    auto input = make_input();
    if (!input)
        return Error{"no element \"appsrc\" (on Debian: apt install gstreamer1.0-plugins-base)"};

    auto runner = std::make_unique<Runner>(std::string("playback-") + name(medium), timeline_);
    runner->handlers.error = [this](const BusReport &report) { on_error(report); };
    runner->handlers.warning = [this](const BusReport &report) { on_warning(report); };
    if (config_.value == "auto")
        g_signal_connect(runner->pipeline(), "deep-element-added", G_CALLBACK(tune), nullptr);
    auto *first = runner->add(std::move(*sink));
    const auto misfit = Error{option + ": does not take raw " + name(medium) + " as its one input"};
    if (config_.value != "none") {
        auto convert = pipelines_.make(std::string("convert/playback-") + name(medium), {});
        if (!convert)
            return Error{convert.error()};
        auto *last = std::exchange(first, runner->add(std::move(*convert)));
        if (!gst_element_link(first, last))
            return misfit;
    }
    auto kept = glib::retain(input.get());
    if (!gst_element_link(runner->add(std::move(input)), first))
        return misfit;
    const auto out = glib::adopt(gst_element_get_static_pad(kept.get(), "src"));
    // Window systems show the stream's title. Tags may not come before the caps, and what is sent
    // to a sink that is still coming up is lost.
    on_buffer(out.get(),
              [this, pad = out.get(), titled = config_.title.empty()](GstBuffer *) mutable {
                  ++passed_;
                  if (!std::exchange(titled, true))
                      gst_pad_push_event(pad, gst_event_new_tag(gst_tag_list_new(
                                                  GST_TAG_TITLE, config_.title.c_str(), nullptr)));
              });
    {
        const std::lock_guard lock(mutex_);
        input_ = std::move(kept);
    }
    runner_ = std::move(runner);
    gst_pipeline_set_latency(GST_PIPELINE(runner_->pipeline()), least_);
    runner_->recalculate_latency();
    watch_ = glib::every(kWatchInterval, [this] { watch(); });
    stalled_ = false;
    moved_ = timeline_.now();
    runner_->play();
    return Done{};
}

void Outlet::push(GstSample *sample)
{
    const std::lock_guard lock(mutex_);
    if (config_.value == "none") {
        gst_app_src_push_sample(GST_APP_SRC(input_.get()), sample);
        return;
    }
    const auto wanted = wanted_.load();
    const auto moved = time_.moved(sample, wanted > least_ ? wanted - least_ : 0);
    gst_app_src_push_sample(GST_APP_SRC(input_.get()), moved.get());
}

void Outlet::set_delay(GstClockTime delay)
{
    wanted_ = delay;
}

std::optional<GstClockTime> Outlet::delay() const
{
    if (config_.value == "none")
        return std::nullopt;
    return least_ + time_.delay();
}

// Handlers are called last: they may destroy us.
void Outlet::on_error(const BusReport &report)
{
    const auto failure = playback_failure(config_.medium, config_.value, report);
    if (!failure) {
        if (const auto handler = handlers_.closed)
            handler();
        return;
    }
    lose(*failure);
}

// A sound server may come back; nothing else does.
void Outlet::lose(const Failure &failure)
{
    if (timeline_.now() > lost_ + kForget)
        retries_ = 0;
    if (!plays_sound_by_itself() || retries_ >= kRetries)
        return fail(failure);
    lost_ = timeline_.now();
    const bool first = retries_ == 0;
    retry_ = glib::after(kRetryInterval, [this] { reopen(); });
    if (first)
        warn("audio-sink-lost", failure.reason);
}

// A sink that is suspended says nothing, and neither does pulsesink when its server dies before it
// has played anything: what is pushed waits, that is all.
void Outlet::watch()
{
    const auto now = timeline_.now();
    if (const auto passed = passed_.load();
        std::exchange(passed_before_, passed) != passed ||
        gst_app_src_get_current_level_buffers(GST_APP_SRC(input_.get())) == 0)
        moved_ = now;
    const bool stalls = now - moved_ > kStalled;
    if (std::exchange(stalled_, stalls) == stalls || retry_)
        return;
    const auto what = std::string(name(config_.medium)) + "-sink";
    if (!stalls)
        return warn(what + "-resumed", "--" + what + " " + config_.value + " goes on");
    if (const auto server = plays_sound_by_itself() ? reach_sound_server() : Status(Done{});
        !server)
        return lose({Exit::Device, "--audio-sink auto: the sound server went away: " +
                                       server.error() + "; or use --audio-sink none"});
    warn(what + "-stalled",
         "--" + what + " " + config_.value +
             " takes nothing any more: suspended, or its server hangs; the call goes on without");
}

void Outlet::reopen()
{
    ++retries_;
    if (const auto server = reach_sound_server(); !server) {
        if (retries_ >= kRetries)
            return fail({Exit::Device, "--audio-sink auto: the sound server went away, and " +
                                           server.error() + "; or use --audio-sink none"});
        retry_ = glib::after(kRetryInterval, [this] { reopen(); });
        return;
    }
    if (const auto built = build(); !built)
        return fail({Exit::Device, built.error()});
    warn("audio-sink-back", "the sound server is back: sound goes on");
}

void Outlet::on_warning(const BusReport &report)
{
    // Nothing fits, and "auto" has taken a fakesink: that is not what was asked for.
    if ((report.factory == "autovideosink" || report.factory == "autoaudiosink") &&
        report.is(GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND))
        return fail(*playback_failure(config_.medium, config_.value, report));
    // A delay shorter than what a sink would like is what set_delay() is for.
    if (report.is(GST_CORE_ERROR, GST_CORE_ERROR_CLOCK))
        return;
    warn(std::string(name(config_.medium)) + "-sink", report.message);
}

void Outlet::on_display_lost()
{
    const char *display = g_getenv("DISPLAY");
    fail({Exit::Device, "--video-sink " + config_.value + ": the display " +
                            (display ? display : "") +
                            " has gone away: start it again, or use --video-sink none"});
}

void Outlet::warn(const std::string &code, const std::string &message) const
{
    if (const auto handler = handlers_.warning)
        handler({code, message});
}

void Outlet::fail(const Failure &failure)
{
    if (const auto handler = handlers_.failed)
        handler(failure);
}

}  // namespace callagent::media
