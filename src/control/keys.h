// Single keys on the terminal that is standard input: no line end is needed, and nothing is shown.
// The terminal is as it was before when this goes, and also when the process dies of a signal that
// can be caught. Ctrl-C, Ctrl-\ and Ctrl-Z work as ever. Main loop; one for each process.
#pragma once

#include <functional>
#include <memory>

#include "glib/loop.h"

namespace callagent::control {

class Keys {
public:
    // Nothing where standard input is no terminal, or where we are in its background.
    static std::unique_ptr<Keys> open(std::function<void(char)> pressed);
    ~Keys();
    Keys(const Keys &) = delete;
    Keys &operator=(const Keys &) = delete;

    // For who leaves without destructors. Any thread; a signal handler too.
    static void restore() noexcept;

private:
    explicit Keys(std::function<void(char)> pressed);
    void listen();
    void read();

    std::function<void(char)> pressed_;
    glib::Source reading_, waiting_;
};

}  // namespace callagent::control
