// What the process leaves behind, whatever ends it: the test cases of --junit, the event `end` with
// its line of the log, the page of --report. Each is written once: by the main loop, or where that
// is held up and somebody does not want to wait, by the thread of the signals.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/exit.h"
#include "core/value.h"
#include "options.h"
#include "report/event_log.h"
#include "report/junit.h"
#include "report/log.h"
#include "report_page.h"
#include "session.h"

namespace callagent {

// As the events `call-ended` and `end` have it.
Object to_object(const Session::Outcome &outcome);

// That of a process whose end was cut short.
Session::Outcome cut_short(Session::Outcome outcome, Exit exit, const std::string &by);

class LastWords {
public:
    LastWords(const Options &options, report::EventLog &events, report::Log &log, ReportPage &page);

    // A call that is over, for --junit.
    void add(report::CallCase call);

    // What there would be to say by now; with the call that is ending, where it is not added yet.
    void expect(Session::Outcome outcome, std::optional<report::CallCase> call);

    // The test cases, the line of the log, and `end`. Only what comes first is said; its status.
    Exit say(Session::Outcome outcome);

    // Behind it: waits until the events are written, and writes the page. The status to exit with.
    Exit close() { return close(report::EventLog::kFlush); }

    // Says what was expected, where nothing was said, and exits within a third of a second, with or
    // without what is not written by then.
    [[noreturn]] void leave(Exit exit, const std::string &by);

private:
    Exit close(std::chrono::milliseconds at_most);

    const Options &options_;
    report::EventLog &events_;
    report::Log &log_;
    ReportPage &page_;
    std::mutex mutex_;  // over what may be said
    std::vector<report::CallCase> calls_;
    std::optional<report::CallCase> ending_;
    Session::Outcome expected_;
    std::atomic<int> status_{-1};  // once it is said
    std::once_flag page_written_;
};

}  // namespace callagent
