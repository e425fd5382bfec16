#include "media/display_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

#include "glib/loop.h"

namespace callagent::media {
namespace {

// Xlib has one handler for the whole process. Main loop only.
std::vector<DisplayWatch *> &watches()
{
    static std::vector<DisplayWatch *> all;
    return all;
}

}  // namespace

DisplayWatch::DisplayWatch(std::function<void()> lost) : lost_(std::move(lost))
{
    static const bool installed = install();
    static_cast<void>(installed);
    watches().push_back(this);
}

DisplayWatch::~DisplayWatch()
{
    std::erase(watches(), this);
}

void DisplayWatch::tell_all()
{
    const auto all = watches();  // a handler may destroy some of them
    for (auto *watch : all)
        if (std::find(watches().begin(), watches().end(), watch) != watches().end())
            if (const auto handler = watch->lost_)
                handler();
}

// On the thread that reads or writes. Xlib ends the process when this returns.
int DisplayWatch::on_io_error(void *) noexcept
{
    glib::post(tell_all);
    while (true)
        pause();
}

bool DisplayWatch::install()
{
    // By name, since the program itself has no use for Xlib: where it is not installed, no sink
    // needs it either.
    void *xlib = dlopen("libX11.so.6", RTLD_LAZY);
    using Handler = int (*)(void *);
    using SetHandler = Handler (*)(Handler);
    const auto set =
        xlib ? reinterpret_cast<SetHandler>(dlsym(xlib, "XSetIOErrorHandler")) : nullptr;
    if (set)
        set(on_io_error);
    return set != nullptr;
}

}  // namespace callagent::media
