// What several areas own of GIO.
#pragma once

#include <gio/gio.h>

#include "glib/ptr.h"

namespace callagent::glib {

template <>
struct Release<GCancellable> : ReleaseObject {
};
template <>
struct Release<GInetAddress> : ReleaseObject {
};
template <>
struct Release<GIOStream> : ReleaseObject {
};
template <>
struct Release<GSocket> : ReleaseObject {
};
template <>
struct Release<GSocketAddress> : ReleaseObject {
};
template <>
struct Release<GSocketClient> : ReleaseObject {
};
template <>
struct Release<GSocketConnection> : ReleaseObject {
};
template <>
struct Release<GTlsDatabase> : ReleaseObject {
};

}  // namespace callagent::glib
