#include "media/texts.h"

#include <gst/webrtc/webrtc.h>

namespace callagent::media {
namespace {

constexpr char kLabel[] = "chat";

bool has_sctp()
{
    for (const char *name : {"sctpenc", "sctpdec"}) {
        auto *factory = gst_element_factory_find(name);
        if (!factory)
            return false;
        gst_object_unref(factory);
    }
    return true;
}

// At the end of a character, not within it.
std::string cut(std::string text)
{
    if (text.size() <= Texts::kMaxText)
        return text;
    std::size_t end = Texts::kMaxText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    text.resize(end);
    return text;
}

}  // namespace

void Texts::offer(GstElement *webrtc)
{
    if (!has_sctp())
        return;
    GObject *channel = nullptr;
    g_signal_emit_by_name(webrtc, "create-data-channel", kLabel, nullptr, &channel);
    if (!channel)
        return;
    listen(channel);
    g_object_unref(channel);
}

void Texts::take(GObject *channel)
{
    listen(channel);
}

void Texts::listen(GObject *channel)
{
    const std::lock_guard lock(mutex_);
    if (channels_.size() >= kMaxChannels)
        return;
    channels_.push_back(glib::retain(channel));
    connections_.push_back(glib::connect<void(GObject *, const char *)>(
        channel, "on-message-string", [handlers = handlers_](GObject *, const char *text) {
            if (text && handlers.may_come())
                handlers.came(cut(text));
        }));
}

void Texts::fail()
{
    const std::lock_guard lock(mutex_);
    failed_ = true;
}

Status Texts::say(const std::string &text)
{
    const std::lock_guard lock(mutex_);
    if (failed_)
        return Error{"the data channel, which texts go over, was closed by the peer or has failed"};
    if (channels_.empty())
        return Error{"the peer has no data channel in this call, which texts go over"};
    for (const auto &channel : channels_) {
        gint state = 0;
        guint64 buffered = 0;
        g_object_get(channel.get(), "ready-state", &state, "buffered-amount", &buffered, nullptr);
        if (state != GST_WEBRTC_DATA_CHANNEL_STATE_OPEN)
            continue;
        if (buffered > kMaxBuffered)
            return Error{"the peer does not take the texts that were sent already"};
        g_signal_emit_by_name(channel.get(), "send-string", text.c_str());
        return Done{};
    }
    return Error{"the data channel, which texts go over, is not open (yet)"};
}

}  // namespace callagent::media
