#include "core/stretch.h"

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

namespace callagent {
namespace {

using Sound = std::vector<std::int16_t>;
constexpr int kRate = 48'000;
constexpr std::size_t kFrames = 960;  // 20 ms

// Something like a voice: 150 Hz and its overtones, in two channels.
Sound voice(std::size_t frames)
{
    Sound sound;
    for (std::size_t i = 0; i < frames; ++i) {
        const double phase = 2 * std::numbers::pi * 150 * static_cast<double>(i) / kRate;
        const double value = 6000 * std::sin(phase) + 3000 * std::sin(2 * phase + 1) +
                             1500 * std::sin(5 * phase + 2);
        sound.insert(sound.end(), 2, static_cast<std::int16_t>(value));
    }
    return sound;
}

Sound noise(std::size_t frames)
{
    std::mt19937 random(1);  // NOLINT: the same each time
    std::uniform_int_distribution<int> value(-8000, 8000);
    Sound sound(2 * frames);
    for (auto &sample : sound)
        sample = static_cast<std::int16_t>(value(random));
    return sound;
}

Sound played(Stretch &stretch, const Sound &sound, int wanted)
{
    Sound out;
    for (std::size_t at = 0; at < sound.size(); at += 2 * kFrames) {
        const auto before = stretch.delay();
        const auto some = stretch.push(std::span(sound).subspan(at, 2 * kFrames), wanted);
        EXPECT_EQ(some.size(), 2 * (kFrames + static_cast<std::size_t>(stretch.delay() - before)));
        out.insert(out.end(), some.begin(), some.end());
    }
    return out;
}

int steepest(const Sound &sound)
{
    int most = 0;
    for (std::size_t i = 2; i < sound.size(); ++i)
        most = std::max(most, std::abs(sound[i] - sound[i - 2]));
    return most;
}

TEST(StretchTest, WithoutNeedNothingIsTouched)
{
    Stretch stretch(kRate, 2);
    const auto sound = voice(10 * kFrames);
    EXPECT_EQ(played(stretch, sound, 0), sound);
    EXPECT_EQ(played(stretch, sound, 100), sound) << "2 ms are no matter";
    EXPECT_EQ(stretch.delay(), 0);
}

TEST(StretchTest, LaterAndSoonerWithoutAClick)
{
    Stretch stretch(kRate, 2);
    const auto sound = voice(40 * kFrames);
    const auto later = played(stretch, sound, 4800);
    EXPECT_NEAR(stretch.delay(), 4800, 120);
    EXPECT_LE(steepest(later), steepest(sound) * 11 / 10);
    const auto sooner = played(stretch, sound, 0);
    EXPECT_NEAR(stretch.delay(), 0, 120);
    EXPECT_LE(steepest(sooner), steepest(sound) * 11 / 10);
}

TEST(StretchTest, ThePeriodIsTheWaves)
{
    Stretch stretch(kRate, 2);
    played(stretch, voice(kFrames), 4800);
    EXPECT_NEAR(stretch.delay(), 320, 2);
}

TEST(StretchTest, WhatHasNoPeriodIsNotShortened)
{
    Stretch stretch(kRate, 2);
    const auto sound = noise(40 * kFrames);
    played(stretch, sound, 2400);
    EXPECT_NEAR(stretch.delay(), 2400, 120) << "a gap would be worse";
    const auto before = stretch.delay();
    played(stretch, sound, 0);
    EXPECT_EQ(stretch.delay(), before);
    played(stretch, Sound(80 * kFrames), 0);
    EXPECT_LE(stretch.delay(), 120) << "silence can be";
}

TEST(StretchTest, OddPiecesAreTakenAsTheyAre)
{
    Stretch stretch(kRate, 2);
    EXPECT_TRUE(stretch.push({}, 4800).empty());
    const Sound little{1, 2, 3};
    EXPECT_EQ(stretch.push(little, 4800), little);
    Stretch odd(0, 0);
    odd.push(little, 4800);
}

}  // namespace
}  // namespace callagent
