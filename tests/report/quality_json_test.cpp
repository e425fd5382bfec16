#include "report/quality_json.h"

#include <gtest/gtest.h>

#include "report/json.h"
#include "report/summary.h"

namespace callagent::report {
namespace {

Quality measured()
{
    Quality quality;
    quality.video = VideoQuality{30, 1, 2, 3, false, {}, {0.060, 0.062}, {38, 36}};
    quality.audio = AudioQuality{false, {0.050}, 0.040, 1, -15.0};
    quality.av_skew = 0.011;
    return quality;
}

std::string text(const Object &object)
{
    return to_json(object);
}

TEST(QualityJsonTest, HasUnitsInItsNames)
{
    EXPECT_EQ(text(to_object(measured())),
              R"({"video":{"frames":30,"lost":1,"repeated":2,"late":3,"latency_ms":61,)"
              R"("latency_max_ms":62,"psnr_db":37,"psnr_min_db":36},)"
              R"("audio":{"latency_ms":50,"latency_max_ms":50,"gap_ms":40,"level_db":-15},)"
              R"("av_skew_ms":11})");
}

TEST(QualityJsonTest, WhatIsNotKnownIsAbsent)
{
    EXPECT_EQ(text(to_object(Quality{})), "{}");
    Quality foreign;
    foreign.video = VideoQuality{30, 0, 0, 0, true, 0.020, {}, {}};
    foreign.audio = AudioQuality{true, {}, 0, 1, {}};
    EXPECT_EQ(
        text(to_object(foreign)),
        R"({"video":{"frames":30,"lost":0,"repeated":0,"late":0,"clock":"other","latency_estimated_ms":20},)"
        R"("audio":{"clock":"other","gap_ms":0}})");
    QualityTotals totals;
    totals.add(foreign);
    totals.add(Quality{});
    EXPECT_EQ(
        text(to_object(totals, Medium::Video)),
        R"({"frames":30,"lost":0,"repeated":0,"late":0,"clock":"other","latency_estimated_ms":20})");
    EXPECT_EQ(text(to_object(totals, Medium::Audio)), R"({"clock":"other","gap_ms":0})");
}

TEST(QualityJsonTest, TotalsStandWithTheirMedium)
{
    QualityTotals totals;
    EXPECT_EQ(text(to_object(totals, Medium::Video)), "{}");
    EXPECT_EQ(text(to_object(totals, Medium::Audio)), "{}");
    totals.add(measured());
    totals.add(measured());
    EXPECT_EQ(text(to_object(totals, Medium::Video)),
              R"({"frames":60,"lost":2,"repeated":4,"late":6,"latency_ms":61,"latency_max_ms":62,)"
              R"("latency_p95_ms":62,"psnr_db":37,"psnr_min_db":36,"psnr_p5_db":36})");
    EXPECT_EQ(text(to_object(totals, Medium::Audio)),
              R"({"latency_ms":50,"latency_max_ms":50,"gap_ms":80,"av_skew_ms":11})");
}

TEST(QualityJsonTest, StandsInTheSummaryWithWhatWasReceived)
{
    Summary summary;
    InboundRtp video;
    video.ssrc = 1;
    video.kind = Medium::Video;
    Stats stats;
    stats.inbound = {video};
    summary.sample(stats);
    EXPECT_EQ(text(summary.object(1)).find("quality"), std::string::npos);
    summary.sample(measured());
    EXPECT_NE(text(summary.object(1)).find(R"("quality":{"frames":30,"lost":1)"),
              std::string::npos);
}

}  // namespace
}  // namespace callagent::report
