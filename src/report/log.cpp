#include "report/log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include <poll.h>
#include <sys/ioctl.h>

namespace callagent::report {
namespace {

const std::string kErase = "\r\x1b[K";  // the line, from its beginning

constexpr std::size_t kMaxLine = 3800;  // with what is in front, at most what a writable pipe takes

// Three bytes of UTF-8.
bool turns_or_ends(std::string_view character)
{
    return (character >= "\u200e" && character <= "\u200f") ||
           (character >= "\u2028" && character <= "\u202e") ||
           (character >= "\u2066" && character <= "\u2069");
}

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
    // characters, Unicode's further ones (U+0080 to U+009F), and those that turn the direction of
    // writing or end a line (U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069; UAX #9).
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto byte = static_cast<unsigned char>(line[i]);
        const auto next = i + 1 < line.size() ? static_cast<unsigned char>(line[i + 1]) : 0;
        if (byte < 0x20 || byte == 0x7F)
            line[i] = ' ';
        else if (byte == 0xC2 && next >= 0x80 && next <= 0x9F)
            line[i] = line[i + 1] = ' ';
        else if (byte == 0xE2 && i + 2 < line.size() &&
                 turns_or_ends(std::string_view(line).substr(i, 3)))
            line[i] = line[i + 1] = line[i + 2] = ' ';
    }
    line += '\n';

    const std::lock_guard lock(mutex_);
    if (left_out_ > 0)
        line.insert(0, "callagent: (" + std::to_string(left_out_) +
                           " lines left out: nobody read them in time)\n");
    if (!status_.empty())
        line = kErase + line + status_;
    if (put(line, level < 0 ? 100 : 10))
        left_out_ = 0;
    else
        ++left_out_;
}

void Log::status(std::string text)
{
    if (!live_)
        return;
    winsize size{};
    const std::size_t columns =
        ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    text.resize(std::min(text.size(), columns - 1));  // with the last column it would wrap
    const std::lock_guard lock(mutex_);
    if (text != status_ && put(kErase + text, 0))
        status_ = std::move(text);
}

bool Log::put(std::string_view text, int milliseconds) const
{
    return is_writable_within(fd_, milliseconds) && ::write(fd_, text.data(), text.size()) >= 0;
}

}  // namespace callagent::report
