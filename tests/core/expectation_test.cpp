#include "core/expectation.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

Expectation parsed(std::string_view text)
{
    auto result = parse_expectation(text);
    EXPECT_TRUE(result) << text << (result ? "" : result.error());
    return result ? *result : *parse_expectation("rtt>0");
}

std::string refused(std::string_view text)
{
    const auto result = parse_expectation(text);
    EXPECT_FALSE(result) << text;
    return result ? "" : result.error();
}

TEST(ExpectationTest, ANameHasItsUsualAggregate)
{
    const auto one = parsed("video.fps>=25");
    EXPECT_STREQ(one.metric->name, "video.fps");
    EXPECT_EQ(one.aggregate, Aggregate::Mean);
    EXPECT_EQ(one.op, Expectation::Operator::AtLeast);
    EXPECT_EQ(one.limit, 25);
    EXPECT_EQ(parsed("video.frames>100").aggregate, Aggregate::Last);
}

TEST(ExpectationTest, AnAggregateIsTheLastWordOfTheName)
{
    EXPECT_EQ(parsed("rtt.p95<80").aggregate, Aggregate::P95);
    EXPECT_STREQ(parsed("bitrate.in.min>1").metric->name, "bitrate.in");
    EXPECT_EQ(parsed("bitrate.in.min>1").aggregate, Aggregate::Min);
}

TEST(ExpectationTest, SpacesAreFree)
{
    const auto one = parsed("  rtt.max <  80 ms ");
    EXPECT_EQ(one.text, "rtt.max <  80 ms");
    EXPECT_EQ(one.limit, 80);
    EXPECT_EQ(one.op, Expectation::Operator::Below);
}

TEST(ExpectationTest, UnitsAreConverted)
{
    EXPECT_EQ(parsed("setup<=0.5s").limit, 500);
    EXPECT_EQ(parsed("setup<=500ms").limit, 500);
    EXPECT_EQ(parsed("bitrate.in>=1.5Mbps").limit, 1500);
    EXPECT_EQ(parsed("bitrate.in>=500000bps").limit, 500);
    EXPECT_EQ(parsed("bitrate.in>=500k").limit, 500);
    EXPECT_EQ(parsed("loss<=1%").limit, 1);
    EXPECT_EQ(parsed("loss<=1").limit, 1);
    EXPECT_EQ(parsed("audio.level>=-40dB").limit, -40);
    EXPECT_EQ(parsed("duration>=1min").limit, 60);
}

TEST(ExpectationTest, EachOperator)
{
    const auto holds = [](std::string_view text, double value) {
        return parsed(text).holds(value);
    };
    EXPECT_TRUE(holds("stalls=0", 0));
    EXPECT_TRUE(holds("stalls==0", 0));
    EXPECT_FALSE(holds("stalls==0", 1));
    EXPECT_TRUE(holds("stalls!=0", 1));
    EXPECT_FALSE(holds("stalls!=0", 0));
    EXPECT_TRUE(holds("stalls>0", 1));
    EXPECT_FALSE(holds("stalls>0", 0));
    EXPECT_TRUE(holds("stalls<1", 0));
    EXPECT_FALSE(holds("stalls<1", 1));
    EXPECT_TRUE(holds("stalls>=1", 1));
    EXPECT_TRUE(holds("stalls<=1", 1));
    EXPECT_FALSE(holds("stalls<=1", 2));
}

