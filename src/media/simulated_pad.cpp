#include "media/simulated_pad.h"

namespace callagent::media {
namespace {

SimulatedLink::Time now()
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

glib::Ptr<GstMiniObject> keep(gpointer full)
{
    return glib::adopt(GST_MINI_OBJECT_CAST(full));
}

}  // namespace

SimulatedPad::SimulatedPad(glib::Ptr<GstPad> sink, const LinkConditions &conditions,
                           std::uint64_t seed)
    : sink_(std::move(sink)), link_(conditions, seed), thread_([this] { run(); })
{
    probe_ = gst_pad_add_probe(
        sink_.get(),
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST |
                                     GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
        [](GstPad *, GstPadProbeInfo *info, gpointer self) {
            return static_cast<SimulatedPad *>(self)->pass(info);
        },
        this, nullptr);
}

SimulatedPad::~SimulatedPad()
{
    stop();
    thread_.join();
    gst_pad_remove_probe(sink_.get(), probe_);
}

SimulatedLink::Counts SimulatedPad::counts() const
{
    const std::lock_guard lock(mutex_);
    return link_.counts();
}

bool SimulatedPad::drain(std::chrono::steady_clock::time_point deadline)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [this] { return held_.empty(); });
}

void SimulatedPad::stop()
{
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

// With the pad's stream lock: one at a time.
GstPadProbeReturn SimulatedPad::pass(const GstPadProbeInfo *info)
{
    if (std::this_thread::get_id() == thread_.get_id())  // what was held
        return GST_PAD_PROBE_OK;
    const Time came = now();
    const std::lock_guard lock(mutex_);
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
        hold(glib::adopt(GST_BUFFER_CAST(info->data)), came);
    } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
        const auto packets = glib::adopt(static_cast<GstBufferList *>(info->data));
        for (guint i = 0; i < gst_buffer_list_length(packets.get()); ++i)
            hold(glib::adopt(gst_buffer_ref(gst_buffer_list_get(packets.get(), i))), came);
    } else if (!hold(GST_EVENT_CAST(info->data), came)) {
        return GST_PAD_PROBE_OK;
    }
    changed_.notify_all();
    return GST_PAD_PROBE_HANDLED;  // ours now
}

void SimulatedPad::hold(glib::Ptr<GstBuffer> packet, Time now)
{
    const auto fate = link_.send(gst_buffer_get_size(packet.get()), now);
    if (const auto *goes = std::get_if<Time>(&fate); goes && !stopped_)
        held_.push_back({keep(packet.release()), now, *goes});
}

// Events that do not overtake packets wait for those that are held.
bool SimulatedPad::hold(GstEvent *event, Time now)
{
    if (held_.empty() || stopped_ || !GST_EVENT_IS_SERIALIZED(event))
        return false;
    held_.push_back({keep(event), now, held_.back().goes});
    return true;
}

void SimulatedPad::hand_on(Held held)
{
    auto *what = held.what.release();
    if (GST_IS_EVENT(what)) {
        gst_pad_send_event(sink_.get(), GST_EVENT_CAST(what));
        return;
    }
    auto *packet = gst_buffer_make_writable(GST_BUFFER_CAST(what));
    const auto late = static_cast<GstClockTime>((now() - held.came).count());
    if (GST_BUFFER_PTS_IS_VALID(packet))
        GST_BUFFER_PTS(packet) += late;
    if (GST_BUFFER_DTS_IS_VALID(packet))
        GST_BUFFER_DTS(packet) += late;
    gst_pad_chain(sink_.get(), packet);  // a pad that takes no more says so to nobody
}

void SimulatedPad::run()
{
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopped_ || !held_.empty(); });
        if (!stopped_) {
            const std::chrono::steady_clock::time_point goes(held_.front().goes);
            changed_.wait_until(lock, goes, [this] { return stopped_; });
        }
        if (stopped_)
            break;
        auto &first = held_.front();
        Held held{std::move(first.what), first.came, first.goes};
        lock.unlock();
        hand_on(std::move(held));
        lock.lock();
        held_.pop_front();
        changed_.notify_all();
    }
    held_.clear();
}

}  // namespace callagent::media
