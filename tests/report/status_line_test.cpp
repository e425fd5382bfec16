#include "report/status_line.h"

#include <gtest/gtest.h>

namespace callagent::report {
namespace {

TEST(StatusLineTest, BeforeTheCallItSaysWhatItWaitsFor)
{
    const CallMeter none;
    EXPECT_EQ(status_line(Call::State::Waiting, 63.9, none), "waiting for a call 1:03");
    EXPECT_EQ(status_line(Call::State::Offering, 3725, none), "calling 1:02:05");
}

TEST(StatusLineTest, InTheCallWhatGoesBothWays)
{
    CallMeter meter;
    meter.connected(0, 80);
    meter.first_frame(Medium::Video, 0, 90);
    Stats stats;
    stats.t = 1;
    stats.inbound.resize(1);
    stats.inbound[0].kind = Medium::Video;
    stats.inbound[0].frames_decoded = 31;
    stats.inbound[0].packets_received = 97;
    stats.inbound[0].packets_lost = 3;
    stats.inbound[0].bytes_received = 101'500;
    stats.outbound.resize(1);
    stats.outbound[0].kind = Medium::Audio;
    stats.outbound[0].bytes_sent = 1'000;
    stats.pair.emplace().current_round_trip_time = 0.00123;
    meter.sample(stats);
    EXPECT_EQ(status_line(Call::State::Up, 1, meter),
              "in call 0:01 | in 30 fps 812 kbps | out 8 kbps | loss 3 % | round trip 1.2 ms");
}

}  // namespace
}  // namespace callagent::report
