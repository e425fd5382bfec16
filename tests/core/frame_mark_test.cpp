#include "core/frame_mark.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace callagent {
namespace {

// A plane with a stride of its own, and something behind the picture that nobody may write to.
class Plane {
public:
    Plane(int width, int height, std::uint8_t value = 126)
        : width_(width),
          height_(height),
          stride_(static_cast<std::size_t>(width) + 24),
          bytes_(stride_ * static_cast<std::size_t>(height), value)
    {
    }
    Luma luma() { return {bytes_.data(), stride_, width_, height_}; }
    std::uint8_t &at(int x, int y)
    {
        return bytes_[static_cast<std::size_t>(y) * stride_ + static_cast<std::size_t>(x)];
    }
    std::uint8_t clamped(int x, int y)
    {
        return at(std::clamp(x, 0, width_ - 1), std::clamp(y, 0, height_ - 1));
    }
    template <typename Change>
    void each(const Change &change)
    {
        for (int y = 0; y < height_; ++y)
            for (int x = 0; x < width_; ++x)
                at(x, y) = static_cast<std::uint8_t>(std::clamp<int>(change(x, y), 0, 255));
    }

    // As a scaler does it: bilinear.
    Plane scaled(int width, int height)
    {
        Plane to(width, height);
        to.each([&](int x, int y) {
            const double from_x = (x + 0.5) * width_ / width - 0.5;
            const double from_y = (y + 0.5) * height_ / height - 0.5;
            const int left = static_cast<int>(std::floor(from_x));
            const int top = static_cast<int>(std::floor(from_y));
            const double right = from_x - left, below = from_y - top;
            return static_cast<int>(
                (1 - below) * ((1 - right) * clamped(left, top) + right * clamped(left + 1, top)) +
                below *
                    ((1 - right) * clamped(left, top + 1) + right * clamped(left + 1, top + 1)));
        });
        return to;
    }

private:
    int width_, height_;
    std::size_t stride_;
    std::vector<std::uint8_t> bytes_;
};

constexpr FrameMark kMark{0xabcdef, 0x2345678, 0x1a2b, 640, 480};

Plane marked(FrameMark mark = kMark)
{
    Plane plane(mark.width, mark.height);
    draw(mark, plane.luma());
    return plane;
}

TEST(FrameMarkTest, IsReadAsItWasDrawn)
{
    for (const auto &[width, height] : {std::pair{640, 480},
                                        {320, 240},
                                        {1280, 720},
                                        {1920, 1080},
                                        {160, 120},
                                        {162, 122},
                                        {641, 479},
                                        {480, 640}}) {
        FrameMark mark = kMark;
        mark.width = width;
        mark.height = height;
        EXPECT_EQ(read_mark(marked(mark).luma()), mark) << width << "x" << height;
    }
}

TEST(FrameMarkTest, EveryFieldHasItsBits)
{
    for (const FrameMark &mark :
         {FrameMark{0, 0, 0, 640, 480}, FrameMark{FrameMark::kNumbers - 1, 0, 0, 640, 480},
          FrameMark{0, FrameMark::kTimes - 1, 0, 640, 480},
          FrameMark{0, 0, FrameMark::kClocks - 1, 640, 480}})
        EXPECT_EQ(read_mark(marked(mark).luma()), mark);
}

TEST(FrameMarkTest, DrawsInItsBandsOnly)
{
    Plane plane(640, 480, 99);
    draw(kMark, plane.luma());
    const auto in = [](const Band &band, int y) { return y >= band.top && y < band.bottom; };
    for (int y = 0; y < 480; ++y)
        for (int x = 0; x < 640; ++x)
            ASSERT_TRUE(plane.at(x, y) == 99 || in(mark_band(480), y) || in(patch_band(480), y))
                << x << "," << y;
}

TEST(FrameMarkTest, StaysWithinWhatEncodersAndDisplaysKeep)
{
    auto plane = marked();
    plane.each([&](int x, int y) {
        EXPECT_GE(plane.at(x, y), 30);
        EXPECT_LE(plane.at(x, y), 225);
        return plane.at(x, y);
    });
}

TEST(FrameMarkTest, SurvivesNoise)
{
    std::mt19937 random(1);
    std::normal_distribution<double> noise(0, 60);
    auto plane = marked();
    plane.each([&](int x, int y) { return plane.at(x, y) + static_cast<int>(noise(random)); });
    EXPECT_EQ(read_mark(plane.luma()), kMark);
}

TEST(FrameMarkTest, SurvivesBlur)
{
    auto sharp = marked();
    Plane blurred(640, 480);
    blurred.each([&](int x, int y) {
        int sum = 0;
        for (int dy = -4; dy <= 4; ++dy)
            for (int dx = -4; dx <= 4; ++dx)
                sum += sharp.clamped(x + dx, y + dy);
        return sum / 81;
    });
    EXPECT_EQ(read_mark(blurred.luma()), kMark);
}

TEST(FrameMarkTest, SurvivesAnotherSize)
{
    for (const auto &[width, height] :
         {std::pair{320, 240}, {1280, 960}, {426, 320}, {333, 251}, {200, 150}, {177, 144}})
        EXPECT_EQ(read_mark(marked().scaled(width, height).luma()), kMark)
            << width << "x" << height;
}

TEST(FrameMarkTest, SurvivesAnotherRangeOfLuma)
{
    auto plane = marked();
    plane.each([&](int x, int y) { return (plane.at(x, y) - 16) * 255 / 219; });
    EXPECT_EQ(read_mark(plane.luma()), kMark);
}

TEST(FrameMarkTest, OneWrongCellIsNoMark)
{
    for (int cell = 0; cell < 36 * 3; ++cell) {
        auto plane = marked();
        const int left = (2 + cell % 36) * 16, top = (1 + cell / 36) * 16;
        for (int y = top; y < top + 16; ++y)
            for (int x = left; x < left + 16; ++x)
                plane.at(x, y) = static_cast<std::uint8_t>(252 - plane.at(x, y));
        EXPECT_EQ(read_mark(plane.luma()), std::nullopt) << cell;
    }
}

TEST(FrameMarkTest, PlainPicturesHaveNone)
{
    for (int value = 0; value < 256; ++value)
        EXPECT_EQ(read_mark(Plane(640, 480, static_cast<std::uint8_t>(value)).luma()),
                  std::nullopt);
}

TEST(FrameMarkTest, RandomPicturesHaveNone)
{
    std::mt19937 random(2);
    Plane plane(160, 120);
    int found = 0;
    for (int i = 0; i < 20000; ++i) {
        // Cells of a colour each: where a picture is likest to a mark.
        for (int row = 1; row < 4; ++row)
            for (int column = 2; column < 38; ++column) {
                const auto value = static_cast<std::uint8_t>(random() % 2 == 0 ? 40 : 210);
                for (int y = row * 4; y < row * 4 + 4; ++y)
                    for (int x = column * 4; x < column * 4 + 4; ++x)
                        plane.at(x, y) = value;
            }
        found += read_mark(plane.luma()).has_value();
    }
    EXPECT_EQ(found, 0);
}

TEST(FrameMarkTest, WhatIsTooSmallOrTooLargeIsLeftAlone)
{
    for (const auto &[width, height] :
         {std::pair{159, 120}, {160, 119}, {1, 1}, {16, 16}, {4096, 200}}) {
        Plane plane(width, height, 99);
        draw(kMark, plane.luma());
        int changed = 0;
        plane.each([&](int x, int y) {
            changed += plane.at(x, y) != 99;
            return plane.at(x, y);
        });
        EXPECT_EQ(changed, 0) << width << "x" << height;
        EXPECT_EQ(read_mark(plane.luma()), std::nullopt);
    }
    EXPECT_EQ(read_mark({}), std::nullopt);
}

TEST(FrameMarkTest, AgeIsTheTimeBetweenAlsoWhereTheCounterHasWrapped)
{
    const double all = FrameMark::kTimes * FrameMark::kTick;
    for (const double taken : {1764046085.1234, 100 * all - 0.01, 100 * all}) {
        FrameMark mark;
        mark.time = FrameMark::time_of(taken);
        for (const double later : {0.0, 0.25, 30.0, -0.5})
            EXPECT_NEAR(mark.age(taken + later), later, 1e-4);
    }
}

TEST(FrameMarkTest, PsnrOfAnUntouchedPatchIsTheHighest)
{
    EXPECT_EQ(patch_psnr(kMark, marked().luma()), 99.0);
}

// 10 log10(255² / d²) for a difference of d everywhere.
TEST(FrameMarkTest, PsnrIsThatOfTheDifference)
{
    for (const auto &[difference, psnr] : {std::pair{1, 48.13}, {5, 34.15}, {20, 22.11}}) {
        auto plane = marked();
        plane.each([&, by = difference](int x, int y) { return plane.at(x, y) + by; });
        ASSERT_TRUE(patch_psnr(kMark, plane.luma()));
        EXPECT_NEAR(*patch_psnr(kMark, plane.luma()), psnr, 0.01);
    }
}

TEST(FrameMarkTest, ThePatchOfAnotherPictureIsAnother)
{
    FrameMark next = kMark;
    ++next.number;
    const auto psnr = patch_psnr(next, marked().luma());
    ASSERT_TRUE(psnr);
    EXPECT_LT(*psnr, 22);
}

TEST(FrameMarkTest, AScaledPictureHasNoPsnr)
{
    EXPECT_EQ(patch_psnr(kMark, marked().scaled(320, 240).luma()), std::nullopt);
}

TEST(FrameMarkTest, PsnrOfALargePictureLooksAtLinesEnough)
{
    FrameMark mark = kMark;
    mark.width = 1920;
    mark.height = 1080;
    auto plane = marked(mark);
    std::mt19937 random(3);
    plane.each([&](int x, int y) { return plane.at(x, y) + (random() % 2 == 0 ? 5 : -5); });
    ASSERT_TRUE(patch_psnr(mark, plane.luma()));
    EXPECT_NEAR(*patch_psnr(mark, plane.luma()), 34.15, 0.01);
}

}  // namespace
}  // namespace callagent
