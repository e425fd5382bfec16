// The client's side of TLS: whom it trusts, and what to say where it does not. Any thread.
#pragma once

#include <string>

#include "core/result.h"
#include "glib/gio.h"

namespace callagent::glib {

// Of a PEM file; null where `file` is empty: those of the system. The error names --ca and says
// what to give.
Result<Ptr<GTlsDatabase>> read_authorities(const std::string &file);

// Before the handshake. `authorities` may be null.
void set_trust(GTlsConnection *connection, GTlsDatabase *authorities, bool any_certificate);

// Why a connection with TLS did not come about; and where it is the certificate, what would help.
std::string tls_reason(const GError *error);

// GLib 2.74 locks up where several threads are the first to need its network types and modules. On
// one thread, before there are others that do.
void load_network_types();

}  // namespace callagent::glib
