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

void set_latency(GstElement *jitterbuffer, guint wanted)
{
    constexpr double kMuch = 0.1;
    guint now = 0;
    g_object_get(jitterbuffer, "latency", &now, nullptr);
    if (std::abs(static_cast<double>(wanted) - now) > kMuch * now)
        g_object_set(jitterbuffer, "latency", wanted, nullptr);
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

void Patience::take(GstElement *jitterbuffer, std::uint32_t ssrc,
                    std::function<void(const RtpPacket &)> seen)
{
    {
        const std::lock_guard lock(mutex_);
        if (buffers_.size() == kMaxBuffers)
            return;
        buffers_[ssrc] = glib::retain(jitterbuffer);
    }
    if (const auto pad = glib::adopt(gst_element_get_static_pad(jitterbuffer, "sink")))
        on_rtp(pad.get(), std::move(seen));
}

glib::Ptr<GstElement> Patience::buffer(Medium medium)
{
    const auto graph = graph_.lock();
    const auto *receiver = graph ? graph->receiver(medium) : nullptr;
    if (!receiver)
        return {};
    const std::lock_guard lock(mutex_);
    const auto found = buffers_.find(receiver->ssrc());
    return found == buffers_.end() ? glib::Ptr<GstElement>() : glib::retain(found->second.get());
}

void Patience::set_sound(std::chrono::milliseconds patience)
{
    sound_ = patience;
    const auto sound = buffer(Medium::Audio);
    if (!sound)
        return;
    // Requests that nobody answers would only have their own times.
    g_object_set(sound.get(), "do-retransmission", FALSE, nullptr);
    set_latency(sound.get(), static_cast<guint>(sound_.count()));
}

void Patience::watch(const std::shared_ptr<Graph> &graph)
{
    graph_ = graph;
    looking_ = glib::every(kLook, [this] { look(); });
}

void Patience::look()
{
    set_sound(sound_);
    const auto graph = graph_.lock();
    const auto video = buffer(Medium::Video);
    if (!graph || !video)
        return;
    double round_trip = retransmission_time(video.get());
    for (const auto medium : {Medium::Audio, Medium::Video})
        if (const auto *sender = graph->sender(medium))
            if (const auto report = graph->rtcp.latest(sender->config().ssrc))
                round_trip = std::max(round_trip, report->round_trip.value_or(0));
    round_trips_.add(static_cast<double>(g_get_monotonic_time()) / G_USEC_PER_SEC, round_trip);
    // The handshake's is the peer's time for its keys, too: it counts as long as there is no other.
    const double first = graph->handshake->round_trip();
    const auto known = [first](double measured) { return measured > 0 ? measured : first; };
    round_trip = known(round_trip);
    graph->feedback->set_way(known(round_trips_.way()));
    graph->feedback->set_round_trip(round_trip);
    // No second request before the answer to the first can be here.
    const auto answered =
        static_cast<gint>(std::lround(std::max(kAnswered, 1000 * round_trip * 1.1)));
    g_object_set(video.get(), "rtx-min-retry-timeout", answered, nullptr);
    set_latency(video.get(), for_round_trip(known(round_trips_.usual())));
}

}  // namespace callagent::media
