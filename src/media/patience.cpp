#include "media/patience.h"

#include <algorithm>
#include <cmath>

#include "media/graph.h"

namespace callagent::media {
namespace {

constexpr std::chrono::milliseconds kLook{250};
constexpr double kAnswered = 40;         // ms, that the buffer gives a request at the least
constexpr std::size_t kMaxBuffers = 64;  // a peer may invent streams

// The jitter buffer's own measurement: from a request to what was sent again; seconds.
double retransmission_time(GstElement *jitterbuffer)
{
    GstStructure *raw = nullptr;
    g_object_get(jitterbuffer, "stats", &raw, nullptr);
    const auto stats = glib::adopt(raw);
    guint64 time = 0;
    if (stats)
        gst_structure_get_uint64(stats.get(), "rtx-rtt", &time);
    return static_cast<double>(time) / GST_SECOND;
}

}  // namespace

guint Patience::for_round_trip(double round_trip)
{
    constexpr double kNoticed = 50;  // ms, until a gap is seen to be one
    constexpr int kRequests = 3;
    constexpr double kMost = 1000;
    const double wanted = kNoticed + kRequests * (round_trip * 1000 + kAnswered);
    return static_cast<guint>(std::lround(std::clamp<double>(wanted, kFirst, kMost)));
}

void Patience::take(GstElement *jitterbuffer, std::uint32_t ssrc)
{
    const std::lock_guard lock(mutex_);
    if (buffers_.size() < kMaxBuffers)
        buffers_[ssrc] = glib::retain(jitterbuffer);
}

void Patience::watch(const std::shared_ptr<Graph> &graph)
{
    graph_ = graph;
    looking_ = glib::every(kLook, [this] { look(); });
}

void Patience::look()
{
    const auto graph = graph_.lock();
    const auto *video = graph ? graph->receiver(Medium::Video) : nullptr;
    if (!video)
        return;
    glib::Ptr<GstElement> buffer;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = buffers_.find(video->ssrc()); found != buffers_.end())
            buffer = glib::retain(found->second.get());
    }
    if (!buffer)
        return;
    double round_trip = retransmission_time(buffer.get());
    for (const auto medium : {Medium::Audio, Medium::Video})
        if (const auto *sender = graph->sender(medium))
            if (const auto report = graph->rtcp.latest(sender->config().ssrc))
                round_trip = std::max(round_trip, report->round_trip.value_or(0));
    constexpr double kForget = 0.98;  // a look: to half in 9 s
    longest_ = std::max(round_trip, longest_ * kForget);

    graph->feedback->set_round_trip(round_trip);
    // No second request before the answer to the first can be here.
    const auto answered =
        static_cast<gint>(std::lround(std::max(kAnswered, 1000 * round_trip * 1.1)));
    g_object_set(buffer.get(), "rtx-min-retry-timeout", answered, nullptr);

    guint now = 0;
    const guint wanted = for_round_trip(longest_);
    g_object_get(buffer.get(), "latency", &now, nullptr);
    constexpr double kMuch = 0.1;
    if (std::abs(static_cast<double>(wanted) - now) > kMuch * now)
        g_object_set(buffer.get(), "latency", wanted, nullptr);
}

}  // namespace callagent::media
