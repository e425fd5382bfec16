#include "tests/media/window.h"

#include <string_view>

#include <X11/Xlib.h>
#include <X11/Xutil.h>

namespace callagent::media {
namespace {

Window find(Display *display, Window in, const std::string &title)
{
    char *name = nullptr;
    const bool matches =
        XFetchName(display, in, &name) && std::string_view(name).starts_with(title);
    if (name)
        XFree(name);
    Window root = 0, parent = 0, *children = nullptr;
    unsigned count = 0;
    if (matches || !XQueryTree(display, in, &root, &parent, &children, &count))
        return matches ? in : 0;
    Window found = 0;
    for (unsigned i = 0; i < count && !found; ++i)
        found = find(display, children[i], title);
    if (children)
        XFree(children);
    return found;
}

bool is_shown(Display *display, Window window)
{
    XWindowAttributes attributes{};
    return window && XGetWindowAttributes(display, window, &attributes) &&
           attributes.map_state == IsViewable;
}

}  // namespace

bool has_window(const std::string &title)
{
    auto *display = XOpenDisplay(nullptr);
    const bool found = display && find(display, XDefaultRootWindow(display), title);
    if (display)
        XCloseDisplay(display);
    return found;
}

bool close_window(const std::string &title)
{
    auto *display = XOpenDisplay(nullptr);
    if (!display)
        return false;
    const auto window = find(display, XDefaultRootWindow(display), title);
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.window = window;
    event.xclient.message_type = XInternAtom(display, "WM_PROTOCOLS", False);
    event.xclient.format = 32;
    event.xclient.data.l[0] = static_cast<long>(XInternAtom(display, "WM_DELETE_WINDOW", False));
    const bool sent =
        is_shown(display, window) && XSendEvent(display, window, False, NoEventMask, &event);
    XCloseDisplay(display);
    return sent;
}

}  // namespace callagent::media
