#include "signals.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>

#include <glib-unix.h>

#include "control/keys.h"
#include "glib/loop.h"

namespace callagent {

struct Signals::Kind {
    int signum;
    const char *name;
    Exit exit;
};

namespace {

// So long the main loop has for a second signal: with what is left to do then, less than a second.
constexpr std::chrono::milliseconds kPatience{600};

void attach(GSource *source, GMainLoop *loop, glib::Work work)
{
    g_source_set_callback(
        source,
        [](gpointer data) -> gboolean {
            (*static_cast<glib::Work *>(data))();
            return G_SOURCE_CONTINUE;
        },
        new glib::Work(std::move(work)),
        [](gpointer data) { delete static_cast<glib::Work *>(data); });
    g_source_attach(source, g_main_loop_get_context(loop));
    g_source_unref(source);
}

glib::Ptr<GMainLoop> make_loop()
{
    auto *context = g_main_context_new();
    auto loop = glib::adopt(g_main_loop_new(context, FALSE));
    g_main_context_unref(context);  // the loop's
    return loop;
}

}  // namespace

Signals::Signals(Handler came, Handler ignored)
    : came_(std::move(came)), ignored_(std::move(ignored)), loop_(make_loop())
{
    static constexpr Kind kKinds[] = {{SIGINT, "SIGINT", Exit::Interrupted},
                                      {SIGTERM, "SIGTERM", Exit::Terminated}};
    for (const auto &kind : kKinds)
        attach(g_unix_signal_source_new(kind.signum), loop_.get(),
               [this, &kind] { on_signal(kind); });
    thread_ = std::thread([this] { g_main_loop_run(loop_.get()); });
}

Signals::~Signals()
{
    // From within: one that is to quit before it runs would run for ever.
    attach(g_idle_source_new(), loop_.get(), [this] { g_main_loop_quit(loop_.get()); });
    thread_.join();
}

void Signals::on_signal(const Kind &kind)
{
    if (++count_ > 2) {
        control::Keys::restore();
        std::_Exit(static_cast<int>(kind.exit));
    }
    glib::post([came = came_, &kind] { came(kind.exit, kind.name); });
    if (count_ == 2)
        attach(g_timeout_source_new(static_cast<guint>(kPatience.count())), loop_.get(),
               [this, &kind] { ignored_(kind.exit, kind.name); });
}

}  // namespace callagent
