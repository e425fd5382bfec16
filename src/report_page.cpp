#include "report_page.h"

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "report/html_report.h"
#include "web/files.h"

namespace callagent {
namespace {

Status write_page(const Options &options, const std::vector<report::Run> &runs)
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
    return report::write_report(options.report, report::html_report(page, runs));
}

std::string last_part(const std::string &path)
{
    return path.substr(path.rfind('/') + 1);
}

// last.png, last-2.png, last-3.png, …
bool is_numbered(const std::string &name, const std::string &first)
{
    const auto dot = first.rfind('.');
    if (name == first)
        return true;
    if (!name.starts_with(first.substr(0, dot) + "-") || !name.ends_with(first.substr(dot)) ||
        name.size() < first.size() + 2)
        return false;
    const auto number = name.substr(dot + 1, name.size() - first.size() - 1);
    return number.find_first_not_of("0123456789") == std::string::npos;
}

// Events may come from anywhere, and do not say what is opened here: their names are looked for
// beside the file that was given.
std::vector<report::Picture> pictures_of(const report::Run &run, const std::string &given)
{
    std::vector<report::Picture> pictures;
    const auto first = last_part(given);
    for (const auto &line : run.lines) {
        const auto name = report::snapshot_of(line);
        const auto file = last_part(name);
        if (!is_numbered(file, first))
            continue;
        if (auto picture =
                report::picture_at(name, given.substr(0, given.size() - first.size()) + file))
            pictures.push_back(std::move(*picture));
    }
    return pictures;
}

void add_pictures(std::vector<report::Run> &runs, const std::string &given)
{
    if (given.empty())
        return;
    for (auto &run : runs)
        if (run.pictures = pictures_of(run, given); !run.pictures.empty())
            return;
    // It has another name by now, or is older than `summary.snapshot`: of the first call then.
    if (auto picture = report::picture_at("", given))
        runs.front().pictures.push_back(std::move(*picture));
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
    add_pictures(runs, options.snapshot);
    if (const auto written = write_page(options, runs); !written) {
        log.error(written.error());
        return Exit::Usage;
    }
    log.info("report: " + options.report);
    return Exit::Ok;
}

ReportPage::ReportPage(const Options &options, report::Log &log) : options_(options), log_(log) {}

Status ReportPage::check() const
{
    return wanted() ? report::check_report(options_.report) : Done{};
}

Exit ReportPage::write(Exit exit)
{
    if (!wanted())
        return exit;
    const auto written = write_page(options_, {history_.run()});
    if (written) {
        log_.info("report: " + options_.report);
        return exit;
    }
    log_.error(written.error());
    return exit == Exit::Ok ? Exit::Device : exit;
}

}  // namespace callagent
