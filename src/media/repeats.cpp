#include "media/repeats.h"

#include "media/timeline.h"

namespace callagent::media {

void RepeatGate::set_path(double rate, double round_trip, double now)
{
    const std::lock_guard lock(mutex_);
    limit_.set_path(rate, round_trip, now);
}

void RepeatGate::set_held(bool held)
{
    const std::lock_guard lock(mutex_);
    limit_.set_held(held);
}

void RepeatGate::begin_anew(std::uint16_t sequence_number)
{
    const std::lock_guard lock(mutex_);
    limit_.begin_anew(sequence_number, network_time());
}

bool RepeatGate::refuses(GstEvent *event, std::optional<std::uint16_t> &twice)
{
    guint sequence_number = 0;
    const GstStructure *request = gst_event_get_structure(event);
    if (!request || !gst_structure_has_name(request, "GstRTPRetransmissionRequest") ||
        !gst_structure_get_uint(request, "seqnum", &sequence_number))
        return false;
    const std::lock_guard lock(mutex_);
    const auto number = static_cast<std::uint16_t>(sequence_number);
    if (!limit_.allow(number, network_time()))
        return true;
    if (limit_.is_long())
        twice = number;
    return false;
}

}  // namespace callagent::media
