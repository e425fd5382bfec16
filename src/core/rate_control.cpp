#include "core/rate_control.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace callagent {
namespace {

constexpr double kWindow = 1.0;          // s, of which losses are told
constexpr double kRateWindow = 0.3;      // s, of which the received rate is told
constexpr double kReaction = 0.3;        // s, until a change shows in the feedback
constexpr double kDrains = 0.85;         // of the queue at the last reaction
constexpr double kAfterOverrun = 0.8;    // of what is carried
constexpr double kMostAtOnce = 0.4;      // of the rate is left
constexpr double kEased = 0.65;          // of what came when the trouble began
constexpr double kOver = 2;              // s after the last reaction, when the trouble is over
constexpr double kSilence = 1.0;         // s without feedback, after which the path is in doubt
constexpr double kForget = 10;           // s, after which the capacity may be another one
constexpr double kNoPath = 0.3;          // s of packets, all lost: there was none
constexpr double kBack = 0.8;            // of the rate before it was gone is looked for first
constexpr std::size_t kFewPackets = 20;  // of which no share is told
constexpr double kAbsurd = 10;           // s between neighbours: a wrap-around, or another clock

// Growth, per second.
constexpr double kQuick = 1.6;  // where the path is clear, and nothing is known of its end
constexpr double kSteady = 1.25;
constexpr double kCareful = 1.06;  // where it was full the last time

// Probes.
constexpr double kProbeFactor = 2;
constexpr double kProbeCareful = 1.5;   // near what was full the last time
constexpr double kProbeAgain = 2.5;     // s after one that found the path full
constexpr double kProbeRarely = 5;      // s after several
constexpr double kProbeWorth = 0.6;     // of the target: who sends less has no use for more
constexpr double kEnough = 0.9;         // of a rate that got through
constexpr double kProbeVerdict = 1;     // s, after which one is given up
constexpr double kProbeSeconds = 0.04;  // at least, and so many packets of that size
constexpr std::size_t kProbePackets = 4;
constexpr double kProbePacket = 1200 * 8;  // bits

}  // namespace

RateControl::RateControl(Range range) : range_(range), target_(range.start) {}

void RateControl::feedback(std::span<const SentPacket> packets, double now)
{
    if (packets.empty())
        return;
    has_feedback_ = true;
    if (heard_ < 0)
        grown_ = now;
    heard_ = now;
    const bool was_silent = std::exchange(silent_, false);
    if (was_silent) {
        grown_ = next_probe_ = now;
        trouble_ = 0;
    }
    if (was_silent || tells_of_no_path(packets)) {
        // What got lost while there was no path says nothing of the one that there is now. Nor do
        // the times beside it: GStreamer's peers garble them where many in a row are missing.
        window_.clear();
        recent_queue_.clear();
        return;
    }
    for (const auto &packet : packets)
        take(packet);
    measure(packets, now);
    judge_probe(now);
    if (!judge_overrun(packets, now))
        judge(now);
}

bool RateControl::tells_of_no_path(std::span<const SentPacket> packets)
{
    std::optional<double> first_lost;
    for (const auto &packet : packets) {
        if (packet.arrived)
            first_lost.reset();
        else if (packet.sent > first_lost.value_or(packet.sent) + kNoPath)
            return true;
        else if (!first_lost)
            first_lost = packet.sent;
    }
    return false;
}

void RateControl::take(const SentPacket &packet)
{
    if (!window_.empty() && std::abs(packet.sent - window_.back().sent) > kAbsurd) {
        window_.clear();
        base_delay_.clear();
        recent_queue_.clear();
    }
    window_.push_back(packet);
    while (window_.front().sent < window_.back().sent - kWindow)
        window_.pop_front();
}

void RateControl::measure(std::span<const SentPacket> packets, double now)
{
    // What stands in the queue is what even the quickest packet waited for: those behind it in a
    // burst wait for the burst itself.
    std::optional<double> quickest;
    for (const auto &packet : packets)
        if (packet.arrived) {
            const double took = *packet.arrived - packet.sent;
            base_delay_.add(now, took);
            quickest = std::min(quickest.value_or(took), took);
        }
    if (quickest)
        queue_delay_ = *quickest - base_delay_.value();

    drained_ = drained(packets);

    std::size_t lost = 0;
    double last = -1;
    for (const auto &packet : window_) {
        lost += packet.arrived ? 0 : 1;
        if (packet.arrived)
            last = std::max(last, *packet.arrived);
    }
    loss_ = window_.size() < kFewPackets
                ? 0
                : static_cast<double>(lost) / static_cast<double>(window_.size());

    const double told = told_of();
    double bytes = 0;
    double first = last;
    for (const auto &packet : window_)
        if (packet.arrived && *packet.arrived > last - kRateWindow) {
            bytes += packet.bytes;
            first = std::min(first, *packet.arrived);
        }
    const double span = last - first;
    received_ = span > kRateWindow / 2 ? bytes * 8 / std::max(span, kRateWindow * 0.9) / told : 0;

    double sent_bytes = 0;
    const double newest = window_.back().sent;
    for (const auto &packet : window_)
        if (packet.sent > newest - kRateWindow)
            sent_bytes += packet.bytes;
    sent_ = sent_bytes * 8 / kRateWindow / told;
}

