#include "control/client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace callagent::control {
namespace {

// What a pipe that is writable takes at once, even where it could not be made non-blocking: what
// stdin and stdout are set to belongs to others as well.
constexpr std::size_t kChunk = 4096;

bool is_writable(int fd, int timeout_ms)
{
    pollfd waiting{fd, POLLOUT, 0};
    return poll(&waiting, 1, timeout_ms) > 0;
}

}  // namespace

Client::Client(int in, int out, std::size_t max_line, Handlers handlers)
    : in_(in), out_(out), max_line_(max_line), handlers_(std::move(handlers))
{
}

Client::~Client()
{
    reading_.cancel();
    writing_.cancel();
    close(in_);
    if (out_ >= 0 && out_ != in_)
        close(out_);
}

void Client::start()
{
    reading_ = glib::on_readable(in_, [this] { read(); });
}

void Client::read()
{
    const auto self = shared_from_this();  // a line may be the end of us
    std::array<char, 16384> bytes{};
    const auto count = ::read(in_, bytes.data(), bytes.size());
    if (count > 0)
        return take({bytes.data(), static_cast<std::size_t>(count)});
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    reading_.cancel();
    read_to_end_ = true;
    if (count == 0 && !line_.empty() && !passing_)  // the last line needs no end
        handle(std::exchange(line_, {}));
    end_if_done();
}

void Client::take(std::string_view bytes)
{
    while (!bytes.empty() && !gone_) {
        const auto end = std::min(bytes.find('\n'), bytes.size());
        const bool whole = end < bytes.size();
        if (!passing_)
            line_ += bytes.substr(0, std::min(end, max_line_ + 1 - line_.size()));
        const bool too_long = line_.size() > max_line_;
        if (!passing_ && (whole || too_long))
            handle(std::exchange(line_, {}));
        passing_ = !whole && (passing_ || too_long);
        bytes.remove_prefix(whole ? end + 1 : end);
    }
}

void Client::handle(std::string_view line)
{
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos)
        return;
    ++pending_;
    handlers_.line(line, [weak = weak_from_this()](const std::string &reply) {
        const auto self = weak.lock();
        if (!self || self->gone_)
            return;
        --self->pending_;
        self->send(reply);
        self->end_if_done();
    });
}

void Client::send(const std::string &line)
{
    if (line.empty() || out_ < 0)
        return;
    if (queue_.size() + line.size() > kMaxQueued)
        return drop("it does not read its replies");
    queue_ += line + "\n";
    write();
}

// False: not now, or not any more.
bool Client::write_some()
{
    if (!is_writable(out_, 0))
        return false;
    const auto written = ::write(out_, queue_.data(), std::min(queue_.size(), kChunk));
    if (written > 0)
        queue_.erase(0, static_cast<std::size_t>(written));
    else if (written < 0 && errno != EAGAIN && errno != EINTR)
        drop(errno == EPIPE || errno == ECONNRESET ? "" : std::strerror(errno));
    return written > 0;
}

void Client::write()
{
    while (!queue_.empty() && write_some()) {
    }
    if (gone_ || queue_.empty())
        return writing_.cancel();
    if (!writing_)
        writing_ = glib::on_writable(out_, [this] {
            write();
            end_if_done();
        });
}

void Client::flush(std::chrono::milliseconds at_most)
{
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + at_most;
    while (!gone_ && !queue_.empty()) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0 || !is_writable(out_, static_cast<int>(left.count())))
            return;
        write_some();
    }
}

void Client::end_if_done()
{
    if (read_to_end_ && pending_ == 0 && queue_.empty())
        drop({});
}

void Client::drop(const std::string &why)
{
    if (std::exchange(gone_, true))
        return;
    reading_.cancel();
    writing_.cancel();
    queue_.clear();
    // Not from within what may still use us.
    glib::post([self = shared_from_this(), why] {
        if (self->handlers_.gone)
            self->handlers_.gone(*self, why);
    });
}

}  // namespace callagent::control
