// Is there somebody at the other end: a display, a sound server? Asked before GStreamer is, because
// autovideosink crashes without a display, and autoaudiosink plays into nothing without a sound
// server.
#pragma once

#include <string>

#include "core/result.h"

namespace callagent::media {

// The error is a clause: "DISPLAY and WAYLAND_DISPLAY are not set", "nothing answers at …". Takes
// no time: only sockets of this machine are tried; a server on another one is taken to be there.
Status reach_display();
Status reach_sound_server();  // PulseAudio, or PipeWire in its place

}  // namespace callagent::media
