// What the two ends write to each other: a data channel (RFC 8831) beside the media of one
// webrtcbin. Ours is called "chat"; of the peer's, every one is read.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/result.h"
#include "glib/ptr.h"
#include "media/timeline.h"

namespace callagent::media {

class Texts {
public:
    static constexpr std::size_t kMaxText = 16000;      // bytes; a longer one is cut
    static constexpr std::size_t kMaxChannels = 8;      // of the peer's
    static constexpr int kMaxWaiting = 64;              // texts that the main loop has not seen yet
    static constexpr guint64 kMaxBuffered = 1'000'000;  // bytes that the peer has not taken yet

    // Streaming threads. `may_come` says whether the peer is known to be who it said.
    struct Handlers {
        std::function<bool()> may_come;
        std::function<void(const std::string &)> came;
    };
    explicit Texts(Handlers handlers) : handlers_(std::move(handlers)) {}
    Texts(const Texts &) = delete;
    Texts &operator=(const Texts &) = delete;

    // Makes ours, before the offer. Nothing where the plugin is missing: a call without texts.
    void offer(GstElement *webrtc);

    // The peer's, on webrtcbin's thread.
    void take(GObject *channel);

    // The association is gone (RFC 9260): nothing can be said any more. Main loop.
    void fail();

    // Main loop.
    Status say(const std::string &text);

private:
    void listen(GObject *channel);

    const Handlers handlers_;
    std::mutex mutex_;
    bool failed_ = false;
    std::vector<glib::Ptr<GObject>> channels_;  // the first one is spoken on
    std::vector<glib::Connection> connections_;
};

}  // namespace callagent::media