// The rate at which the queue gives its packets out, as long as it is not empty; 0: not known. What
// did not get into the queue, and what feedback that got lost would have told, does not matter.
double RateControl::drained(std::span<const SentPacket> packets)
{
    constexpr std::size_t kSome = 4;
    constexpr double kSpan = 0.02;  // s
    double bytes = 0;
    std::optional<double> first, last;
    std::size_t count = 0;
    for (const auto &packet : packets) {
        if (!packet.arrived)
            continue;
        if (first)
            bytes += packet.bytes;
        else
            first = packet.arrived;
        last = packet.arrived;
        ++count;
    }
    if (count < kSome || *last - *first < kSpan)
        return 0;
    return bytes * 8 / (*last - *first);
}

// Which share of the packets in the window was told of: where the path back is full, too, feedback
// gets lost.
double RateControl::told_of() const
{
    const auto all = static_cast<std::uint16_t>(window_.back().number - window_.front().number);
    const double told = static_cast<double>(window_.size()) / (all + 1.0);
    return std::clamp(told, 0.3, 1.0);
}

// Whether there is one, or what is told is still of it.
bool RateControl::judge_overrun(std::span<const SentPacket> packets, double now)
{
    const auto carried =
        overrun_.feedback(packets, base_delay_.value(), std::min(sent_, target_), now);
    if (!carried)
        return overrun_.covers(packets.back().sent - kRateWindow);
    capacity_ = *carried;
    capacity_at_ = now;
    slower(kAfterOverrun * *carried, now, Why::Queue);
    set(kAfterOverrun * *carried, Why::Queue);
    return true;
}

void RateControl::judge(double now)
{
    recent_queue_.add(now, queue_delay_);
    const bool eased = trouble_ > 0 && sent_ < kEased * trouble_;
    if (queue_.see(now, queue_delay_, eased))
        capacity_ = 0;  // what came was our share, and not what the path carries
    lossy_.see(now, loss_, eased);
    if (now > slowed_ + kOver)
        trouble_ = 0;
    // While the queue runs empty as it should, there is nothing to do but to wait.
    const bool drains = queue_delay_ < kDrains * slowed_queue_;
    const bool may_react = slowed_ < 0 || now >= slowed_ + (drains ? 2 * kReaction : kReaction);
    if (queue_delay_ > queue_.limit()) {
        if (!may_react)
            return;
        // What came is what the path carries, as long as the queue stands; less of it lets the
        // queue run empty.
        const double known = std::max(received_, drained_);
        const double carried = known > 0 ? known : target_;
        if (known > 0) {
            capacity_ = known;
            capacity_at_ = now;
        }
        slower(carried * std::clamp(0.95 - 2 * queue_delay_, 0.5, 0.85), now, Why::Queue);
    } else if (loss_ > lossy_.limit()) {
        if (!may_react)
            return;
        slower(target_ * (1 - loss_ / 2), now, Why::Loss);
    } else {
        faster(now);
    }
}

void RateControl::slower(double rate, double now, Why why)
{
    if (trouble_ == 0)
        trouble_ = received_ > 0 ? received_ : target_;
    slowed_ = grown_ = now;
    slowed_queue_ = queue_delay_;
    back_to_ = why == Why::Silence ? std::max(back_to_, kBack * target_) : 0;
    probing_.reset();
    next_probe_ = std::max(next_probe_, now + kProbeAgain);
    set(std::clamp(rate, kMostAtOnce * target_, target_), why);
}

bool RateControl::is_clear() const
{
    return queue_delay_ < queue_.limit() * 0.7 &&
           queue_delay_ - recent_queue_.value() < queue_.limit() / 3 &&
           loss_ < lossy_.limit() * 0.7;
}

