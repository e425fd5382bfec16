#include "core/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "core/nearest.h"

namespace callagent {
namespace {

// A sample a second, or every --stats-interval; what is counted from the beginning is `last`.
constexpr std::array kMetrics{
    Metric{"setup", Unit::Milliseconds, Aggregate::Last, "from the offer to a verified connection"},
    Metric{"duration", Unit::Seconds, Aggregate::Last, "how long the call stood"},
    Metric{"rtt", Unit::Milliseconds, Aggregate::Mean,
           "round trip on the media (RTCP), or of ICE's checks where there is nothing else"},
    Metric{"jitter", Unit::Milliseconds, Aggregate::Mean,
           "of what arrives (RFC 3550), the larger of picture and sound"},
    Metric{"loss", Unit::Percent, Aggregate::Mean,
           "packets that did not arrive, or only when they were sent again"},
    Metric{"loss.out", Unit::Percent, Aggregate::Mean,
           "packets of ours that did not arrive, as the peer says"},
    Metric{"bitrate.in", Unit::Kbps, Aggregate::Mean, "payload received, picture and sound"},
    Metric{"bitrate.out", Unit::Kbps, Aggregate::Mean, "payload sent, picture and sound"},
    Metric{"stalls", Unit::None, Aggregate::Last, "times that what is received stopped"},
    Metric{"warnings", Unit::None, Aggregate::Last, "warnings that this call had"},
    Metric{"video.first", Unit::Milliseconds, Aggregate::Last,
           "from the offer to the first picture"},
    Metric{"video.fps", Unit::FramesPerSecond, Aggregate::Mean, "pictures decoded a second"},
    Metric{"video.fps.out", Unit::FramesPerSecond, Aggregate::Mean, "pictures sent a second"},
    Metric{"video.frames", Unit::None, Aggregate::Last, "pictures decoded"},
    Metric{"video.freeze", Unit::Percent, Aggregate::Mean,
           "time that the picture stood still (a freeze as the W3C has it)"},
    Metric{"video.freezes", Unit::None, Aggregate::Last, "how often it did"},
    Metric{"video.width", Unit::Pixels, Aggregate::Last, "of the picture received"},
    Metric{"video.height", Unit::Pixels, Aggregate::Last, "of the picture received"},
    Metric{"video.bitrate.in", Unit::Kbps, Aggregate::Mean, "payload received"},
    Metric{"video.bitrate.out", Unit::Kbps, Aggregate::Mean, "payload sent"},
    Metric{"video.loss", Unit::Percent, Aggregate::Mean, "of the packets with pictures"},
    Metric{"video.jitter", Unit::Milliseconds, Aggregate::Mean, "of the packets with pictures"},
    Metric{"video.nacks", Unit::None, Aggregate::Last, "times that lost packets were asked for"},
    Metric{"video.plis", Unit::None, Aggregate::Last, "times that a new beginning was asked for"},
    Metric{"video.latency", Unit::Milliseconds, Aggregate::Mean,
           "from taken to shown, where the sender's clock is ours"},
    Metric{"video.psnr", Unit::Decibels, Aggregate::Mean,
           "likeness to what was sent; of --video test"},
    Metric{"video.lost", Unit::None, Aggregate::Last, "pictures that never came; of --video test"},
    Metric{"video.repeated", Unit::None, Aggregate::Last,
           "pictures that came twice; of --video test"},
    Metric{"video.late", Unit::None, Aggregate::Last,
           "pictures 100 ms later than the quickest; of --video test"},
    Metric{"audio.first", Unit::Milliseconds, Aggregate::Last, "from the offer to the first sound"},
    Metric{"audio.level", Unit::Decibels, Aggregate::Mean,
           "loudness of what is received (RMS), 0 the loudest, -127 silence (RFC 6464)"},
    Metric{"audio.latency", Unit::Milliseconds, Aggregate::Mean,
           "from made to heard, where the sender's clock is ours"},
    Metric{"audio.gap", Unit::Percent, Aggregate::Mean,
           "time of silence where a tone should be; of --audio test"},
    Metric{"av.skew", Unit::Milliseconds, Aggregate::Mean,
           "how far apart picture and sound are shown; of test and test"},
    Metric{"audio.bitrate.in", Unit::Kbps, Aggregate::Mean, "payload received"},
    Metric{"audio.bitrate.out", Unit::Kbps, Aggregate::Mean, "payload sent"},
    Metric{"audio.loss", Unit::Percent, Aggregate::Mean, "of the packets with sound"},
    Metric{"audio.jitter", Unit::Milliseconds, Aggregate::Mean, "of the packets with sound"},
};

}  // namespace

std::span<const Metric> metrics()
{
    return kMetrics;
}

const Metric *find_metric(std::string_view name)
{
    const auto *found = std::find_if(kMetrics.begin(), kMetrics.end(),
                                     [&](const auto &metric) { return metric.name == name; });
    return found == kMetrics.end() ? nullptr : found;
}

std::string nearest_metric(std::string_view name)
{
    std::vector<std::string_view> names;
    names.reserve(kMetrics.size());
    for (const auto &metric : kMetrics)
        names.emplace_back(metric.name);
    return std::string(nearest(name, names));
}

const char *name(Unit unit)
{
    switch (unit) {
        case Unit::None:
            return "";
        case Unit::FramesPerSecond:
            return "fps";
        case Unit::Percent:
            return "%";
        case Unit::Milliseconds:
            return "ms";
        case Unit::Seconds:
            return "s";
        case Unit::Kbps:
            return "kbps";
        case Unit::Decibels:
            return "dB";
        case Unit::Pixels:
            return "px";
    }
    return "";
}

std::string text(double value, Unit unit)
{
    std::array<char, 64> digits{};
    std::snprintf(digits.data(), digits.size(), "%.2f", value);
    std::string text = digits.data();
    while (text.ends_with('0'))
        text.pop_back();
    if (text.ends_with('.'))
        text.pop_back();
    if (text == "-0")
        text = "0";
    return unit == Unit::None ? text : text + " " + name(unit);
}

std::string list_metrics()
{
    std::string list =
        "NAME[.AGGREGATE] OP VALUE[UNIT], e.g. 'video.fps>=25' or 'rtt.p95 < 80ms'\n"
        "aggregates: min mean max p5 p50 p95 last; operators: >= <= > < = !=\n\n";
    for (const auto &metric : kMetrics) {
        std::array<char, 64> columns{};
        std::snprintf(columns.data(), columns.size(), "%-18s %-5s %-5s ", metric.name,
                      callagent::name(metric.unit), callagent::name(metric.usual));
        list += std::string(columns.data()) + metric.meaning + "\n";
    }
    return list;
}

}  // namespace callagent
