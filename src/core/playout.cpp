#include "core/playout.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace callagent {

void Playout::Lateness::add(double now, double late)
{
    // While everything starts up nothing is on time, and it will not be like that again.
    constexpr double kStartup = 1;
    constexpr std::size_t kMost = 4000;
    if (first_ < 0)
        first_ = now;
    if (now < first_ + kStartup || samples_.size() == kMost)
        return;
    samples_.emplace_back(now, std::max(0.0, late));
}

double Playout::Lateness::wanted(double now)
{
    while (!samples_.empty() && samples_.front().first < now - kWindow)
        samples_.pop_front();
    if (samples_.empty())
        return 0;
    std::vector<double> late;
    late.reserve(samples_.size());
    for (const auto &sample : samples_)
        late.push_back(sample.second);
    const auto place = late.begin() + static_cast<std::ptrdiff_t>(late.size() / 100);
    std::nth_element(late.begin(), place, late.end(), std::greater<>());
    return *place;
}

std::optional<double> Playout::Lateness::most() const
{
    constexpr double kEnough = 3;  // s
    if (samples_.empty() || samples_.back().first < first_ + kEnough)
        return std::nullopt;
    return std::max_element(
               samples_.begin(), samples_.end(),
               [](const auto &one, const auto &other) { return one.second < other.second; })
        ->second;
}

std::optional<double> Playout::latest_sound() const
{
    return audio_.most();
}

void Playout::sound(double now, std::uint32_t timestamp, int clock_rate)
{
    constexpr double kAnotherStream = 5;  // s, between two packets of one
    Stamp stamp{timestamp, 0};
    if (newest_) {
        const auto ticks = static_cast<std::int32_t>(timestamp - newest_->timestamp);
        const double passed = static_cast<double>(ticks) / clock_rate;
        stamp.sent = newest_->sent + passed;
        if (std::abs(passed) > kAnotherStream) {
            shortest_.clear();
            newest_.reset();
        }
    }
    const double transit = now - stamp.sent;
    shortest_.add(now, transit);
    audio_.add(now, transit - shortest_.value());
    if (!newest_ || stamp.sent > newest_->sent)
        newest_ = stamp;
}

double Playout::advance(double now)
{
    constexpr double kMargin = 0.002;    // for what comes to the sink a moment after it was ready
    constexpr double kNoMatter = 0.005;  // not worth a change
    const double passed = advanced_ < 0 ? 0 : std::clamp(now - advanced_, 0.0, 1.0);
    advanced_ = now;
    const double late = std::max(audio_.wanted(now), video_.wanted(now));
    const double wanted = std::clamp(late > 0 ? late + kMargin : 0, range_.min, range_.max);
    if (wanted > delay_)
        delay_ = std::min(wanted, delay_ + kUp * passed);
    else if (wanted < delay_ - kNoMatter)
        delay_ = std::max(wanted, delay_ - kDown * passed);
    return delay_;
}

}  // namespace callagent
