#include "media/reach.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include <glib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace callagent::media {
namespace {

std::string environment(const char *name)
{
    const char *value = g_getenv(name);
    return value ? value : "";
}

// Does anybody accept connections there? A leading @ is Linux's abstract namespace.
bool answers(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return false;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@')
        address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() +
                                               (path.front() == '@' ? 0 : 1));
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return false;
    const bool connected =
        connect(descriptor, reinterpret_cast<const sockaddr *>(&address), length) == 0;
    close(descriptor);
    return connected;
}

// The sockets of a display on this machine: ":0", "unix:0.0". Nothing: it is on another one.
std::optional<std::vector<std::string>> x11_sockets(const std::string &display)
{
    const auto colon = display.rfind(':');
    if (colon == std::string::npos)
        return std::vector<std::string>{};
    const auto host = display.substr(0, colon);
    if (!host.empty() && host != "unix")
        return std::nullopt;
    const auto number = display.substr(colon + 1, display.find('.', colon) - colon - 1);
    const auto path = "/tmp/.X11-unix/X" + number;
    return std::vector<std::string>{path, "@" + path};
}

// libpulse's own order. Nothing: on another machine.
std::optional<std::vector<std::string>> pulse_sockets()
{
    if (const auto server = environment("PULSE_SERVER"); !server.empty()) {
        std::vector<std::string> paths;
        std::string_view rest =
            server;  // "{machine}unix:/path tcp:host", tried one after the other
        while (!rest.empty()) {
            auto one = rest.substr(0, rest.find(' '));
            rest.remove_prefix(std::min(rest.size(), one.size() + 1));
            if (one.starts_with('{'))
                one = one.substr(std::min(one.size(), one.find('}')));
            if (one.starts_with('}'))
                one.remove_prefix(1);
            if (one.starts_with("unix:"))
                one.remove_prefix(5);
            if (one.starts_with('/'))
                paths.emplace_back(one);
            else if (!one.empty())
                return std::nullopt;
        }
        return paths;
    }
    std::vector<std::string> paths;
    if (const auto runtime = environment("PULSE_RUNTIME_PATH"); !runtime.empty())
        paths.push_back(runtime + "/native");
    if (const auto runtime = environment("XDG_RUNTIME_DIR"); !runtime.empty())
        paths.push_back(runtime + "/pulse/native");
    else
        paths.push_back("/run/user/" + std::to_string(getuid()) + "/pulse/native");
    paths.emplace_back("/run/pulse/native");  // for the whole system
    return paths;
}

Status any_answers(const std::vector<std::string> &paths)
{
    std::string tried;
    for (const auto &path : paths) {
        if (answers(path))
            return Done{};
        if (!path.starts_with('@'))
            tried += (tried.empty() ? "" : " or ") + path;
    }
    return Error{"nothing answers at " + tried};
}

}  // namespace

Status reach_display()
{
    const auto wayland = environment("WAYLAND_DISPLAY");
    const auto x11 = environment("DISPLAY");
    if (wayland.empty() && x11.empty())
        return Error{"DISPLAY and WAYLAND_DISPLAY are not set"};
    if (!wayland.empty() &&
        answers(wayland.starts_with('/') ? wayland
                                         : environment("XDG_RUNTIME_DIR") + "/" + wayland))
        return Done{};
    if (x11.empty())
        return Error{"nothing answers at WAYLAND_DISPLAY=" + wayland};
    const auto sockets = x11_sockets(x11);
    if (!sockets || any_answers(*sockets))
        return Done{};
    return Error{"no X server answers at DISPLAY=" + x11};
}

Status reach_sound_server()
{
    const auto sockets = pulse_sockets();
    if (!sockets)
        return Done{};
    return any_answers(*sockets);
}

}  // namespace callagent::media