void RateControl::faster(double now)
{
    // Receiver reports are rare; feedback that did not come is no reason to hurry.
    const double passed = std::clamp(now - grown_, 0.0, has_feedback_ ? 0.25 : 1.0);
    grown_ = now;
    const bool settled = slowed_ < 0 || now >= slowed_ + kReaction;
    if (!settled || !is_clear())
        return;
    if (capacity_ > 0 && (now > capacity_at_ + kForget || target_ > 1.2 * capacity_))
        capacity_ = 0;
    if (target_ >= kEnough * back_to_)
        back_to_ = 0;
    double factor = slowed_ < 0 || back_to_ > 0 ? kQuick : kSteady;
    if (capacity_ > 0 && back_to_ == 0)
        factor = target_ < 0.8 * capacity_ ? kSteady : kCareful;
    double next = target_ * (1 + (factor - 1) * passed);
    // What is not sent proves nothing.
    if (received_ > 0)
        next = std::min(next, std::max(target_, 1.5 * received_ + 20'000));
    set(next, Why::Clear);
}

int RateControl::pace() const
{
    constexpr double kMore = 1.5;     // than the target
    constexpr double kStands = 0.01;  // s
    if (queue_delay_ > 2 * queue_.limit())
        return target();
    double pace = kMore * target_;
    if (capacity_ > 0 && queue_delay_ > kStands)
        pace = std::clamp(kEnough * capacity_, target_, pace);
    return static_cast<int>(pace);
}

std::optional<RateControl::Probe> RateControl::probe(double now)
{
    if (!has_feedback_ || probing_ || now < next_probe_ || !is_clear() ||
        received_ < kProbeWorth * target_ || target_ >= range_.max ||
        (peer_limit_ > 0 && target_ >= peer_limit_))
        return std::nullopt;
    const double factor = capacity_ > 0 ? kProbeCareful : kProbeFactor;
    const double rate = std::min(std::max(factor * target_, back_to_), 1.1 * range_.max);
    probe_begun_ = now;
    const double more = std::max(rate - target_, 1.0);
    probing_ =
        Probe{static_cast<int>(more), std::max(kProbeSeconds, kProbePackets * kProbePacket / more)};
    return probing_;
}

void RateControl::judge_probe(double now)
{
    if (!probing_)
        return;
    const double begun = probe_begun_;
    const double end = begun + probing_->seconds * 1.3;
    if (window_.back().sent < end && now < begun + kProbeVerdict)
        return;  // not all of it has been told yet
    double bytes = 0;
    std::size_t count = 0, lost = 0;
    double first_sent = 0, last_sent = 0, first_arrived = 0, last_arrived = 0;
    for (const auto &packet : window_) {
        if (packet.sent < begun || packet.sent > end)
            continue;
        if (!packet.arrived) {
            ++lost;
            continue;
        }
        if (count++ == 0) {
            first_sent = packet.sent;
            first_arrived = *packet.arrived;
        } else {
            bytes += packet.bytes;
        }
        last_sent = packet.sent;
        last_arrived = *packet.arrived;
    }
    probing_.reset();
    probe_pause_ = std::clamp(2 * probe_pause_, kProbeAgain, kProbeRarely);
    next_probe_ = now + probe_pause_;
    const double took = last_sent - first_sent;
    if (count < kProbePackets || took <= 0 || 5 * lost > count)
        return;
    const double sent = bytes * 8 / took;
    const double arrived = bytes * 8 / std::max(last_arrived - first_arrived, took / 2);
    if (arrived > 0.85 * sent) {
        probe_pause_ = 0;
        capacity_ = 0;
        next_probe_ = now + kReaction;  // and the next, from there
        set(std::max(target_, kEnough * sent), Why::Probe);
    } else {
        back_to_ = 0;
        set(std::max(target_, 0.85 * arrived), Why::Probe);
    }
}

void RateControl::report(double fraction_lost, std::optional<double> round_trip, double now)
{
    if (heard_ < 0)
        grown_ = now;
    if (has_feedback_)
        return;
    heard_ = now;
    loss_ = fraction_lost;
    if (round_trip) {
        round_trip_.add(now, *round_trip);
        queue_delay_ = *round_trip - round_trip_.value();
    }
    judge(now);
}

void RateControl::remb(int bitrate)
{
    peer_limit_ = bitrate;
    if (target_ > peer_limit_)
        set(target_, Why::Peer);
}

void RateControl::tick(double now)
{
    if (heard_ < 0 || now < heard_ + kSilence)
        return;
    heard_ = now - kSilence / 2;
    silent_ = has_feedback_;
    slower(std::max(target_ * 0.7, static_cast<double>(std::min<int>(range_.start, target()))), now,
           Why::Silence);
}

void RateControl::set_range(Range range)
{
    range_ = range;
    set(target_, Why::Range);
}

void RateControl::set(double rate, Why why)
{
    double limit = range_.max;
    if (peer_limit_ > 0)
        limit = std::min(limit, peer_limit_);
    const double next = std::max<double>(range_.min, std::min(rate, limit));
    if (next != target_)
        why_ = why;
    target_ = next;
}

const char *name(RateControl::Why why)
{
    switch (why) {
        case RateControl::Why::Start:
            return "start";
        case RateControl::Why::Clear:
            return "clear";
        case RateControl::Why::Probe:
            return "probe";
        case RateControl::Why::Queue:
            return "queue";
        case RateControl::Why::Loss:
            return "loss";
        case RateControl::Why::Silence:
            return "silence";
        case RateControl::Why::Peer:
            return "peer";
        case RateControl::Why::Range:
            return "range";
    }
    return "";
}

}  // namespace callagent
