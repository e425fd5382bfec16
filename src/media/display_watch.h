// What happens when the X server goes away. Xlib's own answer is exit(1) from whatever thread
// notices: no bus message, no bye, no recording's end, and a status that means something else.
#pragma once

#include <functional>

namespace callagent::media {

// `lost` is called on the main loop when an X server that this process uses has gone. The thread
// that noticed sleeps from then on, since Xlib does not let it go on; a pipeline that it belongs to
// cannot be stopped any more, and is left behind. Main loop.
class DisplayWatch {
public:
    explicit DisplayWatch(std::function<void()> lost);
    ~DisplayWatch();
    DisplayWatch(const DisplayWatch &) = delete;
    DisplayWatch &operator=(const DisplayWatch &) = delete;

private:
    static void tell_all();
    static int on_io_error(void *display) noexcept;
    static bool install();

    std::function<void()> lost_;
};

}  // namespace callagent::media
