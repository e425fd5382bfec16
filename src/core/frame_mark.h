// What a test picture says of itself: its number, when it was taken and by whose clock, drawn into
// its luma as light and dark cells that survive an encoder at 100 kbit/s and another size; and a
// patch that whoever knows the mark can draw again, to see what became of it. Pure.
//
// The picture is divided into 40 x 30 cells. Rows 1 to 3 hold the mark (36 cells each, most
// significant bit first), rows 26 to 28 the patch in their middle; around both is a dark band.
//
//     1010 | number 24 | time 26 | clock 14 | width 12 | height 12 | CRC-16
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace callagent {

struct FrameMark {
    static constexpr std::uint32_t kNumbers = 1U << 24;
    static constexpr std::uint32_t kTimes = 1U << 26;  // 1 h 51 min
    static constexpr double kTick = 1e-4;              // seconds
    static constexpr std::uint32_t kClocks = 1U << 14;
    static constexpr int kLargest = 4095;  // width or height

    std::uint32_t number = 0;  // counts the source's pictures, modulo kNumbers
    std::uint32_t time = 0;    // the wall clock's, in kTick, modulo kTimes
    std::uint32_t clock = 0;   // which clock that is, modulo kClocks
    int width = 0;             // of the picture as it was drawn
    int height = 0;

    bool operator==(const FrameMark &) const = default;

    // A wall clock's seconds as `time`.
    static std::uint32_t time_of(double seconds);
    // Seconds from this mark's time to `seconds`, at most half of kTimes away.
    double age(double seconds) const;
};

// Luma of 8 bits, one byte for each pixel.
struct ConstLuma {
    const std::uint8_t *data = nullptr;
    std::size_t stride = 0;
    int width = 0;
    int height = 0;
};

struct Luma {
    std::uint8_t *data = nullptr;
    std::size_t stride = 0;
    int width = 0;
    int height = 0;

    operator ConstLuma() const { return {data, stride, width, height}; }
};

// The lines, `top` to before `bottom`, in which the mark and the patch lie: they belong to us over
// the whole width, and are to be grey.
struct Band {
    int top = 0, bottom = 0;
};
Band mark_band(int height);
Band patch_band(int height);

// Whether a picture of that size has room for a mark that can be read.
bool takes_mark(int width, int height);

// Draws mark and patch. Nothing where the picture does not take one.
void draw(const FrameMark &mark, const Luma &luma);

// Nothing where there is none, or not a whole one.
std::optional<FrameMark> read_mark(const ConstLuma &luma);

// The patch's likeness to what was drawn, in dB (99 where nothing differs). Nothing where the
// picture has not the size that it was drawn in: a scaler's loss is not the network's.
std::optional<double> patch_psnr(const FrameMark &mark, const ConstLuma &luma);

}  // namespace callagent
