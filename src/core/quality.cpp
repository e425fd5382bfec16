#include "core/quality.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace callagent {
namespace {

// Ticks tell a latency modulo one second; so much of it may be below zero, where clocks and
// measurement are not exact.
constexpr double kBelowZero = 0.1;

bool is_whole(double seconds)
{
    const double whole = std::round(seconds);
    return whole >= 1 && std::abs(seconds - whole) < QualityMeter::kTickJitter;
}

}  // namespace

// ---- pictures ----

// Whether the mark is of a source that is known.
bool QualityMeter::introduce(const FrameMark &mark)
{
    const auto same = [&mark](const std::optional<FrameMark> &other) {
        return other && other->clock == mark.clock && other->width == mark.width &&
               other->height == mark.height;
    };
    if (same(origin_))
        return true;
    const auto before = std::exchange(candidate_, mark);
    if (!same(before))
        return false;
    origin_ = std::exchange(candidate_, std::nullopt);
    last_ = before->number;
    ways_.clear();
    return true;
}

double QualityMeter::Ways::add(double shown, double age)
{
    while (!ways_.empty() && shown - ways_.front().at > kMemory)
        ways_.pop_front();
    while (!ways_.empty() && ways_.back().age >= age)
        ways_.pop_back();
    ways_.push_back({shown, age});
    return age - quickest();
}

void QualityMeter::picture(double shown, const std::optional<FrameMark> &mark,
                           std::optional<double> psnr)
{
    if (!mark || !introduce(*mark)) {
        ++unmarked_;
        return;
    }
    const auto unmarked = std::exchange(unmarked_, 0);
    const auto step = (mark->number - last_.value_or(mark->number - 1)) % FrameMark::kNumbers;
    last_ = mark->number;
    if (step == 0) {
        ++video_.repeated;
        return;
    }
    ++video_.frames;
    // Backwards: the source began anew. Pictures that came without a mark that can be read (black,
    // broken) stand for numbers that are not lost.
    if (step < FrameMark::kNumbers / 2 && step - 1 > unmarked)
        video_.lost += step - 1 - unmarked;
    const double age = mark->age(shown);
    if (ways_.add(shown, age) > kLate)
        ++video_.late;
    age_sum_ += age;
    ++ages_;
    if (mark->clock == clock_)
        video_.latencies.push_back(age);
    else
        video_.clock_differs = true;
    if (psnr)
        video_.psnrs.push_back(*psnr);
}

// ---- by sender reports ----

void QualityMeter::reported(Medium medium, double shown, double captured, bool same_clock)
{
    // A clock that is not set, or that counts something else.
    constexpr double kAbsurd = 10;
    const double age = shown - captured;
    if (same_clock && (age < -kBelowZero || age > kAbsurd))
        return;
    auto &all = medium == Medium::Video ? video_reported_ : audio_reported_;
    all.clock_differs = !same_clock;
    all.ways.add(shown, age);
    all.age_sum += age;
    ++all.ages;
    if (same_clock)
        all.latencies.push_back(age);
}

std::optional<double> QualityMeter::Reported::estimate(
    const std::optional<double> &round_trip) const
{
    if (!clock_differs || !round_trip || ages == 0 || ways.empty())
        return std::nullopt;
    return *round_trip / 2 + age_sum / static_cast<double>(ages) - ways.quickest();
}

void QualityMeter::Reported::clear()
{
    latencies.clear();
    age_sum = 0;
    ages = 0;
}

void QualityMeter::take_reported(Quality &quality, const std::optional<double> &round_trip)
{
    if (video_reported_.any() && !quality.video && !origin_) {
        VideoQuality video;
        video.from_reports = true;
        video.clock_differs = video_reported_.clock_differs;
        video.estimate = video_reported_.estimate(round_trip);
        video.latencies = video_reported_.latencies;
        quality.video = std::move(video);
    }
    if (origin_ && origin_->clock != clock_) {  // the marks of the picture know whose clock it is
        audio_reported_.clock_differs = true;
        audio_reported_.latencies.clear();
    }
    if (audio_reported_.any() && !tone_) {
        AudioQuality audio;
        audio.from_reports = true;
        audio.clock_differs = audio_reported_.clock_differs;
        audio.estimate = audio_reported_.estimate(round_trip);
        audio.latencies = audio_reported_.latencies;
        quality.audio = std::move(audio);
    }
    video_reported_.clear();
    audio_reported_.clear();
}

// ---- sound ----

