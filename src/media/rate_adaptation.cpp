#include "media/rate_adaptation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "media/timeline.h"

namespace callagent::media {
namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kProbeTick{4};
constexpr std::chrono::milliseconds kHoldTick{10};
constexpr double kWorthTelling = 0.02;  // a smaller change is not worth an encoder's attention

std::uint64_t time_of(const GstStructure *packet, const char *field)
{
    guint64 value = GST_CLOCK_TIME_NONE;
    gst_structure_get_uint64(packet, field, &value);
    return value;
}

std::optional<SentPacket> packet_of(const GstStructure *told)
{
    const auto sent = time_of(told, "local-ts");
    const auto arrived = time_of(told, "remote-ts");
    guint size = 0, number = 0;
    gboolean lost = FALSE;
    if (sent == GST_CLOCK_TIME_NONE || !gst_structure_get_uint(told, "size", &size) ||
        !gst_structure_get_uint(told, "seqnum", &number) ||
        !gst_structure_get_boolean(told, "lost", &lost))
        return std::nullopt;
    SentPacket packet;
    packet.number = static_cast<std::uint16_t>(number);
    packet.sent = static_cast<double>(sent) / GST_SECOND;
    packet.bytes = static_cast<int>(std::min(size, 65'535U)) + kPacketOverhead;
    if (!lost && arrived != GST_CLOCK_TIME_NONE)
        packet.arrived = static_cast<double>(arrived) / GST_SECOND;
    return packet;
}

}  // namespace

RateAdaptation::RateAdaptation(BitrateRange video, int audio_bitrate, double pictures,
                               std::function<void(const Change &)> changed)
    : range_(video),
      audio_bitrate_(audio_bitrate),
      pictures_(pictures),
      changed_(std::move(changed)),
      control_(video)
{
}

void RateAdaptation::start(const std::shared_ptr<Graph> &graph)
{
    graph_ = graph;
    has_audio_ = graph->sender(Medium::Audio) != nullptr;
    has_video_ = graph->sender(Medium::Video) != nullptr;
    if (!has_video_)
        return;
    control_ = RateControl(on_the_wire(range_));
    apply();
    ticking_ = glib::every(kTick, [this] { tick(); });
}

std::vector<SentPacket> RateAdaptation::feedback_of(GstEvent *event)
{
    std::vector<SentPacket> packets;
    const GstStructure *all = gst_event_get_structure(event);
    if (!all || !gst_structure_has_name(all, "RTPTWCCPackets"))
        return packets;
    const GValue *value = gst_structure_get_value(all, "packets");
    // GValueArray is deprecated, and what the session sends.
    G_GNUC_BEGIN_IGNORE_DEPRECATIONS
    if (!value || !G_VALUE_HOLDS_BOXED(value))
        return packets;
    const auto *array = static_cast<GValueArray *>(g_value_get_boxed(value));
    for (guint i = 0; array && i < array->n_values; ++i)
        if (const auto packet = packet_of(gst_value_get_structure(array->values + i)))
            packets.push_back(*packet);
    G_GNUC_END_IGNORE_DEPRECATIONS
    return packets;
}

void RateAdaptation::feedback(const std::vector<SentPacket> &packets)
{
    if (!has_video_)
        return;
    control_.feedback(packets, network_time());
    apply();
    hold();
    probe();
}

void RateAdaptation::hold()
{
    const auto graph = graph_.lock();
    const bool held = graph && control_.is_held(network_time());
    if (!graph || held == std::exchange(held_, held))
        return;
    auto *video = graph->sender(Medium::Video);
    video->set_held(held);
    graph->repeats->set_held(held);
    if (held) {
        holding_ = glib::every(kHoldTick, [this] { hold(); });
        return;
    }
    graph->repeats->begin_anew(video->outgoing().next_sequence_number());
    holding_.cancel();
}

void RateAdaptation::set_range(BitrateRange video)
{
    range_ = video;
    if (!has_video_)
        return;
    control_.set_range(on_the_wire(range_));
    apply();
}

void RateAdaptation::tick()
{
    const auto graph = graph_.lock();
    if (!graph)
        return;
    const auto *sender = graph->sender(Medium::Video);
    if (const auto report = graph->rtcp.latest(sender->config().ssrc);
        report && report->count != reports_) {
        reports_ = report->count;
        control_.report(report->fraction_lost, report->round_trip, network_time());
        round_trip_ = report->round_trip.value_or(round_trip_);
    }
    if (round_trip_ == 0)
        round_trip_ = graph->handshake->round_trip();
    graph->sender(Medium::Video)->set_round_trip(round_trip_);
    if (const auto limit = graph->rtcp.remb())
        control_.remb(*limit);
    control_.tick(network_time());
    protect(*graph);
    apply();
    probe();
}

void RateAdaptation::tell() const
{
    changed_({given_.video, control_.why(), control_.loss(), control_.queue_delay(), fec_share_});
}

void RateAdaptation::protect(Graph &graph)
{
    constexpr double kStep = 0.02;
    const double share =
        graph.fec_sender->agreed() ? fec_.at(network_time(), control_.loss(), round_trip_) : 0;
    if (share > 0 && fec_share_ > 0 && std::abs(share - fec_share_) < kStep)
        return;
    if (share == fec_share_)
        return;
    const bool begins_or_ends = share == 0 || fec_share_ == 0;
    fec_share_ = share;
    graph.fec_sender->set_share(share);
    control_.set_range(on_the_wire(range_));
    if (begins_or_ends)
        tell();
}

void RateAdaptation::apply()
{
    const auto graph = graph_.lock();
    if (!graph)
        return;
    auto *video = graph->sender(Medium::Video);
    auto *audio = graph->sender(Medium::Audio);

    BitBudget budget = divide(control_.target(), demand());
    budget.video = std::clamp(budget.video, range_.min, range_.max);
    if (control_.target() == on_the_wire(range_).max)
        budget.video = range_.max;  // without what rounding takes
    const bool reached = budget.video == range_.max && given_.video != range_.max;
    if (reached || std::abs(budget.video - given_.video) >= kWorthTelling * given_.video) {
        given_.video = budget.video;
        video->set_bitrate(budget.video);
        tell();
    }
    graph->repeats->set_path(control_.target(), round_trip_, network_time());
    const int sound =
        has_audio_ ? callagent::on_the_wire(0, {.video = false, .audio_bitrate = budget.audio}) : 0;
    video->outgoing().set_rate(std::max(range_.min, control_.pace() - sound));
    video->set_step(steps_.at(network_time(), given_.video, video->source_width(),
                              video->source_height(), pictures_));
    if (!audio)
        return;
    if (budget.audio != given_.audio) {
        given_.audio = budget.audio;
        audio->set_bitrate(budget.audio);
    }
    const int loss = static_cast<int>(std::lround(std::min(control_.loss(), 0.5) * 100));
    if (loss != told_loss_) {
        told_loss_ = loss;
        audio->set_expected_loss(loss);
    }
}

void RateAdaptation::probe()
{
    const auto graph = graph_.lock();
    if (!graph || !graph->can_repeat())
        return;
    const auto wanted = control_.probe(network_time());
    if (!wanted)
        return;
    probing_ = {*wanted, network_time(), 0};
    sending_ = glib::every(kProbeTick, [this] { send_probe(); });
    send_probe();
}

// As much as is due by now.
void RateAdaptation::send_probe()
{
    const auto graph = graph_.lock();
    const double passed = network_time() - probing_.begun;
    const double due = probing_.probe.rate * std::min(passed + 0.001, probing_.probe.seconds);
    while (graph && probing_.bits < due) {
        const int bytes = graph->repeat_packet();
        if (bytes == 0)
            break;
        probing_.bits += (bytes + kPacketOverhead) * 8;
    }
    if (!graph || passed >= probing_.probe.seconds)
        sending_.cancel();
}

BitDemand RateAdaptation::demand() const
{
    return {has_video_, has_audio_, audio_bitrate_, pictures_, std::min(control_.loss(), 0.3),
            fec_share_};
}

RateControl::Range RateAdaptation::on_the_wire(const BitrateRange &video) const
{
    const BitDemand demand{true, has_audio_, audio_bitrate_, pictures_, 0, fec_share_};
    return {callagent::on_the_wire(video.min, demand), callagent::on_the_wire(video.start, demand),
            callagent::on_the_wire(video.max, demand)};
}

}  // namespace callagent::media
