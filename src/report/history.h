// The events of this process, kept in memory for the report. Bounded: a process that answers call
// after call for weeks does not grow.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "report/html_report.h"

namespace callagent::report {

class History {
public:
    explicit History(std::size_t max_bytes = std::size_t{32} << 20) : max_bytes_(max_bytes) {}

    // A line of the events. Where there is no more room every second `stats` goes (its members are
    // totals, so that rates stay right), and where there are none, the oldest lines. A picture is
    // the file that is there when the line of its call comes. Any thread.
    void add(std::string_view line);

    Run run() const;

private:
    void make_room();
    void thin_stats();
    void forget_oldest();

    mutable std::mutex mutex_;
    const std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    Run run_;
};

}  // namespace callagent::report
