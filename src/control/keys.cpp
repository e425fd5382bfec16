#include "control/keys.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>

#include <termios.h>
#include <unistd.h>

namespace callagent::control {
namespace {

// What a process in the background may not read, it asks for again now and then.
constexpr std::chrono::milliseconds kBackground{500};

// The terminal is one for the process, and signal handlers know nothing else.
termios before, during;
std::atomic<bool> changed{false};

constexpr int kDeadly[] = {SIGHUP, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
struct sigaction former_deadly[std::size(kDeadly)];
struct sigaction former_continue;

// In the background, changing the terminal would stop us (SIGTTOU).
bool in_foreground()
{
    return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

// Back to what was set before, which then does what it would have done.
extern "C" void on_deadly(int signum)
{
    Keys::restore();
    for (std::size_t i = 0; i < std::size(kDeadly); ++i)
        if (kDeadly[i] == signum)
            sigaction(signum, &former_deadly[i], nullptr);
    raise(signum);
}

// Stopped and back again: the shell has had the terminal meanwhile.
extern "C" void on_continue(int)
{
    const int error = errno;
    if (changed && in_foreground())
        tcsetattr(STDIN_FILENO, TCSANOW, &during);
    errno = error;
}

void handle(int signum, void (*handler)(int), struct sigaction *former)
{
    struct sigaction action {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(signum, &action, former);
}

// Without the sequences of arrows and the like (ECMA-48: ESC [ … letter, ESC O letter), whose
// letters nobody pressed.
std::string letters(std::string_view keys)
{
    constexpr char kEscape = 27;
    std::string found;
    while (!keys.empty()) {
        if (keys[0] != kEscape) {
            found += keys[0];
            keys.remove_prefix(1);
            continue;
        }
        std::size_t end = 1;
        if (end < keys.size() && (keys[end] == '[' || keys[end] == 'O')) {
            ++end;
            while (end < keys.size() && (keys[end] < '@' || keys[end] > '~'))
                ++end;
        }
        keys.remove_prefix(std::min(end + 1, keys.size()));
    }
    return found;
}

}  // namespace

std::unique_ptr<Keys> Keys::open(std::function<void(char)> pressed)
{
    if (!isatty(STDIN_FILENO) || !in_foreground() || tcgetattr(STDIN_FILENO, &before) != 0)
        return nullptr;
    during = before;
    during.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    during.c_cc[VMIN] = 1;
    during.c_cc[VTIME] = 0;
    for (std::size_t i = 0; i < std::size(kDeadly); ++i)
        handle(kDeadly[i], on_deadly, &former_deadly[i]);
    handle(SIGCONT, on_continue, &former_continue);
    changed = true;
    tcsetattr(STDIN_FILENO, TCSANOW, &during);
    return std::unique_ptr<Keys>(new Keys(std::move(pressed)));
}

Keys::Keys(std::function<void(char)> pressed) : pressed_(std::move(pressed))
{
    listen();
}

Keys::~Keys()
{
    restore();
    for (std::size_t i = 0; i < std::size(kDeadly); ++i)
        sigaction(kDeadly[i], &former_deadly[i], nullptr);
    sigaction(SIGCONT, &former_continue, nullptr);
}

void Keys::restore() noexcept
{
    const int error = errno;
    if (changed.exchange(false) && in_foreground())
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
    errno = error;
}

void Keys::listen()
{
    reading_ = glib::on_readable(STDIN_FILENO, [this] { read(); });
}

void Keys::read()
{
    if (!in_foreground()) {  // reading would stop us (SIGTTIN)
        reading_.cancel();
        waiting_ = glib::after(kBackground, [this] { listen(); });
        return;
    }
    std::array<char, 64> bytes{};
    const auto count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0)  // the terminal has gone
        return reading_.cancel();
    for (const char key : letters({bytes.data(), static_cast<std::size_t>(count)}))
        pressed_(key);
}

}  // namespace callagent::control
