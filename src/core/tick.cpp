#include "core/tick.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace callagent {
namespace {

constexpr int kTickSamples = kSoundRate / 100;
constexpr int kPeriod = kSoundRate / 2000;  // 2 kHz: far from the tone, and no codec drops it
constexpr double kAmplitude = 0.5 * 32767;

// Of a full-scale wave. A tick is about 0.37 when it is made.
constexpr double kWeakest = 0.08;
constexpr double kAboveUsual = 4;     // speech and music have 2 kHz all the time
constexpr double kUsualPace = 0.005;  // of a block: it forgets in 200 ms
constexpr int kPeakOver = 10;         // blocks after which no higher one belongs to the same tick
constexpr double kSilence = 0.003;    // -50 dB

constexpr double kPi = std::numbers::pi;

struct Turn {
    double cosine, sine;
};

const std::array<Turn, kPeriod> &turns()
{
    static const auto table = [] {
        std::array<Turn, kPeriod> turns{};
        for (std::size_t i = 0; i < turns.size(); ++i) {
            const double angle = 2 * kPi * static_cast<double>(i) / kPeriod;
            turns[i] = {std::cos(angle), std::sin(angle)};
        }
        return turns;
    }();
    return table;
}

// Hann's window over a tick's samples.
double hann(double part)
{
    return 0.5 - 0.5 * std::cos(2 * kPi * part);
}

const std::array<double, kTickSamples> &tick_wave()
{
    static const auto table = [] {
        std::array<double, kTickSamples> wave{};
        for (std::size_t i = 0; i < wave.size(); ++i)
            wave[i] = kAmplitude * hann((static_cast<double>(i) + 0.5) / kTickSamples) *
                      turns()[i % kPeriod].sine;
        return wave;
    }();
    return table;
}

}  // namespace

void add_ticks(std::int16_t *samples, std::size_t frames, int channels, double wall)
{
    // In samples since the last whole second.
    auto since = static_cast<std::int64_t>(std::llround((wall - std::floor(wall)) * kSoundRate)) %
                 kSoundRate;
    const auto &wave = tick_wave();
    for (std::size_t i = 0; i < frames; ++i, since = (since + 1) % kSoundRate) {
        if (since >= kTickSamples)
            continue;
        for (int channel = 0; channel < channels; ++channel) {
            auto &sample =
                samples[i * static_cast<std::size_t>(channels) + static_cast<std::size_t>(channel)];
            const double sum = sample + wave[static_cast<std::size_t>(since)];
            sample = static_cast<std::int16_t>(std::clamp(sum, -32768.0, 32767.0));
        }
    }
}

Ear::Heard Ear::listen(const std::int16_t *samples, std::size_t frames, int channels, double stream,
                       double heard)
{
    Heard result;
    if (next_ && stream - *next_ > kGap)
        result.sound.gap += stream - *next_;
    next_ = stream + static_cast<double>(frames) / kSoundRate;
    result.sound.seconds = static_cast<double>(frames) / kSoundRate;

    const auto &turn = turns();
    std::int64_t square = 0;
    for (std::size_t i = 0; i < frames; ++i) {
        const int sample = samples[i * static_cast<std::size_t>(channels)];
        const auto &[cosine, sine] = turn[filled_ % kPeriod];
        wave_.in_phase += sample * cosine;
        wave_.quadrature += sample * sine;
        square_ += std::int64_t{sample} * sample;
        if (++filled_ < kBlock)
            continue;
        square += square_;
        const double end = static_cast<double>(i + 1) / kSoundRate;
        close_block({stream + end, heard + end}, result);
    }
    result.sound.square = static_cast<double>(square) / (32768.0 * 32768.0) / kSoundRate;
    return result;
}

void Ear::close_block(const Tick &end, Heard &heard)
{
    waves_[oldest_] = wave_;
    oldest_ = (oldest_ + 1) % kBlocks;
    look_for_tick(strength(), end, heard);

    const double rms = std::sqrt(static_cast<double>(square_) / kBlock) / 32768;
    silent_ = rms < kSilence ? silent_ + 1 : 0;
    constexpr double kSeconds = static_cast<double>(kBlock) / kSoundRate;
    static const int too_long = static_cast<int>(std::lround(kGap / kSeconds));
    if (silent_ == too_long)
        heard.sound.gap += kGap;
    else if (silent_ > too_long)
        heard.sound.gap += kSeconds;

    wave_ = {};
    square_ = 0;
    filled_ = 0;
}

// How much of a tick the last blocks are, as the amplitude of a wave (1 is full scale).
double Ear::strength() const
{
    static const auto weights = [] {
        std::array<double, kBlocks> window{};
        double sum = 0;
        for (std::size_t i = 0; i < kBlocks; ++i)
            sum += window[i] = hann((static_cast<double>(i) + 0.5) / kBlocks);
        for (auto &weight : window)
            weight /= sum * kBlock / 2 * 32768;
        return window;
    }();
    Wave all;
    for (std::size_t i = 0; i < kBlocks; ++i) {
        const auto &wave = waves_[(oldest_ + i) % kBlocks];
        all.in_phase += weights[i] * wave.in_phase;
        all.quadrature += weights[i] * wave.quadrature;
    }
    return std::hypot(all.in_phase, all.quadrature);
}

void Ear::look_for_tick(double strength, const Tick &end, Heard &heard)
{
    const double before = std::exchange(last_strength_, strength);
    if (peak_ && peak_->age == 0)
        peak_->after = strength;
    if (!peak_ ? strength > kWeakest && strength > kAboveUsual * usual_
               : strength > peak_->strength)
        peak_ = Peak{strength, before, strength, end, -1};
    if (!peak_) {
        usual_ += (strength - usual_) * kUsualPace;
        return;
    }
    if (++peak_->age < kPeakOver)
        return;
    // The top of a parabola through the strongest and its neighbours: finer than a block.
    const auto &[top, left, right, at, age] = *peak_;
    const double bend = left - 2 * top + right;
    const double shift = bend < 0 ? std::clamp((left - right) / bend / 2, -0.5, 0.5) : 0;
    const double begins = (shift - static_cast<double>(kBlocks)) * kBlock / kSoundRate;
    heard.ticks.push_back({at.stream + begins, at.heard + begins});
    peak_.reset();
}

}  // namespace callagent
