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
        double suspected = 2;  // s without any packet, once the peer has left the signaling server
    };

    // Everything that has come so far.
    struct Counters {
        std::uint64_t audio_packets = 0;
        std::uint64_t video_packets = 0;
        std::uint64_t audio_frames = 0;
        std::uint64_t video_frames = 0;
        std::uint64_t rtcp_packets = 0;
    };

    struct Event {
        enum class Kind { Stalled, Resumed, Dead };
        Kind kind = Kind::Stalled;
        Medium medium = Medium::Audio;  // not of Dead
        std::string reason;             // of Dead: a sentence

        bool operator==(const Event &) const = default;
    };

    // What was negotiated to arrive. With neither, RTCP is the sign of life.
    Watchdog(bool audio, bool video, double now, Limits limits);
    Watchdog(bool audio, bool video, double now) : Watchdog(audio, video, now, Limits{}) {}

    void suspect(bool suspected) { suspected_ = suspected; }

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
    std::optional<std::string> death(const Stream &stream, double now) const;

    Limits limits_;
    std::vector<Stream> streams_;
    std::uint64_t total_ = 0;
    double last_any_ = 0;
    bool suspected_ = false;
    bool dead_ = false;
};

}  // namespace callagent
