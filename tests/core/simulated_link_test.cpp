#include "core/simulated_link.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace callagent {
namespace {

using namespace std::chrono_literals;
using Drop = SimulatedLink::Drop;
using Fate = SimulatedLink::Fate;
using Time = SimulatedLink::Time;

LinkConditions conditions(double loss, Time delay, Time jitter, int rate, Time queue)
{
    return {loss, delay, jitter, rate, queue};
}

// A packet that is `bytes` long on the wire.
Fate send(SimulatedLink &link, std::size_t bytes, Time now)
{
    return link.send(bytes - SimulatedLink::kHeaders, now);
}

std::vector<int> lost_ones(SimulatedLink link, int packets)
{
    std::vector<int> lost;
    for (int i = 0; i < packets; ++i)
        if (link.send(100, i * 1ms) == Fate(Drop::Lost))
            lost.push_back(i);
    return lost;
}

}  // namespace

TEST(SimulatedLinkTest, WithoutConditionsEverythingPassesAtOnce)
{
    EXPECT_FALSE(LinkConditions{}.any());
    SimulatedLink link({}, 1);
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(link.send(1200, i * 1us), Fate(i * 1us));
    EXPECT_EQ(link.counts(), (SimulatedLink::Counts{1000, 0, 0}));
}

TEST(SimulatedLinkTest, DelayAndBottleneck)
{
    struct Packet {
        Time at;
        std::size_t bytes;  // with headers
        Fate fate;
    };
    const struct {
        const char *what;
        LinkConditions conditions;
        std::vector<Packet> packets;
    } cases[] = {
        {"delay alone",
         conditions(0, 80ms, 0ms, 0, 0ms),
         {{0ms, 100, 80ms}, {1ms, 1000, 81ms}, {500ms, 100, 580ms}}},
        // 1000 bytes at 1 Mbit/s: 8 ms.
        {"one after the other",
         conditions(0, 0ms, 0ms, 1'000'000, 200ms),
         {{0ms, 1000, 8ms}, {0ms, 1000, 16ms}, {1ms, 500, 20ms}, {30ms, 1000, 38ms}}},
        {"headers count", conditions(0, 0ms, 0ms, 8'000, 0ms), {{0ms, 28, 28ms}}},
        {"the queue is full",
         conditions(0, 10ms, 0ms, 1'000'000, 10ms),
         {{0ms, 1000, 18ms},
          {0ms, 1000, 26ms},
          {0ms, 1000, Drop::QueueFull},  // would wait 16 ms
          {5ms, 1000, Drop::QueueFull},  // 11 ms
          {6ms, 1000, 34ms},             // 10 ms
          {7ms, 28, Drop::QueueFull}}},  // the last comes, the last goes, however small
        {"an empty queue takes any packet",
         conditions(0, 0ms, 0ms, 1'000, 0ms),
         {{0ms, 1250, 10s}, {1s, 100, Drop::QueueFull}, {10s, 125, 11s}}},
        {"all are lost", conditions(1, 0ms, 0ms, 0, 0ms), {{0ms, 100, Drop::Lost}}},
    };
    for (const auto &[what, conditions, packets] : cases) {
        SimulatedLink link(conditions, 1);
        for (std::size_t i = 0; i < packets.size(); ++i)
            EXPECT_EQ(send(link, packets[i].bytes, packets[i].at), packets[i].fate)
                << what << ", packet " << i;
    }
}

TEST(SimulatedLinkTest, ASeedLosesTheSamePacketsOnEveryMachine)
{
    const auto five = conditions(0.05, 0ms, 0ms, 0, 0ms);
    const auto lost = lost_ones(SimulatedLink(five, 1), 200);
    EXPECT_EQ(lost, (std::vector<int>{25, 28, 66, 67, 98, 107, 135, 137, 160, 172, 175}));
    EXPECT_EQ(lost_ones(SimulatedLink(five, 1), 200), lost);
    EXPECT_NE(lost_ones(SimulatedLink(five, 2), 200), lost);
    // Whatever else happens to them.
    EXPECT_EQ(lost_ones(SimulatedLink(conditions(0.05, 80ms, 20ms, 100'000, 20ms), 1), 200), lost);
}

// Over many packets of all sizes, in bursts and with pauses.
TEST(SimulatedLinkTest, InTheLongRunTheNumbersAreThoseAskedFor)
{
    constexpr int kPackets = 40'000;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const auto asked = conditions(0.05, 50ms, 20ms, 500'000, 200ms);
        SimulatedLink link(asked, seed);
        std::int64_t bits = 0;
        Time sum{0}, last{0}, first{0}, shortest{1h}, longest{0};
        std::uint64_t arrived = 0;
        for (int i = 0; i < kPackets; ++i) {
            const auto bytes = static_cast<std::size_t>(100 + i * 37 % 1100);
            const Time now = i * 5ms + (i % 7) * 100us;  // about 1 Mbit/s: twice too much
            const auto fate = send(link, bytes, now);
            if (const auto *out = std::get_if<Time>(&fate)) {
                ASSERT_GE(*out, last) << "order";
                last = *out;
                if (arrived++ == 0)
                    first = *out;
                bits += static_cast<std::int64_t>(bytes) * 8;
                shortest = std::min(shortest, *out - now);
                longest = std::max(longest, *out - now);
                sum += *out - now;
            }
        }
        const auto &counts = link.counts();
        EXPECT_EQ(counts.packets, std::uint64_t{kPackets});
        EXPECT_EQ(counts.packets, arrived + counts.lost + counts.queue_full);
        EXPECT_NEAR(static_cast<double>(counts.lost) / kPackets, 0.05, 0.005) << seed;
        const double seconds = std::chrono::duration<double>(last - first).count();
        EXPECT_NEAR(static_cast<double>(bits) / seconds, 500'000, 500) << seed;
        // In the queue, through the bottleneck (19.2 ms at most), and on the way.
        EXPECT_GE(shortest, 50ms - 20ms);
        EXPECT_LE(longest, 200ms + 19200us + 50ms + 20ms);
        EXPECT_GT(longest, 200ms + 50ms);
    }
}

TEST(SimulatedLinkTest, JitterIsEvenAroundTheDelay)
{
    SimulatedLink link(conditions(0, 80ms, 20ms, 0, 0ms), 1);
    constexpr int kPackets = 10'000;
    double sum = 0;
    int short_ones = 0;
    for (int i = 0; i < kPackets; ++i) {
        const Time now = i * 50ms;  // so far apart that none catches up with the one before
        const Time took = std::get<Time>(link.send(100, now)) - now;
        ASSERT_GE(took, 60ms);
        ASSERT_LE(took, 100ms);
        sum += std::chrono::duration<double>(took).count();
        short_ones += took < 70ms;
    }
    EXPECT_NEAR(sum / kPackets, 0.080, 0.0005);
    EXPECT_NEAR(static_cast<double>(short_ones) / kPackets, 0.25, 0.02);
}

TEST(SimulatedLinkTest, JitterDoesNotChangeTheOrder)
{
    SimulatedLink link(conditions(0, 80ms, 80ms, 0, 0ms), 1);
    Time last{0};
    bool shifted = false;
    for (int i = 0; i < 1000; ++i) {
        const Time out = std::get<Time>(link.send(100, i * 1ms));
        ASSERT_GE(out, last);
        shifted = shifted || out == last;
        last = out;
    }
    EXPECT_TRUE(shifted);
}

}  // namespace callagent
