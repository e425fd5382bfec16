// What a call is to be, decided from the peer's description and what we meant: codecs, and for each
// medium our direction. Never silently one-way: what we mean to send and the peer does not take is
// an error, unless one-way calls were allowed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/media.h"
#include "core/result.h"
#include "core/sdp.h"

namespace callagent {

struct Wanted {
    bool send_audio = true;
    bool send_video = true;
    std::vector<VideoCodec> video_codecs;  // in the order of preference
    bool allow_one_way = false;
};

struct Plan {
    std::optional<sdp::AudioChoice> audio;  // absent: this medium is not part of the call
    std::optional<sdp::VideoChoice> video;
    sdp::Direction audio_direction = sdp::Direction::Inactive;  // ours
    sdp::Direction video_direction = sdp::Direction::Inactive;
    std::vector<std::string>
        not_taken;  // sentences: what the peer does not take, where that is allowed

    sdp::Direction direction(Medium medium) const
    {
        return medium == Medium::Audio ? audio_direction : video_direction;
    }
};

// `type`: whether the peer's description is an offer (our preference decides the video codec) or an
// answer (the peer's order does: RFC 3264, 6.1).
Result<Plan> plan(const sdp::Description &peer, Sdp::Type type, const Wanted &wanted);

// Does our own answer, as webrtcbin wrote it, carry what was planned? webrtcbin turns every
// mismatch silently into recvonly or inactive.
Status carries(const sdp::Description &answer, const Plan &plan);

}  // namespace callagent
