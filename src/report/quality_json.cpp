#include "report/quality_json.h"

#include <utility>

namespace callagent::report {
namespace {

template <typename Video>
Object counts(const Video &video)
{
    return {{"frames", video.frames},
            {"lost", video.lost},
            {"repeated", video.repeated},
            {"late", video.late}};
}

Spread spread_of(const std::vector<double> &values)
{
    Spread spread;
    for (const double value : values)
        spread.add(value);
    return spread;
}

void add_latency(Object &object, const Spread &seconds, bool clock_differs, bool from_reports)
{
    if (from_reports)
        object.emplace_back("latency_from", "sender-reports");
    if (clock_differs)
        object.emplace_back("clock", "other");
    if (seconds.empty())
        return;
    object.emplace_back("latency_ms", seconds.mean() * 1000);
    object.emplace_back("latency_max_ms", seconds.max() * 1000);
}

void add_psnr(Object &object, const Spread &decibels)
{
    if (decibels.empty())
        return;
    object.emplace_back("psnr_db", decibels.mean());
    object.emplace_back("psnr_min_db", decibels.min());
}

}  // namespace

Object to_object(const Quality &quality)
{
    Object object;
    if (quality.video) {
        auto video = quality.video->from_reports ? Object() : counts(*quality.video);
        add_latency(video, spread_of(quality.video->latencies), quality.video->clock_differs,
                    quality.video->from_reports);
        if (quality.video->estimate)
            video.emplace_back("latency_estimated_ms", *quality.video->estimate * 1000);
        add_psnr(video, spread_of(quality.video->psnrs));
        object.emplace_back("video", std::move(video));
    }
    if (quality.audio) {
        Object audio;
        add_latency(audio, spread_of(quality.audio->latencies), quality.audio->clock_differs,
                    quality.audio->from_reports);
        if (quality.audio->estimate)
            audio.emplace_back("latency_estimated_ms", *quality.audio->estimate * 1000);
        if (!quality.audio->from_reports)
            audio.emplace_back("gap_ms", quality.audio->gap * 1000);
        if (quality.audio->level)
            audio.emplace_back("level_db", *quality.audio->level);
        object.emplace_back("audio", std::move(audio));
    }
    if (quality.av_skew)
        object.emplace_back("av_skew_ms", *quality.av_skew * 1000);
    return object;
}

Object to_object(const QualityTotals &totals, Medium medium)
{
    Object object;
    if (medium == Medium::Video && totals.video) {
        if (!totals.video->from_reports)
            object = counts(*totals.video);
        add_latency(object, totals.video->latency, totals.video->clock_differs,
                    totals.video->from_reports);
        if (!totals.video->latency.empty())
            object.emplace_back("latency_p95_ms", totals.video->latency.percentile(0.95) * 1000);
        if (!totals.video->estimate.empty())
            object.emplace_back("latency_estimated_ms", totals.video->estimate.mean() * 1000);
        add_psnr(object, totals.video->psnr);
        if (!totals.video->psnr.empty())
            object.emplace_back("psnr_p5_db", totals.video->psnr.percentile(0.05));
    }
    if (medium == Medium::Audio && totals.audio) {
        add_latency(object, totals.audio->latency, totals.audio->clock_differs,
                    totals.audio->from_reports);
        if (!totals.audio->estimate.empty())
            object.emplace_back("latency_estimated_ms", totals.audio->estimate.mean() * 1000);
        if (!totals.audio->from_reports)
            object.emplace_back("gap_ms", totals.audio->gap * 1000);
        if (!totals.av_skew.empty())
            object.emplace_back("av_skew_ms", totals.av_skew.mean() * 1000);
    }
    return object;
}

}  // namespace callagent::report
