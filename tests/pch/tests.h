// Precompiled for tests that need nothing but GoogleTest.
#include <gtest/gtest.h>

#include "../../src/pch/standard.h"
