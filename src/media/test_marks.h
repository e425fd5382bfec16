// What makes a test source's picture and sound measurable where they are shown: marks in each
// picture (core/frame_mark.h), a tick each second in the sound (core/tick.h).
#pragma once

#include <cstdint>

#include "core/media.h"
#include "media/timeline.h"

namespace callagent::media {

// Marks what leaves `chain` through its pad "src" (video/x-raw with luma of 8 bits, audio/x-raw in
// S16LE at 48 kHz; anything else is left as it is). Its running time must be the timeline's, which
// outlives it. Before the chain has caps.
void mark_source(Medium medium, GstElement *chain, const Timeline &timeline);

// Seconds of the wall clock at a moment on the timeline.
double wall_clock_at(GstClockTime running_time, const Timeline &timeline);

// Which wall clock that is: the same for all processes of a machine until it boots again.
std::uint32_t wall_clock_id();

}  // namespace callagent::media
