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

// A display of our own. A window that goes away while it is looked for is no fault, and ends no
// program.
class Connection {
public:
    Connection() : display_(XOpenDisplay(nullptr)) {}
    ~Connection()
    {
        if (display_)
            XCloseDisplay(display_);  // what was asked is answered before
        XSetErrorHandler(before_);
    }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    Display *display() const { return display_; }

private:
    XErrorHandler before_ = XSetErrorHandler([](Display *, XErrorEvent *) { return 0; });
    Display *display_;
};

bool is_shown(Display *display, Window window)
{
    XWindowAttributes attributes{};
    return window && XGetWindowAttributes(display, window, &attributes) &&
           attributes.map_state == IsViewable;
}

}  // namespace

bool has_window(const std::string &title)
{
    const Connection connection;
    auto *display = connection.display();
    return display && find(display, XDefaultRootWindow(display), title);
}

bool close_window(const std::string &title)
{
    const Connection connection;
    auto *display = connection.display();
    if (!display)
        return false;
    const auto window = find(display, XDefaultRootWindow(display), title);
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.window = window;
    event.xclient.message_type = XInternAtom(display, "WM_PROTOCOLS", False);
    event.xclient.format = 32;
    event.xclient.data.l[0] = static_cast<long>(XInternAtom(display, "WM_DELETE_WINDOW", False));
    return is_shown(display, window) && XSendEvent(display, window, False, NoEventMask, &event);
}

}  // namespace callagent::media
