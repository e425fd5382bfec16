// One section of a description: what an m-line says, and what the session says for all. Only
// core/sdp uses it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/sdp.h"
#include "core/sdp_text.h"

namespace callagent::sdp {

// What may stand in the session part for all m-lines that have none of their own.
struct Shared {
    std::optional<Direction> direction;
    std::vector<Fingerprint> fingerprints;
    std::string setup, ice_ufrag, ice_pwd;
};

// Takes in what an attribute says that may stand at either level; others are left alone.
Status read_shared(const Line &line, Shared &shared);

// A section that begins with its m-line.
Result<Media> read_media(const Lines &lines, const Shared &session);

// The length in bytes of a digest that can prove a certificate; 0: none such.
std::size_t digest_size(std::string_view hash);

std::optional<Direction> direction_of(std::string_view attribute);

}  // namespace callagent::sdp
