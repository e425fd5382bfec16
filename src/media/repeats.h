// What the peer's requests for lost packets have to pass. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include <gst/gst.h>

#include "core/repeat_limit.h"

namespace callagent::media {

class RepeatGate {
public:
    void set_path(double rate, double round_trip, double now);

    // See core's RepeatLimit.
    void set_held(bool held);
    void begin_anew(std::uint16_t sequence_number);

    // An event that the session pushes upstream; true where it is a request that is not to be met.
    // `twice`: the packet that is to be sent once more behind it.
    bool refuses(GstEvent *event, std::optional<std::uint16_t> &twice);

private:
    std::mutex mutex_;
    RepeatLimit limit_;
};

}  // namespace callagent::media
