#include "core/call_meter.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace callagent {
namespace {

// The end of a call comes at any time after the last sample; a rate over less than this says more
// of when it was asked than of the call.
constexpr double kLeast = 0.02;

constexpr double kSilence = -127;  // dBov (RFC 6464)

double decibels(double square)
{
    return square > 0 ? std::clamp(10 * std::log10(square), kSilence, 0.0) : kSilence;
}

double kbps(double bytes, double seconds)
{
    return bytes * 8 / 1000 / seconds;
}

}  // namespace

void CallMeter::connected(double t, double setup_ms)
{
    connected_ = t;
    series("setup").add(t, setup_ms);
    for (auto *totals : {&in_, &out_})
        for (const auto medium : {Medium::Audio, Medium::Video})
            (*totals)[medium].t = t;
    remote_ = Totals{};
    remote_->t = t;
}

void CallMeter::first_frame(Medium medium, double t, double ms)
{
    series(std::string(name(medium)) + ".first").add(t, ms);
    if (medium == Medium::Video) {
        pictures_ = Totals{};
        pictures_->t = t;
        pictures_->frames = 1;
    }
}

void CallMeter::sample(const Stats &stats)
{
    if (!connected_)
        return;
    lost_ = expected_ = 0;
    jitter_.reset();
    for (const auto medium : {Medium::Audio, Medium::Video}) {
        sample_inbound(stats, medium);
        sample_outbound(stats, medium);
    }
    sample_remote(stats);

    // Both media as one.
    if (expected_ > 0)
        series("loss").add(stats.t, 100 * lost_ / expected_, expected_);
    if (jitter_)
        series("jitter").add(stats.t, *jitter_);
    const auto whole = [&](const char *direction) {
        double sum = 0;
        bool any = false;
        for (const auto medium : {Medium::Audio, Medium::Video}) {
            const auto found =
                measurements_.find(std::string(name(medium)) + ".bitrate." + direction);
            if (found == measurements_.end())
                continue;
            any = true;
            sum += found->second.value(Aggregate::Last).value_or(0);
        }
        if (any)
            series(std::string("bitrate.") + direction).add(stats.t, sum);
    };
    whole("in");
    whole("out");
}

void CallMeter::sample_inbound(const Stats &stats, Medium medium)
{
    Totals now;
    now.t = stats.t;
    double jitter = 0, nacks = 0, plis = 0, freezes = 0;
    bool any = false;
    const InboundRtp *newest = nullptr;
    for (const auto &stream : stats.inbound) {
        if (stream.kind != medium)
            continue;
        any = true;
        newest = &stream;
        now.packets += static_cast<double>(first_received(stream));
        now.lost += static_cast<double>(std::max<std::int64_t>(stream.packets_lost, 0));
        now.bytes += static_cast<double>(stream.bytes_received);
        now.frames += static_cast<double>(stream.frames_decoded);
        now.freezes += stream.total_freezes_duration;
        now.energy += stream.total_audio_energy;
        now.duration += stream.total_samples_duration;
        nacks += stream.nack_count;
        plis += stream.pli_count;
        freezes += stream.freeze_count;
        jitter = std::max(jitter, stream.jitter);
    }
    if (!any)
        return;
    const auto prefix = std::string(name(medium)) + ".";
    const auto before = in_[medium];
    const double seconds = now.t - before.t;
    if (seconds < kLeast)
        return;
    in_[medium] = now;
    series(prefix + "bitrate.in").add(now.t, kbps(now.bytes - before.bytes, seconds), seconds);
    series(prefix + "jitter").add(now.t, jitter * 1000);
    const double lost = std::max(now.lost - before.lost, 0.0);
    if (const double expected = lost + now.packets - before.packets; expected > 0) {
        series(prefix + "loss").add(now.t, 100 * lost / expected, expected);
        lost_ += lost;
        expected_ += expected;
    }
    if (medium == Medium::Video) {
        sample_video(now);
        series("video.nacks").add(now.t, nacks);
        series("video.plis").add(now.t, plis);
        series("video.freezes").add(now.t, freezes);
        if (newest->frame_width > 0) {
            series("video.width").add(now.t, newest->frame_width);
            series("video.height").add(now.t, newest->frame_height);
        }
    } else {
        sample_audio(before, now);
    }
    jitter_ = std::max(jitter_.value_or(0), jitter * 1000);
}

