// The digest of a certificate as SDP writes it (RFC 8122).
#pragma once

#include <string>

namespace callagent::media {

// `hash`: "sha-256", "sha-384", "sha-512". Upper-case hex with colons; empty where `pem` holds no
// certificate or the hash is another.
std::string certificate_digest(const std::string &pem, const std::string &hash);

}  // namespace callagent::media
