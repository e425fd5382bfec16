// The human log on stderr: one line a message. Any thread. The process has to ignore SIGPIPE, or a
// closed stderr ends it.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include <unistd.h>

#include "report/clock.h"

namespace callagent::report {

class Log {
public:
    // `verbosity`: -1 errors only; 0 warnings and what happens as well; from 1 on details, and in
    // front of each line the seconds since `start`, as in the events. Does not own `fd`.
    explicit Log(int verbosity, Moment start = process_start(), int fd = 2)
        : verbosity_(verbosity), start_(start), fd_(fd), live_(verbosity == 0 && isatty(fd))
    {
    }
    ~Log() { status({}); }
    Log(const Log &) = delete;
    Log &operator=(const Log &) = delete;

    void error(std::string_view text) { write(-1, "", text); }
    void warning(std::string_view text) { write(0, "warning: ", text); }
    void info(std::string_view text) { write(0, "", text); }
    void debug(std::string_view text) { write(1, "", text); }

    bool verbose() const { return verbosity_ > 0; }

    // Whether there is a line that shows how things stand: on a terminal, unless it is to be quiet
    // or to have every detail.
    bool is_live() const { return live_; }

    // Shows that line, as wide as the terminal, below all others and in place of what it said
    // before; empty: none.
    void status(std::string text);

private:
    // A call must not wait for whoever reads stderr: a line that cannot be written soon is left
    // out, and the next one that can says so.
    void write(int level, std::string_view prefix, std::string_view text);
    bool put(std::string_view text, int milliseconds) const;

    const int verbosity_;
    const Moment start_;
    const int fd_;
    const bool live_;
    std::mutex mutex_;
    std::string status_;  // as it is shown
    int left_out_ = 0;
};

}  // namespace callagent::report
