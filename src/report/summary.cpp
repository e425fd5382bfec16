#include "report/summary.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "report/quality_json.h"
#include "report/simulation_json.h"
#include "report/stats_json.h"

namespace callagent::report {
namespace {

std::uint64_t frames_of(const InboundRtp &stream)
{
    return stream.frames_decoded;
}

std::uint64_t frames_of(const OutboundRtp &stream)
{
    return stream.frames_encoded;
}

std::uint64_t bytes_of(const InboundRtp &stream)
{
    return stream.bytes_received;
}

std::uint64_t bytes_of(const OutboundRtp &stream)
{
    return stream.bytes_sent;
}

void add(InboundRtp &sum, const InboundRtp &stream)
{
    sum.packets_received += stream.packets_received;
    sum.bytes_received += stream.bytes_received;
    sum.header_bytes_received += stream.header_bytes_received;
    sum.retransmitted_packets_received += stream.retransmitted_packets_received;
    sum.retransmitted_bytes_received += stream.retransmitted_bytes_received;
    sum.fec_packets_received += stream.fec_packets_received;
    sum.fec_bytes_received += stream.fec_bytes_received;
    sum.fec_packets_discarded += stream.fec_packets_discarded;
    sum.packets_lost += stream.packets_lost;
    sum.jitter = std::max(sum.jitter, stream.jitter);
    sum.nack_count += stream.nack_count;
    sum.pli_count += stream.pli_count;
    sum.frames_received += stream.frames_received;
    sum.frames_decoded += stream.frames_decoded;
    sum.key_frames_decoded += stream.key_frames_decoded;
    sum.freeze_count += stream.freeze_count;
    sum.total_freezes_duration += stream.total_freezes_duration;
    sum.total_samples_received += stream.total_samples_received;
    sum.total_samples_duration += stream.total_samples_duration;
    sum.total_audio_energy += stream.total_audio_energy;
}

void add(OutboundRtp &sum, const OutboundRtp &stream)
{
    sum.packets_sent += stream.packets_sent;
    sum.bytes_sent += stream.bytes_sent;
    sum.header_bytes_sent += stream.header_bytes_sent;
    sum.retransmitted_packets_sent += stream.retransmitted_packets_sent;
    sum.retransmitted_bytes_sent += stream.retransmitted_bytes_sent;
    sum.nack_count += stream.nack_count;
    sum.pli_count += stream.pli_count;
    sum.frames_encoded += stream.frames_encoded;
    sum.frames_sent += stream.frames_sent;
    sum.key_frames_encoded += stream.key_frames_encoded;
}

// A medium's streams as one: sums of the totals, the newest of the rest; and the means over the
// time they were seen to grow.
template <typename Stream>
struct Total {
    Stream sum;
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    double seconds = 0;
};

template <typename Stream, typename Streams>
std::optional<Total<Stream>> total_of(const Streams &streams, Medium medium)
{
    std::optional<Total<Stream>> total;
    double newest = -1;
    for (const auto &[ssrc, tracked] : streams) {
        if (tracked.last.kind != medium)
            continue;
        if (!total)
            total.emplace();
        if (tracked.last_t > newest) {  // what is no total is the newest stream's
            newest = tracked.last_t;
            const auto sums = std::exchange(total->sum, tracked.last);
            add(total->sum, sums);
        } else {
            add(total->sum, tracked.last);
        }
        total->frames += frames_of(tracked.last) - tracked.first_frames;
        total->bytes += bytes_of(tracked.last) - tracked.first_bytes;
        total->seconds += tracked.last_t - tracked.first_t;
    }
    return total;
}

template <typename Stream>
Object start_of(const Total<Stream> &total, Medium medium)
{
    Object object;
    if (!total.sum.codec.empty())
        object.emplace_back("codec", total.sum.codec);
    if (total.seconds > 0) {
        if (medium == Medium::Video)
            object.emplace_back("fps_mean", static_cast<double>(total.frames) / total.seconds);
        object.emplace_back("bitrate_mean", static_cast<double>(total.bytes) * 8 / total.seconds);
    }
    return object;
}

// Of the last second only: in a summary it says nothing.
void append_totals(Object &object, Object measured)
{
    for (auto &member : measured)
        if (member.first != "framesPerSecond" && member.first != "audioLevel" &&
            member.first != "targetBitrate")
            object.push_back(std::move(member));
}

double loss_fraction(std::int64_t lost, std::uint64_t arrived)
{
    const auto missing = static_cast<double>(std::max<std::int64_t>(lost, 0));
    const auto all = missing + static_cast<double>(arrived);
    return all > 0 ? missing / all : 0;
}

}  // namespace

void Summary::RoundTrips::add(double seconds)
{
    sum += seconds;
    max = std::max(max, seconds);
    ++count;
}

void Summary::connected(double t, double setup_ms)
{
    connected_ = t;
    setup_ms_ = setup_ms;
}

void Summary::first_frame(Medium medium, double ms)
{
    first_frame_ms_.emplace(medium, ms);
}

void Summary::sample(const Stats &stats)
{
    const auto track = [&](auto &streams, const auto &stream) {
        auto [place, is_new] = streams.try_emplace(stream.ssrc);
        auto &tracked = place->second;
        // The means begin with the first sample that has something.
        if (is_new || bytes_of(tracked.last) == 0) {
            tracked.first_t = stats.t;
            tracked.first_frames = frames_of(stream);
            tracked.first_bytes = bytes_of(stream);
        }
        tracked.last = stream;
        tracked.last_t = stats.t;
    };
    // RTCP counts what was expected less what came: below zero where packets came twice.
    const auto at_least_none = [](auto stream) {
        stream.packets_lost = std::max<std::int64_t>(stream.packets_lost, 0);
        return stream;
    };
    for (const auto &stream : stats.inbound)
        track(inbound_, at_least_none(stream));
    for (const auto &stream : stats.outbound)
        track(outbound_, stream);
    for (const auto &report : stats.remote_inbound) {
        remote_[report.ssrc] = at_least_none(report);
        if (report.round_trip_time)
            rtcp_.add(*report.round_trip_time);
    }
    if (stats.pair) {
        pair_ = stats.pair;
        if (stats.pair->current_round_trip_time)
            ice_.add(*stats.pair->current_round_trip_time);
    }
}

std::string Summary::sentence(double t) const
{
    if (!connected_)
        return {};
    const auto fixed = [](double value) {
        const auto tenths = std::llround(value * 10);
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
    };
    std::string text = fixed(t - *connected_) + " s";
    std::int64_t lost = 0;
    if (const auto video = total_of<InboundRtp>(inbound_, Medium::Video)) {
        text += ", " + std::to_string(video->sum.frames_decoded) + " pictures";
        lost += video->sum.packets_lost;
    }
    if (const auto audio = total_of<InboundRtp>(inbound_, Medium::Audio)) {
        text += ", " + fixed(audio->sum.total_samples_duration) + " s of sound";
        lost += audio->sum.packets_lost;
    }
    text += ", " + std::to_string(lost) + " packets lost";
    if (const auto &trips = rtcp_.count > 0 ? rtcp_ : ice_; trips.count > 0)
        text +=
            ", round trip " + fixed(trips.sum * 1000 / static_cast<double>(trips.count)) + " ms";
    return text;
}

Object Summary::received(Medium medium) const
{
    const auto total = total_of<InboundRtp>(inbound_, medium);
    if (!total)
        return {};
    auto object = start_of(*total, medium);
    if (const auto found = first_frame_ms_.find(medium); found != first_frame_ms_.end())
        object.emplace_back("first_frame_ms", found->second);
    object.emplace_back("loss_fraction",
                        loss_fraction(total->sum.packets_lost, first_received(total->sum)));
    append_totals(object, measured(total->sum));
    if (auto quality = to_object(quality_, medium); !quality.empty())
        object.emplace_back("quality", std::move(quality));
    return object;
}

// With what the peer says of it.
Object Summary::sent(Medium medium) const
{
    const auto total = total_of<OutboundRtp>(outbound_, medium);
    if (!total)
        return {};
    auto object = start_of(*total, medium);
    std::optional<std::int64_t> lost;
    for (const auto &[ssrc, report] : remote_)
        if (report.kind == medium)
            lost = lost.value_or(0) + report.packets_lost;
    if (lost) {
        const auto arrived =
            std::max<std::int64_t>(static_cast<std::int64_t>(first_sent(total->sum)) - *lost, 0);
        object.emplace_back("loss_fraction",
                            loss_fraction(*lost, static_cast<std::uint64_t>(arrived)));
        object.emplace_back("packetsLost", *lost);
    }
    append_totals(object, measured(total->sum));
    return object;
}

Object Summary::object(double t) const
{
    Object object;
    if (connected_)
        object.emplace_back("duration_s", std::max(t - *connected_, 0.0));
    if (setup_ms_)
        object.emplace_back("setup_ms", *setup_ms_);
    const auto &trips = rtcp_.count > 0 ? rtcp_ : ice_;
    if (trips.count > 0) {
        object.emplace_back("rtt_mean_ms", trips.sum / static_cast<double>(trips.count) * 1000);
        object.emplace_back("rtt_max_ms", trips.max * 1000);
    }
    object.emplace_back("warnings", warnings_);
    object.emplace_back("stalls", stalls_);
    if (!snapshot_.empty())
        object.emplace_back("snapshot", snapshot_);
    if (simulated_)
        object.emplace_back("simulated", Object{{"in", to_object(simulated_->first)},
                                                {"out", to_object(simulated_->second)}});
    if (pair_)
        object.emplace_back("pair", Object{{"local", to_object(pair_->local)},
                                           {"remote", to_object(pair_->remote)}});
    for (const auto medium : {Medium::Video, Medium::Audio}) {
        Object both;
        if (auto in = received(medium); !in.empty())
            both.emplace_back("received", std::move(in));
        if (auto out = sent(medium); !out.empty())
            both.emplace_back("sent", std::move(out));
        if (!both.empty())
            object.emplace_back(name(medium), std::move(both));
    }
    return object;
}

}  // namespace callagent::report
