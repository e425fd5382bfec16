#include "report/status_line.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace callagent::report {
namespace {

const char *in_words(Call::State state)
{
    switch (state) {
        case Call::State::Joining:
            return "connecting to the signaling server";
        case Call::State::Offering:
            return "calling";
        case Call::State::Waiting:
            return "waiting for a call";
        case Call::State::Ringing:
            return "ringing";
        case Call::State::Answering:
        case Call::State::Connecting:
            return "connecting";
        case Call::State::Secured:
            return "connected";
        case Call::State::Up:
            return "in call";
        case Call::State::Ended:
            return "hanging up";
    }
    return "";
}

std::string clock(double seconds)
{
    const auto whole = std::lround(std::floor(seconds));
    std::array<char, 32> text{};
    if (whole < 3600)
        std::snprintf(text.data(), text.size(), "%ld:%02ld", whole / 60, whole % 60);
    else
        std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60,
                      whole % 60);
    return text.data();
}

std::string rounded(double value, Unit unit)
{
    return text(value < 10 ? std::round(value * 10) / 10 : std::round(value), unit);
}

}  // namespace

std::string status_line(Call::State state, double seconds, const CallMeter &meter)
{
    std::string line = std::string(in_words(state)) + " " + clock(seconds);
    const auto direction = [&](const char *title, const char *frames, const char *bits) {
        const auto fps = meter.last(frames);
        const auto kbps = meter.last(bits);
        if (!fps && !kbps)
            return;
        line += std::string(" | ") + title;
        if (fps)
            line += " " + rounded(*fps, Unit::FramesPerSecond);
        if (kbps)
            line += " " + rounded(*kbps, Unit::Kbps);
    };
    direction("in", "video.fps", "bitrate.in");
    direction("out", "video.fps.out", "bitrate.out");
    if (const auto loss = meter.last("loss"))
        line += " | loss " + rounded(*loss, Unit::Percent);
    if (const auto trip = meter.last("rtt"))
        line += " | round trip " + rounded(*trip, Unit::Milliseconds);
    return line;
}

}  // namespace callagent::report
