// webrtcbin's promises, answered on the main loop.
#pragma once

#include <functional>
#include <string>

#include <gst/webrtc/webrtc.h>

#include "core/message.h"
#include "core/result.h"
#include "glib/ptr.h"
#include "media/timeline.h"

namespace callagent::glib {

template <>
struct Release<GstWebRTCSessionDescription> {
    void operator()(GstWebRTCSessionDescription *p) const noexcept
    {
        gst_webrtc_session_description_free(p);
    }
};

}  // namespace callagent::glib

namespace callagent::media {

// The "offer" or "answer" in a reply, as SDP text; nothing (an empty text) where `field` is null;
// or the error that webrtcbin gave. `done` is called once, on the main loop: webrtcbin answers on a
// thread of its own, or, where it is closed, at once on the caller's.
GstPromise *promise_of(const char *field, std::function<void(Result<std::string>)> done);

// Parses text for webrtcbin; the error names what GStreamer makes of it.
Result<glib::Ptr<GstWebRTCSessionDescription>> to_gst(const Sdp &sdp);

}  // namespace callagent::media
