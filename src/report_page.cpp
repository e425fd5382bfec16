#include "report_page.h"

#include <initializer_list>
#include <vector>

#include "report/html_report.h"
#include "web/files.h"

namespace callagent {
namespace {

Status write_page(const Options &options, const std::vector<report::Run> &runs,
                  const std::string &snapshot)
{
    const auto joined = [](std::initializer_list<const char *> names) {
        std::string text;
        for (const auto *name : names)
            text += std::string(web::file(name)) + "\n";
        return text;
    };
    const report::Template page{
        web::file("report.html"), joined({"uPlot.min.css", "report.css"}),
        joined({"uPlot.iife.min.js", "report_data.js", "report_plots.js", "report.js"})};
    return report::write_report(options.report, report::html_report(page, runs, snapshot));
}

struct stat status_of(const std::string &path)
{
    struct stat status {};
    if (path.empty() || stat(path.c_str(), &status) != 0)
        return {};
    return status;
}

}  // namespace

Exit draw_saved(const Options &options, report::Log &log)
{
    std::vector<report::Run> runs;
    for (const auto &path : options.from) {
        auto run = report::read_run(path);
        if (!run) {
            log.error(run.error());
            return Exit::Usage;
        }
        if (run->missing > 0)
            log.warning("--from: left out of '" + path + "' what is no event: " +
                        std::to_string(run->missing) + (run->missing == 1 ? " line" : " lines"));
        runs.push_back(std::move(*run));
    }
    if (const auto written = write_page(options, runs, options.snapshot); !written) {
        log.error(written.error());
        return Exit::Usage;
    }
    log.info("report: " + options.report);
    return Exit::Ok;
}

ReportPage::ReportPage(const Options &options, report::Log &log)
    : options_(options), log_(log), old_snapshot_(status_of(options.snapshot))
{
}

Status ReportPage::check() const
{
    return wanted() ? report::check_report(options_.report) : Done{};
}

bool ReportPage::has_new_snapshot() const
{
    const auto now = status_of(options_.snapshot);
    return now.st_ino != old_snapshot_.st_ino ||
           now.st_mtim.tv_sec != old_snapshot_.st_mtim.tv_sec ||
           now.st_mtim.tv_nsec != old_snapshot_.st_mtim.tv_nsec;
}

Exit ReportPage::write(Exit exit)
{
    if (!wanted())
        return exit;
    const auto written =
        write_page(options_, {history_.run()}, has_new_snapshot() ? options_.snapshot : "");
    if (written) {
        log_.info("report: " + options_.report);
        return exit;
    }
    log_.error(written.error());
    return exit == Exit::Ok ? Exit::Device : exit;
}

}  // namespace callagent
