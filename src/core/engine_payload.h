// Engine.IO over HTTP: the packets of one body.
// Version 3: "6:4hello1:2", lengths in UTF-16 code units. Version 4: packets between 0x1E.
// https://github.com/socketio/engine.io-protocol, "Payload encoding"
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/socketio.h"

namespace callagent::socketio {

std::string encode_payload(Version version, const std::vector<std::string> &packets);

// UTF-8 is the caller's to check. The error is a body that is no payload, or has a packet of
// unknown type.
Result<std::vector<std::string_view>> decode_payload(Version version, std::string_view body);

}  // namespace callagent::socketio
