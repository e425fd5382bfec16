#include "glib/loop.h"

#include <glib-unix.h>
#include <poll.h>

namespace callagent::glib {
namespace {

// GLib keeps this alive while it runs, also when the work cancels its own source.
struct Task {
    Work work;
    bool repeat;
};

gboolean run(gpointer data) noexcept
{
    const auto *task = static_cast<Task *>(data);
    task->work();
    return task->repeat ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

gboolean run_for_fd(gint, GIOCondition, gpointer data) noexcept
{
    return run(data);
}

void destroy(gpointer data) noexcept
{
    delete static_cast<Task *>(data);
}

Source start(GSource *source, Work work, bool repeat, int priority = G_PRIORITY_DEFAULT,
             GSourceFunc call = run)
{
    g_source_set_priority(source, priority);
    g_source_set_callback(source, call, new Task{std::move(work), repeat}, destroy);
    g_source_attach(source, nullptr);
    return Source(source);
}

}  // namespace

void post(Work work)
{
    // Not g_main_context_invoke(): before the loop runs that would run the work on the caller's
    // thread.
    GSource *source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, run, new Task{std::move(work), false}, destroy);
    g_source_attach(source, nullptr);
    g_source_unref(source);
}

void Source::cancel()
{
    if (auto *source = std::exchange(source_, nullptr)) {
        g_source_destroy(source);
        g_source_unref(source);
    }
}

Source after(std::chrono::milliseconds delay, Work work)
{
    return start(g_timeout_source_new(static_cast<guint>(delay.count())), std::move(work), false);
}

Source every(std::chrono::milliseconds interval, Work work)
{
    return start(g_timeout_source_new(static_cast<guint>(interval.count())), std::move(work), true);
}

Source when_quiet(Work work)
{
    return start(g_idle_source_new(), std::move(work), false, G_PRIORITY_DEFAULT + 1);
}

Source on_hangup(int fd, Work work)
{
    return start(g_unix_fd_source_new(fd, static_cast<GIOCondition>(POLLRDHUP)), std::move(work),
                 false, G_PRIORITY_DEFAULT, G_SOURCE_FUNC(run_for_fd));
}

Source on_readable(int fd, Work work)
{
    const auto condition = static_cast<GIOCondition>(G_IO_IN | G_IO_HUP | G_IO_ERR | G_IO_NVAL);
    return start(g_unix_fd_source_new(fd, condition), std::move(work), true, G_PRIORITY_DEFAULT,
                 G_SOURCE_FUNC(run_for_fd));
}

Source on_writable(int fd, Work work)
{
    const auto condition = static_cast<GIOCondition>(G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL);
    return start(g_unix_fd_source_new(fd, condition), std::move(work), true, G_PRIORITY_DEFAULT,
                 G_SOURCE_FUNC(run_for_fd));
}

}  // namespace callagent::glib
