#include "media/runner.h"

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "glib/loop.h"

namespace callagent::media {
namespace {

constexpr std::chrono::seconds kStopTimeout{1};

BusReport report_of(GstMessage *message)
{
    GError *raw_error = nullptr;
    char *raw_debug = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        gst_message_parse_error(message, &raw_error, &raw_debug);
    else
        gst_message_parse_warning(message, &raw_error, &raw_debug);
    const auto error = glib::adopt(raw_error);
    const auto debug = glib::adopt(raw_debug);

    BusReport report;
    report.domain = error->domain;
    report.code = error->code;
    report.message = error->message;
    report.debug = debug ? debug.get() : "";
    if (GST_IS_ELEMENT(GST_MESSAGE_SRC(message))) {
        auto *element = GST_ELEMENT(GST_MESSAGE_SRC(message));
        if (auto *factory = gst_element_get_factory(element))
            report.factory = gst_plugin_feature_get_name(GST_PLUGIN_FEATURE(factory));
    }
    return report;
}

}  // namespace

bool BusReport::mentions(const char *text) const
{
    return message.find(text) != std::string::npos || debug.find(text) != std::string::npos;
}

// What the threads that change the state hold on to; it goes away with the last of them.
struct Runner::Shared {
    glib::Ptr<GstElement> pipeline;
    std::mutex changing;   // one change at a time, in whatever order they come …
    bool stopped = false;  // … but none after NULL
    std::atomic<bool> alive =
        true;  // the runner is there; where it matters, asked on the main loop
};

std::string BusReport::last_line() const
{
    return debug.substr(debug.rfind('\n') + 1);
}

Runner::Runner(const std::string &name, const Timeline &timeline)
    : timeline_(timeline), name_(name), shared_(std::make_shared<Shared>())
{
    shared_->pipeline = glib::sink(gst_pipeline_new(name.c_str()));
    pipeline_ = shared_->pipeline.get();
    timeline_.apply(pipeline_);
    const auto bus = glib::adopt(gst_element_get_bus(pipeline_));
    gst_bus_add_watch(bus.get(), on_message, this);
}

Runner::~Runner()
{
    stop();
    if (stopped_.wait_for(kStopTimeout) != std::future_status::ready)
        g_warning("%s does not close within %d s: left behind", name_.c_str(),
                  static_cast<int>(kStopTimeout.count()));
}

GstElement *Runner::add(glib::Ptr<GstElement> element)
{
    auto *raw = element.get();
    gst_bin_add(GST_BIN(pipeline_), raw);  // takes a reference of its own: not floating
    return raw;
}

void Runner::change(std::function<void(GstElement *)> how)
{
    std::thread([shared = shared_, how = std::move(how)] {
        const std::lock_guard lock(shared->changing);
        if (!shared->stopped && shared->alive)
            how(shared->pipeline.get());
    }).detach();
}

void Runner::play()
{
    change([](GstElement *pipeline) { gst_element_set_state(pipeline, GST_STATE_PLAYING); });
}

void Runner::prepare(std::function<void(bool live)> done)
{
    change([shared = shared_, done = std::move(done)](GstElement *pipeline) {
        const auto result = gst_element_set_state(pipeline, GST_STATE_PAUSED);
        if (result == GST_STATE_CHANGE_FAILURE)
            return;  // the bus has the reason
        const bool live = result == GST_STATE_CHANGE_NO_PREROLL;
        if (live)
            gst_element_set_state(pipeline, GST_STATE_PLAYING);
        glib::post([shared, done, live] {
            if (shared->alive && done)
                done(live);
        });
    });
}

void Runner::recalculate_latency()
{
    change([](GstElement *pipeline) { gst_bin_recalculate_latency(GST_BIN(pipeline)); });
}

void Runner::play_from(GstClockTime zero)
{
    timeline_.apply(pipeline_, zero);
    play();
}

bool Runner::wait(std::chrono::milliseconds at_most)
{
    GstState state = GST_STATE_NULL;
    const auto result = gst_element_get_state(
        pipeline_, &state, nullptr, static_cast<GstClockTime>(at_most.count()) * GST_MSECOND);
    return result != GST_STATE_CHANGE_FAILURE && state >= GST_STATE_PAUSED;
}

std::unique_ptr<BusReport> Runner::take_error()
{
    const auto bus = glib::adopt(gst_element_get_bus(pipeline_));
    const auto message = glib::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    return message ? std::make_unique<BusReport>(report_of(message.get())) : nullptr;
}

std::unique_ptr<BusReport> Runner::wait_for_end(std::chrono::milliseconds at_most)
{
    const auto bus = glib::adopt(gst_element_get_bus(pipeline_));
    gst_bus_remove_watch(bus.get());
    const auto message = glib::adopt(gst_bus_timed_pop_filtered(
        bus.get(), static_cast<GstClockTime>(at_most.count()) * GST_MSECOND,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    if (!message)
        return std::make_unique<BusReport>();
    if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS)
        return nullptr;
    return std::make_unique<BusReport>(report_of(message.get()));
}

void Runner::stop()
{
    if (!shared_->alive.exchange(false))
        return;
    const auto bus = glib::adopt(gst_element_get_bus(pipeline_));
    gst_bus_remove_watch(bus.get());
    gst_bus_set_flushing(bus.get(), TRUE);
    std::promise<void> promise;
    stopped_ = promise.get_future();
    // Where it hangs, thread and pipeline stay behind: better than a call that cannot be ended.
    std::thread([shared = shared_, promise = std::move(promise)]() mutable {
        const std::lock_guard lock(shared->changing);
        shared->stopped = true;
        gst_element_set_state(shared->pipeline.get(), GST_STATE_NULL);
        shared->pipeline.reset();
        promise.set_value();
    }).detach();
}

gboolean Runner::on_message(GstBus *, GstMessage *message, gpointer data)
{
    // The watch is removed with the runner, so `data` lives here; after handle() it may not.
    static_cast<Runner *>(data)->handle(message);
    return G_SOURCE_CONTINUE;
}

void Runner::handle(GstMessage *message)
{
    // Copies: a handler may destroy us.
    switch (GST_MESSAGE_TYPE(message)) {
        case GST_MESSAGE_ERROR:
            // One fault makes several errors (an unplugged camera three): the first tells the
            // reason.
            if (!std::exchange(failed_, true))
                if (const auto handler = handlers.error)
                    handler(report_of(message));
            break;
        case GST_MESSAGE_WARNING:
            if (const auto handler = handlers.warning)
                handler(report_of(message));
            break;
        case GST_MESSAGE_EOS:
            if (const auto handler = handlers.ended)
                handler();
            break;
        case GST_MESSAGE_LATENCY:  // a sink that has come up wants to know what to wait for
            recalculate_latency();
            break;
        case GST_MESSAGE_ELEMENT:
            if (const auto handler = handlers.element)
                handler(gst_message_get_structure(message));
            break;
        default:
            break;
    }
}

}  // namespace callagent::media
