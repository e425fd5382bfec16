// Options → Agent or Relay → main loop → exit status.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <gst/gst.h>

#include "agent.h"
#include "doctor.h"
#include "last_words.h"
#include "list_devices.h"
#include "media/devices.h"
#include "media/endpoint.h"
#include "options.h"
#include "report/event_log.h"
#include "report/junit.h"
#include "report/log.h"
#include "report_page.h"
#include "signals.h"

namespace callagent {
namespace {

// What libraries have to say is a detail, for -v; their and our own bugs are shown as they are.
GLogWriterOutput write_library_log(GLogLevelFlags level, const GLogField *fields, gsize count,
                                   gpointer data) noexcept
{
    auto *log = static_cast<report::Log *>(data);
    // libsoup has a line for each frame that it sends: formatting it takes longer than sending.
    if (!log->verbose() && (level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)))
        return G_LOG_WRITER_HANDLED;
    if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        return g_log_writer_default(level, fields, count, nullptr);
    const auto text = glib::adopt(g_log_writer_format_fields(level, fields, count, FALSE));
    log->debug(g_strdelimit(text.get(), "\r\n", ' '));
    return G_LOG_WRITER_HANDLED;
}

// A relay and nothing else, until a signal comes.
Exit run_relay(const Options &options, report::EventLog &events, report::Log &log, LastWords &words,
               GMainLoop *loop)
{
    events.emit("start", {{"mode", "relay"}, {"version", CALLAGENT_VERSION}});
    const auto listening = signaling::Relay::listen(
        relay_config(options, options.listen.value_or(Listen{"localhost", 3000})));
    if (const auto *error = std::get_if<signaling::Relay::ListenError>(&listening)) {
        words.say({error->failure.exit, error->failure.reason, {}, {}});
        return words.close();
    }
    auto &relay = *std::get<std::unique_ptr<signaling::Relay>>(listening);
    relay.warning = [&](const Warning &warning) {
        log.warning(warning.message);
        events.emit("warning", {{"code", warning.code}, {"message", warning.message}});
    };
    events.emit("listening", {{"url", relay.url()}});
    log.info("signaling server at " + relay.url());
    const Signals signals([loop](Exit, const char *) { g_main_loop_quit(loop); },
                          [&words](Exit exit, const char *name) { words.leave(exit, name); });
    g_main_loop_run(loop);
    words.say({Exit::Ok, "stopped", {}, {}});
    return words.close();
}

Exit run_agent(const Options &options, report::EventLog &events, report::Log &log, LastWords &words,
               GMainLoop *loop)
{
    // Else each plugin that is loaded takes the handler of SIGSEGV away that gives back the
    // terminal.
    gst_segtrap_set_enabled(FALSE);
    gst_init(nullptr, nullptr);
    // Plugins take a while to load: beside the signaling handshake.
    std::thread warming(media::warm_up);
    Agent agent(options, events, log, words,
                [loop] { glib::post([loop] { g_main_loop_quit(loop); }); });
    const Signals signals([&agent](Exit exit, const char *name) { agent.interrupt(exit, name); },
                          [&words](Exit exit, const char *name) { words.leave(exit, name); });
    agent.start();
    g_main_loop_run(loop);
    const auto exit = words.close();
    warming.join();
    return exit;
}

// Each call has some twenty threads of its own, and glibc gives each thread a heap that it hardly
// ever gives back: call after call, the process would grow by megabytes. One heap, and what is
// large (frames) straight from the system, stays flat, and costs nothing that can be measured.
void keep_memory_flat()
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 64 * 1024);
    mallopt(M_TRIM_THRESHOLD, 128 * 1024);
#endif
}

Exit print_devices()
{
    gst_init(nullptr, nullptr);
    std::fputs(describe(media::list_devices()).c_str(), stdout);
    return Exit::Ok;
}

Exit print_diagnosis(const Options &options)
{
    gst_init(nullptr, nullptr);
    const auto diagnosis = diagnose(examine(options, media::list_devices()));
    std::fputs(diagnosis.text.c_str(), stdout);
    return diagnosis.headless ? Exit::Ok : Exit::Device;
}

int run(int argc, char **argv)
{
    keep_memory_flat();
    auto parsed = parse_options(argc, argv);
    if (const auto *leave = std::get_if<Leave>(&parsed)) {
        std::fputs(leave->text.c_str(), leave->exit == Exit::Ok ? stdout : stderr);
        return static_cast<int>(leave->exit);
    }
    const auto &options = std::get<Options>(parsed);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a full disk is an error of the recording, not our death

    if (options.mode == Options::Mode::ListDevices)
        return static_cast<int>(print_devices());
    if (options.mode == Options::Mode::Doctor)
        return static_cast<int>(print_diagnosis(options));

    report::Log log(options.verbosity);
    g_log_set_writer_func(write_library_log, &log, nullptr);
    if (options.mode == Options::Mode::Report)
        return static_cast<int>(draw_saved(options, log));

    ReportPage page(options, log);
    for (const auto &writable :
         {page.check(),
          options.junit.empty() ? Status(Done{}) : report::check_junit(options.junit)})
        if (!writable) {
            log.error(writable.error());
            return static_cast<int>(Exit::Usage);
        }
    report::EventLog::Config config{
        options.events, report::process_start(),
        [&log](const Warning &warning) { log.warning(warning.message); }};
    if (page.wanted())
        config.observer = [&page](std::string_view line) { page.history().add(line); };
    auto events = report::EventLog::open(std::move(config));
    if (!events) {
        log.error(events.error());
        return static_cast<int>(Exit::Usage);
    }
    const auto loop = glib::adopt(g_main_loop_new(nullptr, FALSE));
    LastWords words(options, **events, log, page);
    const Exit exit = options.mode == Options::Mode::Relay
                          ? run_relay(options, **events, log, words, loop.get())
                          : run_agent(options, **events, log, words, loop.get());
    return static_cast<int>(exit);
}

}  // namespace
}  // namespace callagent

int main(int argc, char **argv)
{
    int status = static_cast<int>(callagent::Exit::Internal);
    try {
        status = callagent::run(argc, argv);
    } catch (const std::exception &error) {  // out of memory, and bugs of ours
        std::fprintf(stderr, "callagent: internal error: %s\n", error.what());
    }
    // Not through exit(): everything of ours is closed, and what libraries do there (Xlib's,
    // GLX's) may wait for a display that has gone away, or for a device that hangs.
    std::fflush(nullptr);
    std::_Exit(status);
}
