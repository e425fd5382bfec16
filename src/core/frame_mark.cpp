#include "core/frame_mark.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace callagent {
namespace {

constexpr int kColumns = 40, kRows = 30;  // of the picture
constexpr int kFirstColumn = 2, kMarkColumns = 36;
constexpr int kFirstPatchColumn = 11;
constexpr int kFirstMarkRow = 1, kFirstPatchRow = 26, kHigh = 3;
constexpr int kBits = kMarkColumns * kHigh;
constexpr int kSmallestCell =
    4;  // pixels; a smaller one has no centre that its neighbours leave be

// Far from each other and from the ends of the range, where encoders and displays clip.
constexpr std::uint8_t kDark = 56, kLight = 196;
constexpr int kMiddle = (kDark + kLight) / 2;
constexpr int kSurely = 14;  // from the middle, or it is no bit: plain pictures are refused soon

// Around both: where what stands still bordered on what moves, each picture would cost an encoder
// bits, and the test picture could not be sent at less than 200 kbit/s.
constexpr std::uint8_t kBand = 36;

constexpr std::uint32_t kPreamble = 0b1010;
constexpr int kCrcBits = 16;

using Bits = std::array<bool, kBits>;

int column(int number, int width)
{
    return number * width / kColumns;
}

int row(int number, int height)
{
    return number * height / kRows;
}

// In pixels: x and y of the first, and of the first that is not in it any more.
struct Area {
    int left = 0, top = 0, right = 0, bottom = 0;
};

Area patch_area(int width, int height)
{
    return {column(kFirstPatchColumn, width), row(kFirstPatchRow, height),
            column(kColumns - kFirstPatchColumn, width), row(kFirstPatchRow + kHigh, height)};
}

// CRC-16/CCITT-FALSE. Begins with ones: a picture all dark has not a checksum of 0.
std::uint32_t crc(const Bits &bits)
{
    std::uint32_t crc = 0xffff;
    for (int i = 0; i < kBits - kCrcBits; ++i) {
        const bool carry = ((crc >> 15) & 1) != (bits[static_cast<std::size_t>(i)] ? 1U : 0U);
        crc = (crc << 1) & 0xffff;
        if (carry)
            crc ^= 0x1021;
    }
    return crc;
}

class Writer {
public:
    explicit Writer(Bits &bits) : bits_(bits) {}
    void put(std::uint32_t value, int count)
    {
        while (count-- > 0)
            bits_[at_++] = ((value >> count) & 1) != 0;
    }

private:
    Bits &bits_;
    std::size_t at_ = 0;
};

class Reader {
public:
    explicit Reader(const Bits &bits) : bits_(bits) {}
    std::uint32_t take(int count)
    {
        std::uint32_t value = 0;
        while (count-- > 0)
            value = value << 1 | (bits_[at_++] ? 1U : 0U);
        return value;
    }

private:
    const Bits &bits_;
    std::size_t at_ = 0;
};

Bits bits_of(const FrameMark &mark)
{
    Bits bits{};
    Writer writer(bits);
    writer.put(kPreamble, 4);
    writer.put(mark.number, 24);
    writer.put(mark.time, 26);
    writer.put(mark.clock, 14);
    writer.put(static_cast<std::uint32_t>(mark.width), 12);
    writer.put(static_cast<std::uint32_t>(mark.height), 12);
    writer.put(crc(bits), kCrcBits);
    return bits;
}

// The mean of the middle of a cell: what is at its edges belongs to its neighbours as well.
int middle_of(const ConstLuma &luma, int left, int top, int right, int bottom)
{
    const int x_margin = (right - left) / 4, y_margin = (bottom - top) / 4;
    int sum = 0, count = 0;
    for (int y = top + y_margin; y < bottom - y_margin; ++y) {
        const auto *line = luma.data + static_cast<std::size_t>(y) * luma.stride;
        for (int x = left + x_margin; x < right - x_margin; ++x) {
            sum += line[x];
            ++count;
        }
    }
    return sum / std::max(count, 1);
}

// Two waves of one period of 256, in steps of luma.
const std::array<std::int8_t, 256> &wave()
{
    static const auto table = [] {
        std::array<std::int8_t, 256> waves{};
        for (std::size_t i = 0; i < waves.size(); ++i)
            waves[i] = static_cast<std::int8_t>(
                std::lround(24 * std::sin(static_cast<double>(i) * std::numbers::pi / 128)));
        return waves;
    }();
    return table;
}

// One line of the patch: a gradient under two waves that move in different directions, so that no
// motion vector fits both and each picture costs an encoder bits. What there is of it depends on
// the mark and on integers only: the same on every machine.
template <typename Take>
void patch_line(const FrameMark &mark, const Area &area, int y, const Take &take)
{
    const auto &waves = wave();
    const auto width = static_cast<unsigned>(area.right - area.left);
    const unsigned along = mark.number * 41;
    const unsigned across = static_cast<unsigned>(y - area.top) * 13 - mark.number * 53;
    for (unsigned x = 0; x < width; ++x) {
        const int gradient = 86 + static_cast<int>(x * 80 / width);
        const int value = gradient + waves[(x * 16 + along) & 255] + waves[(x * 9 + across) & 255];
        take(area.left + static_cast<int>(x), value);
    }
}

}  // namespace

