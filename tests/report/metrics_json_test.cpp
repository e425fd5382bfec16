#include "report/metrics_json.h"

#include <gtest/gtest.h>

#include "report/json.h"

namespace callagent::report {
namespace {

TEST(MetricsJsonTest, WhatWasMeasuredWithItsUnitAndAggregates)
{
    Measurements measurements;
    auto &fps = measurements["video.fps"];
    for (int second = 1; second <= 100; ++second)
        fps.add(second, second);
    measurements["video.frames"].add(1, 7);
    measurements["rtt"];  // never
    EXPECT_EQ(
        to_json(Value(to_object(measurements))),
        R"({"video.fps":{"unit":"fps","min":1,"mean":50.5,"max":100,"p5":5,"p50":50,"p95":95,"last":100},)"
        R"("video.frames":{"min":7,"mean":7,"max":7,"p5":7,"p50":7,"p95":7,"last":7}})");
}

TEST(MetricsJsonTest, OfACallThatNeverWasThereIsNothing)
{
    EXPECT_EQ(to_json(Value(to_object({}))), "{}");
}

}  // namespace
}  // namespace callagent::report
