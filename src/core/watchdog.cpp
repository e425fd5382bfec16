#include "core/watchdog.h"

#include <algorithm>
#include <cmath>

namespace callagent {
namespace {

std::string whole_seconds(double time)
{
    return std::to_string(std::lround(time)) + " s";
}

}  // namespace

Watchdog::Watchdog(bool audio, bool video, double now, Limits limits)
    : limits_(limits), last_any_(now), sampled_(now), silent_since_(now)
{
    if (audio)
        streams_.push_back({Medium::Audio, 0, now, std::nullopt, false, false});
    if (video)
        streams_.push_back({Medium::Video, 0, now, std::nullopt, false, false});
}

void Watchdog::look(Stream &stream, std::uint64_t packets, std::uint64_t frames, double now,
                    std::vector<Event> &events) const
{
    if (packets != stream.packets) {
        stream.packets = packets;
        stream.last = now;
        if (!stream.first)
            stream.first = now;
        if (stream.stalled)
            events.push_back({Event::Kind::Resumed, stream.medium, {}});
        stream.stalled = false;
    } else if (stream.first && !stream.stalled && now - stream.last >= limits_.stall) {
        stream.stalled = true;
        events.push_back({Event::Kind::Stalled, stream.medium, {}});
    }
    stream.decoded = stream.decoded || frames > 0;
}

std::optional<std::string> Watchdog::death(const Stream &stream, double now) const
{
    const std::string what = name(stream.medium);
    if (!stream.first && now - stream.last >= limits_.first_packet)
        return "no " + what + " of the peer arrived within " + whole_seconds(limits_.first_packet) +
               ": it was negotiated, so the peer's source hangs or the path drops it";
    if (stream.first && now - stream.last >= limits_.dead)
        return "the peer's " + what + " stopped and did not come back within " +
               whole_seconds(limits_.dead) + ": the peer is gone, frozen or cut off";
    if (stream.first && !stream.decoded && now - *stream.first >= limits_.first_frame)
        return "the peer's " + what + " arrives, and nothing of it could be decoded within " +
               whole_seconds(limits_.first_frame);
    return std::nullopt;
}

void Watchdog::listen(bool came, double now, std::vector<Event> &events)
{
    // Where nobody has asked for so long, it is this process that stood still.
    if (came || now - sampled_ >= limits_.silent)
        silent_since_ = now;
    sampled_ = now;
    const bool begun = std::any_of(streams_.begin(), streams_.end(),
                                   [](const Stream &stream) { return stream.first.has_value(); });
    switch (silence_) {
        case Silence::None:
            if (begun && now - silent_since_ >= limits_.silent) {
                silence_ = Silence::Told;
                events.push_back({Event::Kind::Silent, Medium::Audio, {}});
            }
            break;
        case Silence::Told:  // what comes once may have been on its way
            if (came)
                silence_ = Silence::Breaking;
            break;
        case Silence::Breaking:
            silence_ = came ? Silence::None : Silence::Told;
            if (came)
                events.push_back({Event::Kind::Heard, Medium::Audio, {}});
            break;
    }
}

std::vector<Watchdog::Event> Watchdog::sample(const Counters &counters, double now)
{
    std::vector<Event> events;
    if (dead_)
        return events;
    const auto total = counters.audio_packets + counters.video_packets + counters.rtcp_packets;
    const bool came = total != total_;
    if (came)
        last_any_ = now;
    total_ = total;
    const double sampled_before = sampled_;

    std::optional<std::string> reason;
    for (auto &stream : streams_) {
        const bool audio = stream.medium == Medium::Audio;
        look(stream, audio ? counters.audio_packets : counters.video_packets,
             audio ? counters.audio_frames : counters.video_frames, now, events);
        if (!reason)
            reason = death(stream, now);
    }
    listen(came, now, events);
    if (suspected_ && !suspected_since_)
        suspected_since_ = sampled_before;
    if (suspected_ && now - std::max(last_any_, *suspected_since_) >= limits_.suspected)
        reason = "the peer left";
    if (streams_.empty() && now - last_any_ >= limits_.dead)
        reason = "nothing at all came from the peer for " + whole_seconds(limits_.dead);
    if (reason) {
        dead_ = true;
        events.push_back({Event::Kind::Dead, Medium::Audio, *reason});
    }
    return events;
}

}  // namespace callagent
