// The ICE agent behind webrtcbin: its settings, and what it found.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/stats.h"
#include "media/timeline.h"

namespace callagent::media {

struct IceConfig {
    std::string stun;               // stun://host:port; empty: none
    std::vector<std::string> turn;  // turn(s)://user:pass@host:port?transport=…, escaped
    bool relay_only = false;
    std::uint16_t min_port = 0, max_port = 0;  // 0: any
    bool tcp = true;
    std::string bind_address;
};

// Before the first description is set.
Status configure_ice(GstElement *webrtc, const IceConfig &);

// `selected` gets the pair each time a better one is selected, on libnice's thread.
glib::Connection on_selected_pair(GstElement *webrtc, std::function<void(CandidatePair)> selected);

}  // namespace callagent::media
