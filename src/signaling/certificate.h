// The relay's certificate and key.
#pragma once

#include <string>
#include <variant>

#include "core/exit.h"
#include "signaling/soup.h"

namespace callagent::signaling {

// From PEM files; null when both are empty. Exit::Usage, with the reason, where one is missing or
// cannot be read, where they do not belong together, and where the certificate is not valid today.
std::variant<glib::Ptr<GTlsCertificate>, Failure> load_certificate(const std::string &cert_file,
                                                                   const std::string &key_file);

}  // namespace callagent::signaling
