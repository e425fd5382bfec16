// What goes wrong with local devices and files, as one line: who, what, why, and what to do.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/exit.h"
#include "media/source.h"

namespace callagent::media {

// An error from a source's pipeline.
Failure source_failure(const Source &, const BusReport &);

// A source that has delivered nothing for that long.
Failure silent_failure(const Source &, Medium, std::chrono::milliseconds);

// An error from a sink's pipeline; nothing where the user closed its window, which is no fault.
std::optional<Failure> playback_failure(Medium, const std::string &value, const BusReport &);

}  // namespace callagent::media
