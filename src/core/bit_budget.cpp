#include "core/bit_budget.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace callagent {
namespace {

constexpr double kAudioPackets = 50;  // a second
constexpr int kPayload = 1180;        // bytes of video in a packet, at most

struct AudioStep {
    int from;     // bit/s of everything
    int bitrate;  // of sound
};
constexpr AudioStep kAudioSteps[] = {{200'000, 1'000'000}, {120'000, 32'000}, {0, 16'000}};

double headers(double packets)
{
    return packets * kPacketOverhead * 8;
}

double video_packets(double bitrate, double pictures)
{
    return pictures * std::ceil(std::max(1.0, bitrate / 8 / pictures) / kPayload);
}

// What a picture of that many points needs to look well in real-time VP8.
constexpr double kBitsPerPixel = 0.02;

constexpr std::array kSteps{PictureSteps::Step{1, 1, 1}, PictureSteps::Step{3, 4, 1},
                            PictureSteps::Step{1, 2, 1}, PictureSteps::Step{1, 2, 2},
                            PictureSteps::Step{1, 4, 2}};
constexpr int kLast = static_cast<int>(kSteps.size()) - 1;

double needed(int level, double pixels)
{
    const auto &step = kSteps[static_cast<std::size_t>(level)];
    const double scale = static_cast<double>(step.numerator) / step.denominator;
    return pixels * scale * scale / step.every * kBitsPerPixel;
}

}  // namespace

BitBudget divide(int total, const BitDemand &demand)
{
    BitBudget budget;
    double left = total;
    if (demand.audio) {
        const auto *step = std::find_if(std::begin(kAudioSteps), std::end(kAudioSteps),
                                        [&](const auto &one) { return total >= one.from; });
        budget.audio = std::min(demand.audio_bitrate, step->bitrate);
        left -= budget.audio + headers(kAudioPackets);
    }
    if (!demand.video)
        return budget;
    left = std::max(0.0, left * (1 - demand.loss) * (1 - demand.fec));
    const double guess = left - headers(video_packets(left, demand.pictures));
    budget.video = static_cast<int>(
        std::max(0.0, left - headers(video_packets(std::max(guess, 1.0), demand.pictures))));
    return budget;
}

int on_the_wire(int video, const BitDemand &demand)
{
    double total = demand.video ? video + headers(video_packets(video, demand.pictures)) : 0;
    total /= 1 - demand.fec;
    if (demand.audio)
        total += demand.audio_bitrate + headers(kAudioPackets);
    return static_cast<int>(std::min(total, 2e9));
}

PictureSteps::Step PictureSteps::at(double now, int bitrate, int width, int height, double pictures)
{
    constexpr double kDownAfter = 2, kUpAfter = 4;  // s
    constexpr double kUpFrom = 1.3;                 // of what the larger one needs
    constexpr double kSmallest = 160.0 * 120;       // that is nobody's picture any more
    const double pixels = static_cast<double>(width) * height * pictures;
    const auto &lower = kSteps[static_cast<std::size_t>(std::min(level_ + 1, kLast))];
    const double scale = static_cast<double>(lower.numerator) / lower.denominator;
    const bool room_below = level_ < kLast && scale * width * scale * height >= kSmallest;

    int direction = 0;
    if (room_below && bitrate < needed(level_, pixels))
        direction = 1;
    else if (level_ > 0 && bitrate > kUpFrom * needed(level_ - 1, pixels))
        direction = -1;
    if (direction != direction_) {
        direction_ = direction;
        since_ = now;
    }
    if (direction != 0 && now - since_ >= (direction > 0 ? kDownAfter : kUpAfter)) {
        level_ += direction;
        direction_ = 0;
    }
    return step(level_);
}

PictureSteps::Step PictureSteps::step(int level)
{
    return kSteps[static_cast<std::size_t>(level)];
}

}  // namespace callagent
