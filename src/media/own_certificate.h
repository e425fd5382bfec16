// A certificate of ours for DTLS.
#pragma once

#include <string>

#include "core/result.h"

namespace callagent::media {

// A new key (ECDSA, P-256) and a self-signed certificate with it (RFC 8827, 6.5), both as PEM, for
// "pem" of a dtlsdec.
Result<std::string> make_certificate();

}  // namespace callagent::media
