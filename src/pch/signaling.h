// Precompiled for what uses libsoup.
#include <libsoup/soup.h>

#include "standard.h"
