// What several of us need of webrtcbin's RTP session. Any thread.
#pragma once

#include <gst/gst.h>

#include "core/media.h"
#include "media/timeline.h"

namespace callagent::media {

// Of RTP's timestamps: that of Opus (RFC 7587, 4.1), and of every video codec here.
constexpr int clock_rate(Medium medium)
{
    return medium == Medium::Video ? 90'000 : 48'000;
}

// rtpbin's one session, GStreamer's RTPSession. Null: there is none.
inline glib::Ptr<GObject> internal_session(GstElement *rtpbin)
{
    GObject *session = nullptr;
    if (rtpbin)
        g_signal_emit_by_name(rtpbin, "get-internal-session", 0U, &session);
    return glib::adopt(session);
}

}  // namespace callagent::media
