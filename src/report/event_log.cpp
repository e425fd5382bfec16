#include "report/event_log.h"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/json.h"

namespace callagent::report {
namespace {

using Clock = std::chrono::steady_clock;

std::string line_of(Moment start, const std::string &call, std::string_view event, Object fields)
{
    Object object{{"ts", timestamp()},
                  {"t", seconds_since(start)},
                  {"event", std::string(event)},
                  {"schema", 1}};
    if (!call.empty())
        object.emplace_back("call", call);
    for (auto &field : fields)
        object.push_back(std::move(field));
    return to_json(object) + "\n";
}

// Of our own, so that O_NONBLOCK touches nobody else's: a terminal or a pipe is opened anew. Files
// and sockets are taken as they are (a file's position is shared on purpose, for `>>`).
int open_stdout()
{
    struct stat status {};
    if (fstat(STDOUT_FILENO, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)))
        if (const int fd = ::open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
            fd >= 0)
            return fd;
    return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

int open_file(const std::string &path)
{
    // O_NONBLOCK: a FIFO without a reader is an error and not a wait.
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC | O_NOCTTY,
                  0644);
}

}  // namespace

struct EventLog::Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> queue;
    std::string call;
    std::size_t dropped = 0;
    bool ending = false;                        // "end" was emitted
    bool broken = false;                        // cannot be written to any more
    bool done = false;                          // the writer's thread has nothing left to do
    std::optional<Clock::time_point> deadline;  // once closing
    Clock::time_point end_only;                 // … from when on

    int fd = -1;
    Config config;

    ~Shared()
    {
        if (fd >= 0)
            ::close(fd);
    }

    std::string dropped_line()
    {
        const auto count = std::exchange(dropped, 0);
        return line_of(
            config.start, call, "warning",
            {{"code", "events-dropped"},
             {"message", std::to_string(count) +
                             " events were dropped: they are read slower than they come"}});
    }

    void push(std::string line, bool end);
    void run();
    std::optional<std::string> next();
    bool write(std::string_view line);
    bool wait_writable();
    void fail(int error);
};

Result<std::unique_ptr<EventLog>> EventLog::open(Config config)
{
    auto shared = std::make_shared<Shared>();
    shared->config = std::move(config);
    const auto &path = shared->config.path;
    if (!path.empty()) {
        shared->fd = path == "-" ? open_stdout() : open_file(path);
        if (shared->fd < 0)
            return Error{"--events: cannot write to '" + path + "': " +
                         (errno == ENXIO ? "nobody reads that FIFO" : std::strerror(errno)) +
                         "; give a file in a writable directory, or - for stdout"};
        std::thread([shared] { shared->run(); }).detach();
    }
    return std::unique_ptr<EventLog>(new EventLog(std::move(shared)));
}

EventLog::EventLog(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

EventLog::~EventLog()
{
    close();
}

void EventLog::emit(std::string_view event, Object fields)
{
    const std::lock_guard lock(shared_->mutex);
    const bool writes = shared_->fd >= 0 && !shared_->broken;
    const auto &observer = shared_->config.observer;
    if ((!writes && !observer) || shared_->ending || shared_->deadline)
        return;
    // Under the lock: the order of lines is that of their times.
    auto line = line_of(shared_->config.start, shared_->call, event, std::move(fields));
    const bool end = event == "end";
    shared_->ending = end;
    if (observer)
        observer(line);
    if (writes)
        shared_->push(std::move(line), end);
}

// With the lock.
void EventLog::Shared::push(std::string line, bool end)
{
    if (!end && (dropped > 0 || queue.size() >= kMaxQueued)) {
        ++dropped;
        return;
    }
    if (end && dropped > 0)
        queue.push_back(dropped_line());
    queue.push_back(std::move(line));
    changed.notify_all();
}

void EventLog::set_call(std::string id)
{
    const std::lock_guard lock(shared_->mutex);
    shared_->call = std::move(id);
}

void EventLog::close(std::chrono::milliseconds at_most)
{
    std::unique_lock lock(shared_->mutex);
    if (shared_->fd < 0)
        return;
    const auto now = Clock::now();
    if (!shared_->deadline || now + at_most < *shared_->deadline) {
        shared_->deadline = now + at_most;
        shared_->end_only = now + at_most / 2;
    }
    shared_->changed.notify_all();
    // A write to a dead network disk does not come back: it is left behind.
    shared_->changed.wait_until(lock, *shared_->deadline + at_most / 10,
                                [this] { return shared_->done; });
}

// The writer's thread.
void EventLog::Shared::run()
{
    // A reader that has gone is an error of write() here, and nothing that ends the process.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);

    while (const auto line = next())
        if (!write(*line))
            break;
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_all();
}

std::optional<std::string> EventLog::Shared::next()
{
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !queue.empty() || deadline; });
    if (deadline && queue.size() > 1 && Clock::now() > end_only) {
        dropped += queue.size() - 1;
        queue.erase(queue.begin(), queue.end() - 1);
        queue.push_front(dropped_line());
    }
    if (queue.empty())
        return std::nullopt;
    auto line = std::move(queue.front());
    queue.pop_front();
    if (dropped > 0 && queue.size() <= kMaxQueued / 2)
        queue.push_back(dropped_line());
    return line;
}

bool EventLog::Shared::write(std::string_view line)
{
    while (!line.empty()) {
        if (!wait_writable())
            return false;
        // What a pipe that is writable takes at once, even where it could not be made non-blocking.
        const auto written = ::write(fd, line.data(), std::min<std::size_t>(line.size(), 4096));
        if (written > 0)
            line.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EAGAIN && errno != EINTR) {
            fail(errno);
            return false;
        }
    }
    return true;
}

// False: not before the deadline.
bool EventLog::Shared::wait_writable()
{
    constexpr int kLook = 50;  // ms between two looks at whether we are closing
    while (true) {
        pollfd waiting{fd, POLLOUT, 0};
        if (poll(&waiting, 1, kLook) > 0)
            return true;
        const std::lock_guard lock(mutex);
        if (deadline && Clock::now() > *deadline)
            return false;
    }
}

void EventLog::Shared::fail(int error)
{
    {
        const std::lock_guard lock(mutex);
        broken = true;
        queue.clear();
    }
    const auto path = config.path == "-" ? std::string("stdout") : "'" + config.path + "'";
    if (config.warning)
        config.warning({"events-lost", "--events: cannot write to " + path +
                                           " any more: " + std::strerror(error) +
                                           "; the call goes on without events"});
}

}  // namespace callagent::report