void QualityMeter::tick(const Tick &tick)
{
    if (last_tick_) {
        const bool regular =
            is_whole(tick.stream - last_tick_->stream) || is_whole(tick.heard - last_tick_->heard);
        regular_ = regular ? regular_ + 1 : 0;
        tone_ = tone_ || regular_ >= kTimesToBelieve;
    }
    last_tick_ = tick;
    if (tone_ && regular_ > 0)
        phases_.push_back(tick.heard - std::floor(tick.heard));
}

void QualityMeter::sound(const Sound &sound)
{
    if (!tone_)
        return;
    sound_.seconds += sound.seconds;
    sound_.gap += sound.gap;
    sound_.square += sound.square;
}

// ---- both ----

Quality QualityMeter::take(std::optional<double> round_trip)
{
    Quality quality;
    auto video = std::exchange(video_, {});
    const double age = age_sum_ / static_cast<double>(std::max<std::uint64_t>(ages_, 1));
    const bool seen = std::exchange(ages_, 0) > 0;
    age_sum_ = 0;
    if (seen && video.clock_differs && round_trip && !ways_.empty())
        video.estimate = *round_trip / 2 + age - ways_.quickest();
    if (seen || video.repeated > 0)
        quality.video = std::move(video);
    take_reported(quality, round_trip);

    const auto phases = std::exchange(phases_, {});
    const auto sound = std::exchange(sound_, {});
    if (!tone_ || (phases.empty() && sound.seconds <= 0 && sound.gap <= 0))
        return quality;
    AudioQuality audio;
    audio.gap = sound.gap;
    audio.seconds = sound.seconds;
    if (sound.seconds > 0 && sound.square > 0)
        audio.level = 10 * std::log10(sound.square / sound.seconds);
    // Whose clock ticks is what the picture says.
    audio.clock_differs = origin_ && origin_->clock != clock_;
    if (origin_ && !audio.clock_differs)
        for (const double phase : phases) {
            const double latency = phase + kBelowZero;
            audio.latencies.push_back(latency - std::floor(latency) - kBelowZero);
        }
    // The difference needs no common clock: both are counted from the sender's.
    if (seen && !phases.empty())
        quality.av_skew = std::accumulate(phases.begin(), phases.end(), 0.0,
                                          [age](double sum, double phase) {
                                              return sum + std::remainder(age - phase, 1.0);
                                          }) /
                          static_cast<double>(phases.size());
    quality.audio = std::move(audio);
    return quality;
}

// ---- totals ----

void Spread::add(double value)
{
    min_ = count_ == 0 ? value : std::min(min_, value);
    max_ = count_ == 0 ? value : std::max(max_, value);
    sum_ += value;
    if (count_++ % stride_ != 0)
        return;
    kept_.push_back(value);
    if (kept_.size() < kKept)
        return;
    for (std::size_t i = 0; i < kKept / 2; ++i)
        kept_[i] = kept_[2 * i];
    kept_.resize(kKept / 2);
    stride_ *= 2;
}

double Spread::percentile(double part) const
{
    auto sorted = kept_;
    const auto count = static_cast<double>(sorted.size());
    const auto rank = static_cast<std::ptrdiff_t>(
        std::clamp(std::ceil(part * count) - 1, 0.0, std::max(count - 1, 0.0)));
    if (sorted.empty())
        return 0;
    std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.end());
    return sorted[static_cast<std::size_t>(rank)];
}

void QualityTotals::add(const Quality &quality)
{
    if (quality.video) {
        if (!video)
            video = Video{};
        auto &total = *video;
        total.frames += quality.video->frames;
        total.lost += quality.video->lost;
        total.repeated += quality.video->repeated;
        total.late += quality.video->late;
        total.clock_differs = total.clock_differs || quality.video->clock_differs;
        total.from_reports = quality.video->from_reports;
        if (quality.video->estimate)
            total.estimate.add(*quality.video->estimate);
        for (const double latency : quality.video->latencies)
            total.latency.add(latency);
        for (const double psnr : quality.video->psnrs)
            total.psnr.add(psnr);
    }
    if (quality.audio) {
        if (!audio)
            audio = Audio{};
        auto &total = *audio;
        total.gap += quality.audio->gap;
        total.from_reports = quality.audio->from_reports;
        if (quality.audio->estimate)
            total.estimate.add(*quality.audio->estimate);
        total.clock_differs = total.clock_differs || quality.audio->clock_differs;
        for (const double latency : quality.audio->latencies)
            total.latency.add(latency);
    }
    if (quality.av_skew)
        av_skew.add(*quality.av_skew);
}

}  // namespace callagent
