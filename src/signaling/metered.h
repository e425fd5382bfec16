// A stream around another that counts what goes through it, because libsoup does not say how much
// of what it was given is still waiting, and that sets bounds to what comes in: libsoup 3.2 reads
// from a client for as long as there is something to read, and puts together fragments of a message
// without end. And it collects what goes out: libsoup writes one frame at a time, and most of the
// time of a relay would go into system calls.
#pragma once

#include <cstdint>

#include "signaling/soup.h"

namespace callagent::signaling {

struct Meter {
    std::uint64_t written = 0;  // bytes that the system took
    std::uint64_t pending = 0;  // bytes read since somebody last set this to 0
    std::uint64_t limit = 0;    // of `pending`: beyond it reading fails; 0: none
    std::uint64_t deaf = 0;     // bytes read since the other side last took something we wrote
    // Frames are written together, when nothing else is to do or after a millisecond. For
    // WebSockets: what is not written when the stream is closed is lost.
    bool together = false;
};

// Keeps `base`; closing the one closes the other.
glib::Ptr<GIOStream> make_metered(GIOStream *base);

// Only of what make_metered() returned; lives as long as the stream.
Meter &meter(GIOStream *metered);

}  // namespace callagent::signaling
