// The main loop: work posted to it from any thread, timers and unix signals on it.
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include <glib.h>

namespace callagent::glib {

using Work = std::function<void()>;

// Runs `work` on the main loop (the default main context), in the order posted. Any thread.
void post(Work work);

// A source on the main loop; destroying it cancels. Main loop only.
class Source {
public:
    Source() = default;
    explicit Source(GSource *full) : source_(full) {}
    Source(Source &&other) noexcept : source_(std::exchange(other.source_, nullptr)) {}
    Source &operator=(Source &&other) noexcept
    {
        if (this != &other) {
            cancel();
            source_ = std::exchange(other.source_, nullptr);
        }
        return *this;
    }
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;
    ~Source() { cancel(); }

    void cancel();
    explicit operator bool() const
    {
        return source_ && !g_source_is_destroyed(source_);
    }  // pending

private:
    GSource *source_ = nullptr;
};

// Once, after `delay`. The work may destroy or replace the Source that holds it.
[[nodiscard]] Source after(std::chrono::milliseconds delay, Work work);

// Again and again, until cancelled.
[[nodiscard]] Source every(std::chrono::milliseconds interval, Work work);

// Once, after everything else that is ready.
[[nodiscard]] Source when_quiet(Work work);

// Once, when the other end of this socket has closed it; what it sent before may still be unread.
[[nodiscard]] Source on_hangup(int fd, Work work);

// Whenever the descriptor can be read from (also its end), or written to, until cancelled.
[[nodiscard]] Source on_readable(int fd, Work work);
[[nodiscard]] Source on_writable(int fd, Work work);

}  // namespace callagent::glib
