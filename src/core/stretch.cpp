#include "core/stretch.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace callagent {
namespace {

constexpr double kShortest = 0.0025, kLongest = 0.0125;  // s: 400 to 80 Hz

}  // namespace

Stretch::Stretch(int rate, int channels)
    : shortest_(static_cast<std::size_t>(std::max(1.0, kShortest * rate))),
      longest_(static_cast<std::size_t>(std::max(1.0, kLongest * rate))),
      channels_(static_cast<std::size_t>(std::max(1, channels)))
{
}

bool Stretch::silent(std::span<const std::int16_t> in) const
{
    constexpr int kSilent = 100;  // -50 dBFS
    return std::all_of(in.begin(), in.end(),
                       [](std::int16_t sample) { return std::abs(int{sample}) < kSilent; });
}

bool Stretch::is_far_from(int wanted) const
{
    return static_cast<std::size_t>(std::abs(wanted - delay_)) >= shortest_;
}

// By the first channel, each fourth frame: enough for what the ear takes for the pitch.
Stretch::Period Stretch::best_period(std::span<const std::int16_t> in, std::size_t longest) const
{
    constexpr std::size_t kStride = 4;
    Period best{longest, -1};
    for (std::size_t lag = shortest_; lag <= longest; ++lag) {
        double product = 0, first = 0, second = 0;
        for (std::size_t i = 0; i < lag; i += kStride) {
            const double a = in[i * channels_];
            const double b = in[(i + lag) * channels_];
            product += a * b;
            first += a * a;
            second += b * b;
        }
        const double scale = std::sqrt(first * second);
        const double likeness = scale > 0 ? product / scale : 0;
        if (likeness > best.likeness)
            best = {lag, likeness};
    }
    return best;
}

std::vector<std::int16_t> Stretch::push(std::span<const std::int16_t> in, int wanted)
{
    constexpr double kAlike = 0.7;
    std::vector<std::int16_t> out(in.begin(), in.end());
    const auto frames = in.size() / channels_;
    const auto change = static_cast<std::size_t>(std::abs(wanted - delay_));
    const auto longest = std::min({longest_, frames / 2, change});
    if (longest < shortest_)
        return out;
    const bool later = wanted > delay_;
    const auto period = best_period(in, longest);
    if (!later && period.likeness < kAlike && !silent(in))
        return out;

    // One period becomes none or two: what comes before its end goes over into what comes after.
    const auto lag = period.frames;
    const auto step = lag * channels_;
    std::vector<std::int16_t> blend(step);
    for (std::size_t i = 0; i < step; ++i) {
        const std::size_t frame = i / channels_;
        const double into = static_cast<double>(frame) / static_cast<double>(lag);
        const double from = later ? in[step + i] : in[i];
        const double to = later ? in[i] : in[step + i];
        blend[i] = static_cast<std::int16_t>(std::lround(from * (1 - into) + to * into));
    }
    const auto begin = out.begin();
    const auto at = static_cast<std::ptrdiff_t>(step);
    if (later) {
        out.insert(begin + at, blend.begin(), blend.end());
        delay_ += static_cast<int>(lag);
    } else {
        std::copy(blend.begin(), blend.end(), begin);
        out.erase(begin + at, begin + 2 * at);
        delay_ -= static_cast<int>(lag);
    }
    return out;
}

}  // namespace callagent