TEST(ExpectationTest, WhatIsWrongIsSaid)
{
    EXPECT_NE(refused("video.fsp>=25").find("the nearest is video.fps"), std::string::npos);
    EXPECT_NE(refused("video.fps").find("is no expectation"), std::string::npos);
    EXPECT_NE(refused("").find("is no expectation"), std::string::npos);
    EXPECT_NE(refused("video.fps!25").find("no operator"), std::string::npos);
    EXPECT_NE(refused("video.fps>=").find("no number"), std::string::npos);
    EXPECT_NE(refused("video.fps>=many").find("no number"), std::string::npos);
    EXPECT_NE(refused("video.fps>=nan").find("no number"), std::string::npos);
    EXPECT_NE(refused("video.fps>=inf").find("no number"), std::string::npos);
    EXPECT_NE(refused("video.fps>=25ms").find("\"ms\" is no unit of video.fps, which is in fps"),
              std::string::npos);
    EXPECT_NE(refused("stalls<=1x").find("a mere number"), std::string::npos);
    EXPECT_NE(refused("rtt.p99<80").find("no such metric \"rtt.p99\""), std::string::npos);
}

TEST(ExpectationTest, EveryMetricIsListedAndCanBeExpected)
{
    const auto list = list_metrics();
    for (const auto &metric : metrics()) {
        EXPECT_NE(list.find(std::string("\n") + metric.name + " "), std::string::npos);
        EXPECT_EQ(parsed(std::string(metric.name) + ">=0").metric, find_metric(metric.name));
        EXPECT_EQ(parsed(std::string(metric.name) + ".p50<0").aggregate, Aggregate::P50);
    }
}

TEST(VerdictTest, WhatWasMeasuredIsJudged)
{
    Measurements measurements;
    for (int i = 1; i <= 10; ++i)
        measurements["video.fps"].add(i, i == 4 ? 10 : 30);
    const auto verdicts =
        judge({parsed("video.fps>=25"), parsed("video.fps.min>=25"), parsed("audio.level>-60")},
              measurements);
    ASSERT_EQ(verdicts.size(), 3U);
    EXPECT_TRUE(verdicts[0].met);
    EXPECT_EQ(verdicts[0].measured, 28);
    EXPECT_FALSE(verdicts[0].broke);
    EXPECT_FALSE(verdicts[1].met);
    EXPECT_EQ(verdicts[1].broke, 4);
    EXPECT_EQ(verdicts[1].sentence(), "video.fps.min>=25: broken: 10 fps, first at 4 s");
    EXPECT_FALSE(verdicts[2].met) << "what was not measured was not good";
    EXPECT_EQ(verdicts[2].sentence(), "audio.level>-60: broken: nothing was measured");
}

TEST(SeriesTest, Aggregates)
{
    Series series;
    EXPECT_FALSE(series.value(Aggregate::Mean));
    for (const double value : {5, 1, 4, 2, 3})
        series.add(0, value);
    EXPECT_EQ(series.value(Aggregate::Min), 1);
    EXPECT_EQ(series.value(Aggregate::Max), 5);
    EXPECT_EQ(series.value(Aggregate::Mean), 3);
    EXPECT_EQ(series.value(Aggregate::P50), 3);
    EXPECT_EQ(series.value(Aggregate::P5), 1);
    EXPECT_EQ(series.value(Aggregate::P95), 5);
    EXPECT_EQ(series.value(Aggregate::Last), 3);
}

TEST(SeriesTest, OfALongCallItKeepsASampleAndTheTruthOfTheRest)
{
    Series series;
    for (int i = 1; i <= 200'000; ++i)
        series.add(i, i);
    EXPECT_EQ(series.value(Aggregate::Min), 1);
    EXPECT_EQ(series.value(Aggregate::Max), 200'000);
    EXPECT_EQ(series.value(Aggregate::Last), 200'000);
    EXPECT_EQ(series.value(Aggregate::Mean), 100'000.5);
    EXPECT_NEAR(*series.value(Aggregate::P5), 10'000, 20);
    EXPECT_NEAR(*series.value(Aggregate::P95), 190'000, 20);
}

TEST(SeriesTest, TheMeanIsThatOfTheWhole)
{
    Series series;
    series.add(1, 30, 1);
    series.add(1.25, 10, 0.25);
    EXPECT_EQ(series.value(Aggregate::Mean), 26);
}

}  // namespace
}  // namespace callagent
