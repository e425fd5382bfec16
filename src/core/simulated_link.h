// One direction of a network that is worse than the real one: says of each packet whether it is
// lost, or when it comes out at the other end. It has no clock and holds no packets.
//
//     loss → queue → bottleneck of so many bit/s → delay ± jitter → out
//
// A lost packet takes no place in the queue. Packets keep their order, as on a path whose jitter
// comes from queues: one that would overtake another comes out together with it, so that packets
// which follow each other closely tend to the longer delays.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <variant>

namespace callagent {

struct LinkConditions {
    double loss = 0;                     // 0…1, of the packets; each for itself
    std::chrono::nanoseconds delay{0};   // one way
    std::chrono::nanoseconds jitter{0};  // the delay is so much shorter or longer, evenly spread
    int rate = 0;                        // bit/s with all headers; 0: any
    std::chrono::nanoseconds queue = std::chrono::milliseconds(200);  // no wait is longer

    bool operator==(const LinkConditions &) const = default;
    bool any() const { return loss > 0 || delay.count() > 0 || jitter.count() > 0 || rate > 0; }
};

// Of both directions, seen from one end.
struct Simulation {
    LinkConditions in, out;
    std::uint32_t seed = 1;

    bool operator==(const Simulation &) const = default;
};

class SimulatedLink {
public:
    using Time = std::chrono::nanoseconds;  // since whatever moment the caller likes

    enum class Drop { Lost, QueueFull };
    using Fate = std::variant<Time, Drop>;  // when it comes out, or why it does not

    struct Counts {
        std::uint64_t packets = 0;  // that were sent, with those
        std::uint64_t lost = 0;
        std::uint64_t queue_full = 0;

        bool operator==(const Counts &) const = default;
        Counts &operator+=(const Counts &other)
        {
            packets += other.packets;
            lost += other.lost;
            queue_full += other.queue_full;
            return *this;
        }
    };

    // What the wire carries beside the payload that we are told of: IPv4 and UDP headers.
    static constexpr std::size_t kHeaders = 20 + 8;

    // The same seed loses the same ones, counted from the first packet, on every machine, and
    // whatever the other conditions are.
    SimulatedLink(const LinkConditions &conditions, std::uint64_t seed)
        : conditions_(conditions), losses_(seed), delays_(~seed)
    {
    }

    // One more packet with `bytes` of UDP payload, not before the last one.
    Fate send(std::size_t bytes, Time now);

    const Counts &counts() const { return counts_; }

private:
    // SplitMix64 (Steele, Lea, Flood 2014). What <random> distributes differs between libraries.
    class Random {
    public:
        explicit Random(std::uint64_t seed) : state_(seed) {}
        double next();  // 0…1, without 1

    private:
        std::uint64_t state_;
    };

    LinkConditions conditions_;
    Random losses_, delays_;
    Time free_{Time::min()};  // when the bottleneck has sent all that waits
    Time last_{Time::min()};  // when the newest packet comes out
    Counts counts_;
};

}  // namespace callagent