std::uint32_t FrameMark::time_of(double seconds)
{
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(std::llround(seconds / kTick)) %
                                      kTimes);
}

double FrameMark::age(double seconds) const
{
    const double all = kTimes * kTick;
    return std::remainder(std::fmod(seconds, all) - time * kTick, all);
}

Band mark_band(int height)
{
    return {row(kFirstMarkRow - 1, height), row(kFirstMarkRow + kHigh + 1, height)};
}

Band patch_band(int height)
{
    return {row(kFirstPatchRow - 1, height), row(kFirstPatchRow + kHigh + 1, height)};
}

bool takes_mark(int width, int height)
{
    return width >= kColumns * kSmallestCell && height >= kRows * kSmallestCell &&
           width <= FrameMark::kLargest && height <= FrameMark::kLargest;
}

void draw(const FrameMark &mark, const Luma &luma)
{
    if (!takes_mark(luma.width, luma.height))
        return;
    for (const auto &band : {mark_band(luma.height), patch_band(luma.height)})
        for (int y = band.top; y < band.bottom; ++y)
            std::fill_n(luma.data + static_cast<std::size_t>(y) * luma.stride, luma.width, kBand);
    const auto bits = bits_of(mark);
    for (int i = 0; i < kBits; ++i) {
        const int at = kFirstColumn + i % kMarkColumns, line = kFirstMarkRow + i / kMarkColumns;
        const int left = column(at, luma.width), right = column(at + 1, luma.width);
        for (int y = row(line, luma.height); y < row(line + 1, luma.height); ++y)
            std::fill_n(luma.data + static_cast<std::size_t>(y) * luma.stride + left, right - left,
                        bits[static_cast<std::size_t>(i)] ? kLight : kDark);
    }
    const auto area = patch_area(luma.width, luma.height);
    for (int y = area.top; y < area.bottom; ++y)
        patch_line(mark, area, y,
                   [line = luma.data + static_cast<std::size_t>(y) * luma.stride](
                       int x, int value) { line[x] = static_cast<std::uint8_t>(value); });
}

std::optional<FrameMark> read_mark(const ConstLuma &luma)
{
    if (!takes_mark(luma.width, luma.height))
        return std::nullopt;
    Bits bits{};
    for (int i = 0; i < kBits; ++i) {
        const int at = kFirstColumn + i % kMarkColumns, line = kFirstMarkRow + i / kMarkColumns;
        const int mean = middle_of(luma, column(at, luma.width), row(line, luma.height),
                                   column(at + 1, luma.width), row(line + 1, luma.height));
        if (std::abs(mean - kMiddle) < kSurely)
            return std::nullopt;
        bits[static_cast<std::size_t>(i)] = mean > kMiddle;
    }
    Reader reader(bits);
    if (reader.take(4) != kPreamble)
        return std::nullopt;
    FrameMark mark;
    mark.number = reader.take(24);
    mark.time = reader.take(26);
    mark.clock = reader.take(14);
    mark.width = static_cast<int>(reader.take(12));
    mark.height = static_cast<int>(reader.take(12));
    if (reader.take(kCrcBits) != crc(bits))
        return std::nullopt;
    return mark;
}

std::optional<double> patch_psnr(const FrameMark &mark, const ConstLuma &luma)
{
    if (mark.width != luma.width || mark.height != luma.height ||
        !takes_mark(luma.width, luma.height))
        return std::nullopt;
    const auto area = patch_area(luma.width, luma.height);
    const int step = std::max(1, luma.height / 480);  // large pictures have lines enough
    std::uint64_t square = 0, count = 0;
    for (int y = area.top; y < area.bottom; y += step) {
        std::uint32_t line_square = 0;
        patch_line(
            mark, area, y,
            [&, line = luma.data + static_cast<std::size_t>(y) * luma.stride](int x, int value) {
                const int difference = line[x] - value;
                line_square += static_cast<std::uint32_t>(difference * difference);
            });
        square += line_square;
        count += static_cast<std::uint64_t>(area.right - area.left);
    }
    if (square == 0)
        return 99.0;
    return 10 *
           std::log10(255.0 * 255.0 * static_cast<double>(count) / static_cast<double>(square));
}

}  // namespace callagent
