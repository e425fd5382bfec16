// Precompiled for tests of what uses GStreamer.
#include "../../src/pch/media.h"
#include "tests.h"
