#include "report/openmetrics.h"

#include <gtest/gtest.h>

#include "core/metrics.h"

namespace callagent::report {
namespace {

bool has(const std::string &page, const std::string &line)
{
    return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

Standing in_call()
{
    Standing standing;
    standing.now.emplace();
    standing.now->state = "connected";
    return standing;
}

TEST(OpenMetricsTest, WithoutACallThereIsTheEndOnly)
{
    EXPECT_EQ(open_metrics({}), "# EOF\n");
}

TEST(OpenMetricsTest, CallsAreCountedByHowTheyEnded)
{
    Standing standing;
    standing.ended = {{Exit::Ok, 3}, {Exit::Ice, 1}};
    const auto page = open_metrics(standing);
    EXPECT_TRUE(has(page, "# TYPE callagent_calls_ended counter")) << page;
    EXPECT_TRUE(has(page, "callagent_calls_ended_total{exit_code=\"0\"} 3")) << page;
    EXPECT_TRUE(has(page, "callagent_calls_ended_total{exit_code=\"6\"} 1")) << page;
    EXPECT_TRUE(page.ends_with("\n# EOF\n"));
}

TEST(OpenMetricsTest, MetricsAreInBaseUnitsAndTheNewestCounts)
{
    auto standing = in_call();
    auto &rtt = standing.now->measurements["rtt"];
    rtt.add(1, 80);
    rtt.add(2, 20);
    standing.now->measurements["loss"].add(1, 5);
    const auto page = open_metrics(standing);
    EXPECT_TRUE(has(page, "callagent_call_state{state=\"connected\"} 1")) << page;
    EXPECT_TRUE(has(page, "# UNIT callagent_rtt_seconds seconds")) << page;
    EXPECT_TRUE(has(page, "callagent_rtt_seconds 0.02")) << page;
    EXPECT_TRUE(has(page, "callagent_loss_ratio 0.05")) << page;
}

TEST(OpenMetricsTest, AFamilysStreamsStandTogether)
{
    auto standing = in_call();
    auto &stats = standing.now->stats.emplace();
    for (const auto ssrc : {1U, 4'000'000'000U}) {
        InboundRtp stream;
        stream.ssrc = ssrc;
        stream.kind = ssrc == 1 ? Medium::Audio : Medium::Video;
        stream.packets_received = 7;
        stream.jitter = 0.004;
        stats.inbound.push_back(stream);
    }
    const auto page = open_metrics(standing);
    EXPECT_TRUE(has(page,
                    "# TYPE callagent_inbound_rtp_packets_received counter\n"
                    "callagent_inbound_rtp_packets_received_total{kind=\"audio\",ssrc=\"1\"} 7\n"
                    "callagent_inbound_rtp_packets_received_total{kind=\"video\","
                    "ssrc=\"4000000000\"} 7"))
        << page;
    EXPECT_TRUE(has(page, "# TYPE callagent_inbound_rtp_jitter gauge")) << page;
}

}  // namespace
}  // namespace callagent::report
