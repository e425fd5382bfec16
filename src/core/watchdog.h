// Is the peer's media still coming? Fed with counters and the time, it tells of stalls, of their
// end, and of death. Pure: the time is seconds on any steady clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/media.h"

namespace callagent {

class Watchdog {
public:
    struct Limits {
        double stall = 3;          // s without a packet of a medium
        double dead = 14.5;        // s without a packet: the call is over
        double first_packet = 10;  // s from the start
        double first_frame = 10;   // s from the first packet to the first decoded frame
        double silent = 1;         // s without any packet, where media is to come
        // s without any packet since the peer has left the signaling server; one that comes from
        // another address now needs a moment
        double suspected = 2;
    };

    // Everything that has come so far.
    struct Counters {
        std::uint64_t audio_packets = 0;
        std::uint64_t video_packets = 0;
        std::uint64_t audio_frames = 0;
        std::uint64_t video_frames = 0;
        std::uint64_t rtcp_packets = 0;

        Counters &operator+=(const Counters &more)
        {
            audio_packets += more.audio_packets;
            video_packets += more.video_packets;
            audio_frames += more.audio_frames;
            video_frames += more.video_frames;
            rtcp_packets += more.rtcp_packets;
            return *this;
        }
    };

    struct Event {
        // Silent: nothing of any kind comes, as when the path is lost; Heard: that is over.
        enum class Kind { Stalled, Resumed, Silent, Heard, Dead };
        Kind kind = Kind::Stalled;
        Medium medium = Medium::Audio;  // of Stalled and Resumed
        std::string reason;             // of Dead: a sentence

        bool operator==(const Event &) const = default;
    };

    // What was negotiated to arrive. With neither, RTCP is the sign of life.
    Watchdog(bool audio, bool video, double now, Limits limits);
    Watchdog(bool audio, bool video, double now) : Watchdog(audio, video, now, Limits{}) {}

    void suspect(bool suspected)
    {
        suspected_ = suspected;
        suspected_since_.reset();
    }

    // The path is known to be lost, before its silence shows it: Heard says when it is back.
    void doubt() { silence_ = Silence::Told; }

    // Often enough (four times a second). After Dead it says no more.
    std::vector<Event> sample(const Counters &counters, double now);

private:
    struct Stream {
        Medium medium;
        std::uint64_t packets = 0;
        double last = 0;              // when a packet came last
        std::optional<double> first;  // packet
        bool decoded = false;
        bool stalled = false;
    };

    void look(Stream &stream, std::uint64_t packets, std::uint64_t frames, double now,
              std::vector<Event> &events) const;
    void listen(bool came, double now, std::vector<Event> &events);
    std::optional<std::string> death(const Stream &stream, double now) const;

    Limits limits_;
    std::vector<Stream> streams_;
    std::uint64_t total_ = 0;
    double last_any_ = 0;
    double sampled_ = 0;
    double silent_since_ = 0;
    enum class Silence { None, Told, Breaking } silence_ = Silence::None;
    bool suspected_ = false;
    std::optional<double> suspected_since_;
    bool dead_ = false;
};

}  // namespace callagent
