// Certificates of ours for DTLS.
#pragma once

#include <string>

#include "core/result.h"

namespace callagent::media {

// A new key (ECDSA, P-256) and a self-signed certificate with it (RFC 8827, 6.5), both as PEM, for
// "pem" of a dtlsdec.
Result<std::string> make_certificate();

// Gives the process the certificate that a dtlsdec takes where no "pem" is set: one of
// make_certificate(). Where that cannot be done, GStreamer makes one. Does nothing the second time;
// whoever comes while it is done waits. Any thread, before the first dtlsdec.
void adopt_certificate();

}  // namespace callagent::media
