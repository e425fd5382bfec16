// The report of --report: one HTML file that holds the events themselves, the page that draws them
// (src/web/report.*) and the calls' last pictures, and needs nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "report/pictures.h"

namespace callagent::report {

// The events of one process.
struct Run {
    std::string label;                // a file's name; empty: the run that has just ended
    std::vector<std::string> lines;   // JSON objects without line ends
    std::size_t missing = 0;          // lines that are not here
    std::vector<Picture> pictures{};  // of its calls, in their order
};

// The page around them. In `html` stand {{styles}}, {{scripts}} and {{data}}, once each.
struct Template {
    std::string_view html;
    std::string styles;
    std::string scripts;
};

// What --events wrote. Lines that are no event are left out and counted. The error says why there
// is nothing to draw.
Result<Run> read_run(const std::string &path);

// Can a file be made there? For the start, so that nobody learns of it when the call is over.
Status check_report(const std::string &path);

// The whole page.
std::string html_report(const Template &page, const std::vector<Run> &runs);

// Whoever watches for the file finds all of it or nothing.
Status write_report(const std::string &path, std::string_view html);

}  // namespace callagent::report
