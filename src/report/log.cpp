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
    // One line, and nothing that a terminal obeys, whoever wrote the text: ASCII's control
    // characters, and Unicode's further ones (U+0080 to U+009F).
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto byte = static_cast<unsigned char>(line[i]);
        const auto next = i + 1 < line.size() ? static_cast<unsigned char>(line[i + 1]) : 0;
        if (byte < 0x20 || byte == 0x7F)
            line[i] = ' ';
        else if (byte == 0xC2 && next >= 0x80 && next <= 0x9F)
            line[i] = line[i + 1] = ' ';
    }
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
