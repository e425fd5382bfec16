// The sound of a test source: a tick at each whole second of the wall clock, over whatever tone
// there is, and the ear that finds ticks and silence in what has come through a codec. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace callagent {

constexpr int kSoundRate = 48000;  // what both sides work at

// Adds the ticks that fall into these interleaved samples. `wall`: the wall clock's seconds at the
// first of them.
void add_ticks(std::int16_t *samples, std::size_t frames, int channels, double wall);

// A tick that was heard: it was made at a whole second of the sender's wall clock.
struct Tick {
    double stream = 0;  // where in the stream it begins, in seconds of its timestamps
    double heard = 0;   // when that reaches the loudspeaker

    bool operator==(const Tick &) const = default;
};

// What there was of sound.
struct Sound {
    double seconds = 0;
    double gap = 0;     // seconds of silence or of nothing, of those that are too long
    double square = 0;  // the sum over `seconds` of the squared amplitude (1 is full scale)
};

class Ear {
public:
    static constexpr double kGap = 0.020;  // shorter ones nobody hears

    struct Heard {
        std::vector<Tick> ticks;
        Sound sound;
    };

    // The next samples of the stream: their timestamp, and when the first of them is heard.
    Heard listen(const std::int16_t *samples, std::size_t frames, int channels, double stream,
                 double heard);

private:
    static constexpr std::size_t kBlock = kSoundRate / 1000;  // samples: two waves of a tick
    static constexpr std::size_t kBlocks = 10;                // the length of a tick

    struct Wave {
        double in_phase = 0, quadrature = 0;
    };
    struct Peak {
        double strength = 0, before = 0, after = 0;
        Tick tick;
        int age = 0;  // blocks
    };

    void close_block(const Tick &end, Heard &heard);
    void look_for_tick(double strength, const Tick &end, Heard &heard);
    double strength() const;

    std::array<Wave, kBlocks> waves_{};  // a ring of the last blocks
    std::size_t oldest_ = 0;
    Wave wave_;
    std::int64_t square_ = 0;
    std::size_t filled_ = 0;  // of the block that is filled now
    double last_strength_ = 0;
    double usual_ = 0;  // strength, lately
    std::optional<Peak> peak_;
    int silent_ = 0;              // blocks in a row
    std::optional<double> next_;  // the timestamp that is to follow
};

}  // namespace callagent
