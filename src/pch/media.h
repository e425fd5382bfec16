// Precompiled for what uses GStreamer.
#include <atomic>
#include <mutex>
#include <thread>

#include <gst/gst.h>
#include <gst/video/video.h>

#include "standard.h"
