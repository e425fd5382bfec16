#include "core/watchdog.h"

#include <cmath>

namespace callagent {
namespace {

std::string whole_seconds(double time)
{
    return std::to_string(std::lround(time)) + " s";
}

}  // namespace

Watchdog::Watchdog(bool audio, bool video, double now, Limits limits)
    : limits_(limits), last_any_(now)
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

std::vector<Watchdog::Event> Watchdog::sample(const Counters &counters, double now)
{
    std::vector<Event> events;
    if (dead_)
        return events;
    const auto total = counters.audio_packets + counters.video_packets + counters.rtcp_packets;
    if (total != total_)
        last_any_ = now;
    total_ = total;

    std::optional<std::string> reason;
    for (auto &stream : streams_) {
        const bool audio = stream.medium == Medium::Audio;
        look(stream, audio ? counters.audio_packets : counters.video_packets,
             audio ? counters.audio_frames : counters.video_frames, now, events);
        if (!reason)
            reason = death(stream, now);
    }
    if (suspected_ && now - last_any_ >= limits_.suspected)
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
