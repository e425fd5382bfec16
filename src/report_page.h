// --report: from the events of this process, or with --from of saved ones, to the page.
#pragma once

#include "core/exit.h"
#include "options.h"
#include "report/history.h"
#include "report/log.h"

namespace callagent {

// The page of --from, and nothing else. What --snapshot names is the picture of a call that says
// so, and beside it are those of later calls of the same process.
Exit draw_saved(const Options &options, report::Log &log);

// The page of a run: looked for at its start, written at its end.
class ReportPage {
public:
    // Where no report is asked for, everything is a no-op.
    ReportPage(const Options &options, report::Log &log);

    Status check() const;  // at the start
    bool wanted() const { return !options_.report.empty(); }
    report::History &history() { return history_; }

    // Behind the last event. The exit status of the process, which was `exit`.
    Exit write(Exit exit);

private:
    const Options &options_;
    report::Log &log_;
    report::History history_;
};

}  // namespace callagent
