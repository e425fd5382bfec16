// SIGINT and SIGTERM, heard on a thread of their own: what is to be ended may hold the main loop
// up.
#pragma once

#include <functional>
#include <thread>

#include "core/exit.h"
#include "glib/ptr.h"

namespace callagent {

class Signals {
public:
    // With the status that a signal stands for before a call, and its name.
    using Handler = std::function<void(Exit, const char *)>;

    // `came`: each of the first two signals; main loop. `ignored`: the process is still there some
    // time after the second; on our thread. A third one ends it at once.
    Signals(Handler came, Handler ignored);
    ~Signals();
    Signals(const Signals &) = delete;
    Signals &operator=(const Signals &) = delete;

private:
    struct Kind;
    void on_signal(const Kind &kind);

    const Handler came_, ignored_;
    const glib::Ptr<GMainLoop> loop_;
    int count_ = 0;  // our thread's
    std::thread thread_;
};

}  // namespace callagent
