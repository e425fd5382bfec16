// Precompiled for tests of what uses libsoup.
#include "../../src/pch/signaling.h"
#include "tests.h"
