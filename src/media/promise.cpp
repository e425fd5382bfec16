#include "media/promise.h"

#include <utility>

#include "glib/loop.h"

namespace callagent::glib {

template <>
struct Release<GstPromise> {
    void operator()(GstPromise *p) const noexcept { gst_promise_unref(p); }
};

template <>
struct Release<GstSDPMessage> {
    void operator()(GstSDPMessage *p) const noexcept { gst_sdp_message_free(p); }
};

}  // namespace callagent::glib

namespace callagent::media {
namespace {

using Done = std::function<void(Result<std::string>)>;

struct Waiting {
    const char *field;  // a literal, or null
    Done done;
};

Result<std::string> text_in(const GstStructure *reply, const char *field)
{
    if (reply && gst_structure_has_field(reply, "error")) {
        GError *raw = nullptr;
        gst_structure_get(reply, "error", G_TYPE_ERROR, &raw, nullptr);
        const auto error = glib::adopt(raw);
        return Error{error ? error->message : "unknown error"};
    }
    if (!field)
        return std::string();
    GstWebRTCSessionDescription *raw = nullptr;
    if (reply)
        gst_structure_get(reply, field, GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &raw, nullptr);
    const auto description = glib::adopt(raw);
    if (!description)
        return Error{std::string("webrtcbin made no ") + field};
    const auto text = glib::adopt(gst_sdp_message_as_text(description->sdp));
    return std::string(text.get());
}

void on_change(GstPromise *raw, gpointer data) noexcept
{
    const auto promise = glib::adopt(raw);
    auto *waiting = static_cast<Waiting *>(data);
    Result<std::string> result = gst_promise_wait(raw) == GST_PROMISE_RESULT_REPLIED
                                     ? text_in(gst_promise_get_reply(raw), waiting->field)
                                     : Result<std::string>(Error{"webrtcbin was closed"});
    glib::post([done = std::move(waiting->done), result = std::move(result)] { done(result); });
}

}  // namespace

GstPromise *promise_of(const char *field, Done done)
{
    return gst_promise_new_with_change_func(
        on_change, new Waiting{field, std::move(done)},
        [](gpointer data) { delete static_cast<Waiting *>(data); });
}

Result<glib::Ptr<GstWebRTCSessionDescription>> to_gst(const Sdp &sdp)
{
    GstSDPMessage *raw = nullptr;
    if (gst_sdp_message_new_from_text(sdp.sdp.c_str(), &raw) != GST_SDP_OK) {
        const auto discard = glib::adopt(raw);
        return Error{"GStreamer cannot parse the SDP"};
    }
    const auto type =
        sdp.type == Sdp::Type::Offer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER;
    return glib::adopt(gst_webrtc_session_description_new(type, raw));
}

}  // namespace callagent::media
