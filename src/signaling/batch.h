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
    struct Counts {
        std::uint64_t &written;  // bytes that the system took
        std::uint64_t &deaf;     // set to 0 each time it takes some
    };

    // Nothing is owned.
    Batch(GPollableOutputStream *base, Counts counts) : base_(base), counts_(counts) {}
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
    Counts counts_;
    std::string waiting_;
    glib::Source writable_;
};

}  // namespace callagent::signaling
