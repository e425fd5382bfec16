// The `t` of events and of the log: seconds since the process started.
#pragma once

#include <chrono>
#include <string>

namespace callagent::report {

using Moment = std::chrono::steady_clock::time_point;

// When the kernel started this process (to 10 ms), so that loading the program counts as well; now,
// where /proc does not tell.
Moment process_start();

inline double seconds_since(Moment start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Now, as "2026-11-22T20:46:00.123Z" (RFC 3339).
std::string timestamp();

}  // namespace callagent::report
