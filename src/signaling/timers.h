// The timers that a Socket.IO session asks for.
#pragma once

#include <array>
#include <functional>
#include <utility>

#include "core/socketio.h"
#include "glib/loop.h"

namespace callagent::signaling {

class SocketIoTimers {
public:
    void start(const socketio::StartTimer &timer, std::function<void(socketio::Timer)> elapsed)
    {
        slot(timer.timer) = glib::after(timer.delay, [which = timer.timer, f = std::move(elapsed)] {
            const auto copy = f;  // it may replace this timer
            copy(which);
        });
    }
    void stop(socketio::Timer timer) { slot(timer).cancel(); }
    void clear() { sources_ = {}; }

private:
    glib::Source &slot(socketio::Timer timer)
    {
        return sources_.at(static_cast<std::size_t>(timer));
    }

    std::array<glib::Source, 4> sources_;
};

}  // namespace callagent::signaling
