// What signaling owns of libsoup, GIO and GLib.
#pragma once

#include <libsoup/soup.h>

#include "glib/ptr.h"

namespace callagent::glib {

template <>
struct Release<SoupSession> : ReleaseObject {
};
template <>
struct Release<SoupMessage> : ReleaseObject {
};
template <>
struct Release<SoupServer> : ReleaseObject {
};
template <>
struct Release<SoupServerMessage> : ReleaseObject {
};
template <>
struct Release<SoupWebsocketConnection> : ReleaseObject {
};
template <>
struct Release<GCancellable> : ReleaseObject {
};
template <>
struct Release<GIOStream> : ReleaseObject {
};
template <>
struct Release<GSocket> : ReleaseObject {
};
template <>
struct Release<GSocketConnection> : ReleaseObject {
};
template <>
struct Release<GSocketAddress> : ReleaseObject {
};
template <>
struct Release<GInetAddress> : ReleaseObject {
};
template <>
struct Release<GTlsCertificate> : ReleaseObject {
};
template <>
struct Release<GTlsDatabase> : ReleaseObject {
};
template <>
struct Release<GBytes> {
    void operator()(GBytes *p) const noexcept { g_bytes_unref(p); }
};
template <>
struct Release<GUri> {
    void operator()(GUri *p) const noexcept { g_uri_unref(p); }
};
template <>
struct Release<GHashTable> {
    void operator()(GHashTable *p) const noexcept { g_hash_table_unref(p); }
};

}  // namespace callagent::glib
