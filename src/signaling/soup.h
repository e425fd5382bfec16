// What signaling owns of libsoup and GLib, and of GIO beside what others do.
#pragma once

#include <libsoup/soup.h>

#include "glib/gio.h"

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
struct Release<GTlsCertificate> : ReleaseObject {
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
