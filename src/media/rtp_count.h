// Counting RTP packets where they pass a pad.
#pragma once

#include <functional>

#include <gst/gst.h>

namespace callagent::media {

// `seen(header bytes, payload bytes)` for each packet, on the streaming thread, buffer lists
// included.
void on_rtp(GstPad *pad, std::function<void(gsize, gsize)> seen);

// `seen` for each buffer, on the streaming thread.
void on_buffer(GstPad *pad, std::function<void(GstBuffer *)> seen);

}  // namespace callagent::media
