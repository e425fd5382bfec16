// The words in which webrtcbin is told what an m-line may carry.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/media.h"
#include "core/sdp.h"
#include "media/timeline.h"

namespace callagent::media {

constexpr int kTwccId = 3;  // of our own offers; as Chromium's

// What we offer: every video codec of ours in the order of preference, each with a payload type of
// its own, or Opus; with transport-wide feedback and our SSRC.
glib::Ptr<GstCaps> offered_video(const std::vector<VideoCodec> &codecs, std::uint32_t ssrc);
glib::Ptr<GstCaps> offered_audio(std::uint32_t ssrc);

// What we take of an offer.
glib::Ptr<GstCaps> answered(const sdp::VideoChoice &, std::uint32_t ssrc);
glib::Ptr<GstCaps> answered(const sdp::AudioChoice &, std::uint32_t ssrc);

// NACK and RTX for video only: on audio webrtcbin writes an RTX SSRC that Chromium refuses.
void add_transceiver(GstElement *webrtc, Medium medium, sdp::Direction direction,
                     const GstCaps *caps);

// The pad of webrtcbin that takes what an m-line sends; null where it sends nothing.
glib::Ptr<GstPad> sending_pad(GstElement *webrtc, int mline);

// The m-line whose media leaves a source pad; -1 where that cannot be told.
int mline_of(GstPad *pad);

}  // namespace callagent::media
