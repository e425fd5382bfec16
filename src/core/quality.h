// How good the picture and the sound of a test source are where they are shown: what is read from
// the marks in them, turned into numbers. Pure; times in seconds of the wall clock. Without marks
// it says nothing, but the latency where the sender's reports tell when something was captured.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/frame_mark.h"
#include "core/media.h"
#include "core/tick.h"

namespace callagent {

struct VideoQuality {
    std::uint64_t frames = 0;  // with a mark, each number once
    std::uint64_t lost = 0;    // numbers that never came
    std::uint64_t repeated = 0;
    std::uint64_t late = 0;  // see QualityMeter::kLate
    // The marks are another machine's clock's, and how far that is from ours is not known: then
    // there are no latencies, but what the round trip makes likely: half of it, and by how much
    // longer the pictures took than the quickest of the last kMemory seconds. What every picture
    // takes alike, in the encoder say, is not in it.
    bool clock_differs = false;
    std::optional<double> estimate;  // seconds
    std::vector<double> latencies;   // seconds from taken to shown
    std::vector<double> psnrs;       // dB
    bool from_reports = false;       // no marks: nothing but the latency, by sender reports
};

struct AudioQuality {
    bool clock_differs = false;
    std::vector<double> latencies;  // seconds from made to heard, one for each tick
    double gap = 0;                 // seconds of silence where a tone should sound
    double seconds = 0;             // of sound
    std::optional<double> level;    // dB below full scale
    bool from_reports = false;      // as of the picture; only then:
    std::optional<double> estimate{};
};

struct Quality {
    std::optional<VideoQuality> video;
    std::optional<AudioQuality> audio;
    std::optional<double> av_skew;  // seconds by which the picture comes after its sound
};

class QualityMeter {
public:
    // A picture is late when its way took that much longer than the quickest of the last kMemory
    // seconds. So it needs no clock that agrees with the sender's.
    static constexpr double kLate = 0.1;
    static constexpr double kMemory = 10;
    // Ticks are a test tone's where they are whole seconds apart, give or take this, so many times
    // in a row: in the stream, which the network does not disturb, or where they are heard, which
    // the receiver's search for lip sync does not.
    static constexpr double kTickJitter = 0.01;
    static constexpr int kTimesToBelieve = 2;

    // `clock`: our machine's, as in FrameMark.
    explicit QualityMeter(std::uint32_t clock) : clock_(clock % FrameMark::kClocks) {}

    // A picture that is shown at `shown`: with its mark, or without where none was found or looked
    // for.
    void picture(double shown, const std::optional<FrameMark> &mark,
                 std::optional<double> psnr = {});
    // Something that is shown or heard at `shown` and was captured at `captured`, by the clock of
    // the sender (RFC 3550, 6.4.1), which is ours or another one. Counts where there are no marks.
    void reported(Medium medium, double shown, double captured, bool same_clock);
    void tick(const Tick &tick);
    void sound(const Sound &sound);

    // What was measured since the last take. Nothing of a medium whose source is not ours.
    // `round_trip`: the shortest of the call, seconds.
    Quality take(std::optional<double> round_trip = {});

private:
    bool introduce(const FrameMark &mark);

    // The quickest way of the last kMemory seconds.
    class Ways {
    public:
        double add(double shown, double age);  // by how much longer this one is
        void clear() { ways_.clear(); }
        double quickest() const { return ways_.front().age; }
        bool empty() const { return ways_.empty(); }

    private:
        struct Way {
            double at, age;
        };
        std::deque<Way> ways_;  // increasing ages
    };
    struct Reported {
        bool clock_differs = false;
        std::vector<double> latencies;
        double age_sum = 0;
        std::uint64_t ages = 0;
        Ways ways;

        bool any() const { return ages > 0; }
        std::optional<double> estimate(const std::optional<double> &round_trip) const;
        void clear();
    };
    void take_reported(Quality &quality, const std::optional<double> &round_trip);

    const std::uint32_t clock_;

    // Pictures. A mark counts from the second one on that names the same clock and size: one may
    // be chance.
    std::optional<FrameMark> origin_, candidate_;
    std::optional<std::uint32_t> last_;
    std::uint32_t unmarked_ = 0;  // since the last mark
    Ways ways_;
    VideoQuality video_;
    double age_sum_ = 0;  // of the pictures since the last take, by whatever clock
    std::uint64_t ages_ = 0;

    std::optional<Tick> last_tick_;
    int regular_ = 0;
    bool tone_ = false;
    std::vector<double> phases_;  // of the ticks since the last take
    Sound sound_;

    Reported video_reported_, audio_reported_;
};

// Many values in little room: the exact mean and extremes, and a sample for percentiles that is
// thinned out evenly as it grows.
class Spread {
public:
    void add(double value);
    bool empty() const { return count_ == 0; }
    double mean() const { return sum_ / static_cast<double>(count_); }
    double min() const { return min_; }
    double max() const { return max_; }
    // 0 to 1; the nearest rank.
    double percentile(double part) const;

private:
    static constexpr std::size_t kKept = 1U << 14;
    std::uint64_t count_ = 0;
    std::uint64_t stride_ = 1;
    double sum_ = 0, min_ = 0, max_ = 0;
    std::vector<double> kept_;
};

// A whole call's.
struct QualityTotals {
    void add(const Quality &quality);

    struct Video {
        std::uint64_t frames = 0, lost = 0, repeated = 0, late = 0;
        bool clock_differs = false;
        bool from_reports = false;
        Spread estimate, latency, psnr;
    };
    struct Audio {
        bool clock_differs = false;
        bool from_reports = false;
        Spread estimate, latency;
        double gap = 0;
    };
    std::optional<Video> video;
    std::optional<Audio> audio;
    Spread av_skew;
};

}  // namespace callagent
