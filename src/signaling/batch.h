// What is written to a stream, put together: libsoup writes a frame at a time, each with a system
// call. A batch is written when nothing else is ready on the main loop, after a millisecond, or
// when it is large. Main loop only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "glib/loop.h"
#include "signaling/soup.h"

namespace callagent::signaling {

class Batch {
public:
    // Neither is owned. `written` counts the bytes that the system took.
    Batch(GPollableOutputStream *base, std::uint64_t &written) : base_(base), written_(written) {}
    ~Batch();
    Batch(const Batch &) = delete;
    Batch &operator=(const Batch &) = delete;

    void add(std::string_view bytes);

    // The other side takes nothing more for now; what is added all the same is kept.
    bool blocked() const { return bool(writable_); }

    // Writes what goes without waiting; the rest is lost.
    void close();

    // Those that wait too long because the main loop is never without something to do.
    static void write_overdue();

private:
    class All;
    void write();

    GPollableOutputStream *base_;
    std::uint64_t &written_;
    std::string waiting_;
    glib::Source writable_;
};

}  // namespace callagent::signaling
