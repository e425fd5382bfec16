// Measured quality as events and the summary have it. Units are in the names; what is not known is
// absent.
#pragma once

#include "core/media.h"
#include "core/quality.h"
#include "core/value.h"

namespace callagent::report {

// {"video":{"frames":30,"lost":0,"repeated":0,"late":0,"latency_ms":61.2,"latency_max_ms":70,
//           "psnr_db":38.1,"psnr_min_db":36},"audio":{"latency_ms":60.1,"gap_ms":0},"av_skew_ms":1.1}
// Latencies and PSNR are means; empty where nothing was measured. "clock":"other" says why there is
// no latency: the sender is another machine.
Object to_object(const Quality &quality);

// A medium's, of the whole call; the skew stands with the sound. Empty where there is none.
Object to_object(const QualityTotals &totals, Medium medium);

}  // namespace callagent::report
