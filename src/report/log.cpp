#include "report/log.h"

#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace callagent::report {
namespace {

constexpr std::size_t kMaxLine = 3800;  // with what is in front, at most what a writable pipe takes

bool is_writable_within(int fd, int milliseconds)
{
    pollfd waiting{fd, POLLOUT, 0};
    return poll(&waiting, 1, milliseconds) == 1 && (waiting.revents & POLLOUT) != 0;
}

}  // namespace

void Log::write(int level, std::string_view prefix, std::string_view text)
{
    if (level > verbosity_)
        return;
    std::string line = "callagent: ";
    if (verbose()) {
        std::array<char, 32> seconds{};
        std::snprintf(seconds.data(), seconds.size(), "[%.3f] ", seconds_since(start_));
        line += seconds.data();
    }
    line.append(prefix).append(text.substr(0, kMaxLine));
    for (auto &c : line)
        if (c == '\n' || c == '\r' || c == '\x1b')
            c = ' ';  // one line, and nothing that a terminal obeys, whoever wrote the text
    line += '\n';

    const std::lock_guard lock(mutex_);
    if (!is_writable_within(fd_, level < 0 ? 100 : 10)) {
        ++left_out_;
        return;
    }
    if (left_out_ > 0)
        line.insert(0, "callagent: (" + std::to_string(std::exchange(left_out_, 0)) +
                           " lines left out: nobody read them in time)\n");
    [[maybe_unused]] const auto written = ::write(fd_, line.data(), line.size());
}

}  // namespace callagent::report
