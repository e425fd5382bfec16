#include "core/tick.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace callagent {
namespace {

using Samples = std::vector<std::int16_t>;

// The test source's own: 440 Hz at a quarter of full scale.
Samples tone(double seconds, double frequency = 440, double amplitude = 8192)
{
    Samples samples(static_cast<std::size_t>(seconds * kSoundRate));
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] =
            static_cast<std::int16_t>(amplitude * std::sin(2 * std::numbers::pi * frequency *
                                                           static_cast<double>(i) / kSoundRate));
    return samples;
}

// In buffers, as a pipeline brings them.
Ear::Heard listen(Ear &ear, const Samples &samples, double stream, double delay = 0,
                  std::size_t buffer = 960)
{
    Ear::Heard all;
    for (std::size_t at = 0; at < samples.size(); at += buffer) {
        const double here = stream + static_cast<double>(at) / kSoundRate;
        const auto heard = ear.listen(samples.data() + at, std::min(buffer, samples.size() - at), 1,
                                      here, here + delay);
        all.ticks.insert(all.ticks.end(), heard.ticks.begin(), heard.ticks.end());
        all.sound.seconds += heard.sound.seconds;
        all.sound.gap += heard.sound.gap;
        all.sound.square += heard.sound.square;
    }
    return all;
}

TEST(TickTest, IsHeardWhereItWasMade)
{
    for (const double wall : {100.0, 100.2501, 100.99, 100.995}) {
        for (const std::size_t buffer : {960U, 480U, 1000U, 37U}) {
            auto samples = tone(3.5);
            add_ticks(samples.data(), samples.size(), 1, wall);
            Ear ear;
            const auto heard = listen(ear, samples, wall, 0.125, buffer);
            ASSERT_GE(heard.ticks.size(), 3U) << wall;
            for (const auto &tick : heard.ticks) {
                EXPECT_NEAR(tick.stream, std::round(tick.stream), 0.0005) << wall;
                EXPECT_NEAR(tick.heard, tick.stream + 0.125, 1e-9);
            }
        }
    }
}

TEST(TickTest, ABoundaryOfBuffersDoesNotCutIt)
{
    auto whole = tone(1), parts = whole;
    add_ticks(whole.data(), whole.size(), 1, 9.501);
    for (std::size_t at = 0; at < parts.size(); at += 960)
        add_ticks(parts.data() + at, std::min<std::size_t>(960, parts.size() - at), 1,
                  9.501 + static_cast<double>(at) / kSoundRate);
    EXPECT_EQ(whole, parts);
}

TEST(TickTest, IsOnEveryChannelAndNeverClips)
{
    auto samples = Samples(std::size_t{2} * 960, 32000);
    add_ticks(samples.data(), 960, 2, 7.0);
    EXPECT_EQ(*std::max_element(samples.begin(), samples.end()), 32767);
    for (std::size_t i = 0; i < samples.size(); i += 2)
        ASSERT_EQ(samples[i], samples[i + 1]);
}

TEST(TickTest, TonesSilenceAndNoiseHaveNone)
{
    std::mt19937 random(1);
    std::uniform_int_distribution<int> noise(-8000, 8000);
    auto noisy = Samples(std::size_t{5} * kSoundRate);
    for (auto &sample : noisy)
        sample = static_cast<std::int16_t>(noise(random));
    for (const auto &samples :
         {tone(5), tone(5, 1000), Samples(std::size_t{5} * kSoundRate), noisy}) {
        Ear ear;
        EXPECT_TRUE(listen(ear, samples, 0).ticks.empty());
    }
}

TEST(TickTest, IsHeardThroughNoise)
{
    std::mt19937 random(1);
    std::normal_distribution<double> noise(0, 1500);
    auto samples = tone(4.5);
    add_ticks(samples.data(), samples.size(), 1, 0.5);
    for (auto &sample : samples)
        sample = static_cast<std::int16_t>(std::clamp(sample + noise(random), -32768.0, 32767.0));
    Ear ear;
    const auto heard = listen(ear, samples, 0.5);
    ASSERT_EQ(heard.ticks.size(), 4U);
    for (const auto &tick : heard.ticks)
        EXPECT_NEAR(tick.stream, std::round(tick.stream), 0.001);
}

TEST(GapTest, SilenceCountsFromTwentyMillisecondsOn)
{
    for (const auto &[silent, gap] :
         {std::pair{0.0, 0.0}, {0.015, 0.0}, {0.050, 0.050}, {0.300, 0.300}}) {
        auto samples = tone(1);
        std::fill_n(samples.begin() + 9600, static_cast<std::ptrdiff_t>(silent * kSoundRate),
                    std::int16_t{0});
        Ear ear;
        EXPECT_NEAR(listen(ear, samples, 0).sound.gap, gap, 0.0021) << silent;
    }
}

TEST(GapTest, WhatIsMissingCountsAsWell)
{
    Ear ear;
    listen(ear, tone(0.2), 5.0);
    EXPECT_EQ(listen(ear, tone(0.2), 5.2).sound.gap, 0);
    EXPECT_NEAR(listen(ear, tone(0.2), 5.48).sound.gap, 0.080, 1e-9);
    EXPECT_EQ(listen(ear, tone(0.2), 5.69).sound.gap, 0);  // 10 ms: nobody hears that
}

TEST(SoundTest, LevelIsThatOfTheTone)
{
    Ear ear;
    const auto sound = listen(ear, tone(1), 0).sound;
    EXPECT_NEAR(sound.seconds, 1, 1e-9);
    EXPECT_NEAR(10 * std::log10(sound.square / sound.seconds), -15.05, 0.05);  // (1/4)²/2
}

}  // namespace
}  // namespace callagent
