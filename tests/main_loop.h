// Runs the main loop of a component test until something has happened.
#pragma once

#include <chrono>
#include <functional>

#include "glib/loop.h"

namespace callagent {

// False: it has not happened within `limit`.
inline bool run_until(const std::function<bool()> &happened,
                      std::chrono::milliseconds limit = std::chrono::seconds(20))
{
    bool late = false;
    const auto deadline = glib::after(limit, [&late] { late = true; });
    while (!happened() && !late)
        g_main_context_iteration(nullptr, TRUE);
    return happened();
}

}  // namespace callagent