void CallMeter::sample_video(const Totals &now)
{
    series("video.frames").add(now.t, now.frames);
    if (!pictures_)
        return;
    const auto before = *pictures_;
    const double seconds = now.t - before.t;
    if (seconds < kLeast)
        return;
    pictures_ = now;
    const double frames = std::max(now.frames - before.frames, 0.0);
    series("video.fps").add(now.t, frames / seconds, seconds);
    // A freeze is told when it is over: a second without any picture is frozen before that, and
    // what is longer than the time between two samples goes on into the next.
    const double told = std::max(now.freezes - before.freezes, 0.0) + std::exchange(untold_, 0);
    double frozen = seconds;
    if (frames == 0) {
        frozen_ += seconds;
        untold_ = told;
    } else {
        const double more = std::max(told - std::exchange(frozen_, 0), 0.0);
        frozen = std::min(more, seconds);
        untold_ = more - frozen;
    }
    series("video.freeze").add(now.t, 100 * frozen / seconds, seconds);
}

void CallMeter::sample_audio(const Totals &before, const Totals &now)
{
    if (const double seconds = now.duration - before.duration; seconds > 0)
        series("audio.level")
            .add(now.t, decibels(std::max(now.energy - before.energy, 0.0) / seconds), seconds);
}

void CallMeter::sample_outbound(const Stats &stats, Medium medium)
{
    Totals now;
    now.t = stats.t;
    bool any = false;
    for (const auto &stream : stats.outbound) {
        if (stream.kind != medium)
            continue;
        any = true;
        now.bytes += static_cast<double>(stream.bytes_sent);
        now.frames += static_cast<double>(stream.frames_sent);
    }
    const auto before = out_[medium];
    const double seconds = now.t - before.t;
    if (!any || seconds < kLeast)
        return;
    out_[medium] = now;
    const auto prefix = std::string(name(medium)) + ".";
    series(prefix + "bitrate.out").add(now.t, kbps(now.bytes - before.bytes, seconds), seconds);
    if (medium == Medium::Video)
        series("video.fps.out")
            .add(now.t, std::max(now.frames - before.frames, 0.0) / seconds, seconds);
}

void CallMeter::sample_remote(const Stats &stats)
{
    std::optional<double> trip;
    Totals now;
    now.t = stats.t;
    for (const auto &report : stats.remote_inbound) {
        now.lost += static_cast<double>(std::max<std::int64_t>(report.packets_lost, 0));
        if (report.round_trip_time)
            trip = std::max(trip.value_or(0), *report.round_trip_time);
    }
    for (const auto &stream : stats.outbound)
        now.packets += static_cast<double>(first_sent(stream));
    if (!trip && stats.pair)
        trip = stats.pair->current_round_trip_time;
    if (trip)
        series("rtt").add(now.t, *trip * 1000);
    if (stats.remote_inbound.empty() || !remote_)
        return;
    const auto before = *remote_;
    if (const double sent = now.packets - before.packets; sent > 0) {
        series("loss.out")
            .add(now.t, std::min(100 * std::max(now.lost - before.lost, 0.0) / sent, 100.0), sent);
        remote_ = now;
    }
}

void CallMeter::sample(double t, const Quality &quality)
{
    if (quality.video) {
        for (const double seconds : quality.video->latencies)
            series("video.latency").add(t, seconds * 1000);
        for (const double psnr : quality.video->psnrs)
            series("video.psnr").add(t, psnr);
    }
    if (quality.video && !quality.video->from_reports) {
        frames_lost_ += static_cast<double>(quality.video->lost);
        frames_repeated_ += static_cast<double>(quality.video->repeated);
        frames_late_ += static_cast<double>(quality.video->late);
        series("video.lost").add(t, frames_lost_);
        series("video.repeated").add(t, frames_repeated_);
        series("video.late").add(t, frames_late_);
    }
    if (quality.audio) {
        for (const double seconds : quality.audio->latencies)
            series("audio.latency").add(t, seconds * 1000);
        if (quality.audio->seconds > 0)
            series("audio.gap")
                .add(t, std::min(100 * quality.audio->gap / quality.audio->seconds, 100.0),
                     quality.audio->seconds);
    }
    if (quality.av_skew)
        series("av.skew").add(t, std::abs(*quality.av_skew) * 1000);
}

std::optional<double> CallMeter::last(std::string_view name) const
{
    const auto found = measurements_.find(name);
    return found == measurements_.end() ? std::nullopt : found->second.value(Aggregate::Last);
}

Measurements CallMeter::measurements(double t) const
{
    auto all = measurements_;
    if (connected_) {
        all["duration"].add(t, std::max(t - *connected_, 0.0));
        all["stalls"].add(t, stalls_);
        all["warnings"].add(t, warnings_);
    }
    return all;
}

}  // namespace callagent
