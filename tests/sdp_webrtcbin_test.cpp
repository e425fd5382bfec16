// What core/sdp lets through, the real webrtcbin takes: it neither aborts nor complains, whatever
// happened to the offer on its way. The seeds are fixed.
#include <memory>

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <gtest/gtest.h>

#include "core/sdp.h"
#include "core/sdp_mutator.h"
#include "core/sdp_texts.h"

namespace callagent::sdp {
namespace {

struct Forget {
    void operator()(GstElement *pipeline) const
    {
        gst_element_set_state(pipeline, GST_STATE_NULL);
        gst_object_unref(pipeline);
    }
    void operator()(GstPromise *promise) const { gst_promise_unref(promise); }
    void operator()(GstWebRTCSessionDescription *one) const
    {
        gst_webrtc_session_description_free(one);
    }
};

// The error that webrtcbin answers the signal with; empty: none.
std::string error_of(GstElement *webrtc, const char *signal, GstWebRTCSessionDescription *argument)
{
    const std::unique_ptr<GstPromise, Forget> promise(gst_promise_new());
    g_signal_emit_by_name(webrtc, signal, argument, promise.get());
    gst_promise_wait(promise.get());
    const auto *reply = gst_promise_get_reply(promise.get());
    if (!reply || !gst_structure_has_field(reply, "error"))
        return {};
    GError *error = nullptr;
    gst_structure_get(reply, "error", G_TYPE_ERROR, &error, nullptr);
    std::string message = error->message;
    g_error_free(error);
    return message;
}

// Through a fresh webrtcbin: as a remote offer, then an answer to it.
std::string offered(const std::string &text)
{
    GstSDPMessage *message = nullptr;
    gst_sdp_message_new_from_text(text.c_str(), &message);
    const std::unique_ptr<GstWebRTCSessionDescription, Forget> offer(
        gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, message));
    const std::unique_ptr<GstElement, Forget> pipeline(gst_pipeline_new(nullptr));
    auto *webrtc = gst_element_factory_make("webrtcbin", nullptr);
    gst_util_set_object_arg(G_OBJECT(webrtc), "bundle-policy", "max-bundle");
    gst_bin_add(GST_BIN(pipeline.get()), webrtc);
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    auto error = error_of(webrtc, "set-remote-description", offer.get());
    return error.empty() ? error_of(webrtc, "create-answer", nullptr) : error;
}

// The peer contradicts itself: what only webrtcbin refuses, with a sentence of its own.
bool is_contradiction(const std::string &error)
{
    return error.find("values in bundle") != std::string::npos ||
           error.find("differs from") != std::string::npos;
}

std::string prepared(const std::string &text, const Description &description)
{
    const auto video = choose_video(description, {VideoCodec::H264, VideoCodec::Vp8});
    const auto audio = choose_audio(description);
    return restricted(normalized(text), audio ? std::optional(*audio) : std::nullopt,
                      video ? std::optional(*video) : std::nullopt);
}

}  // namespace

class SdpWebrtcbinTest : public ::testing::TestWithParam<const char *> {};

TEST_P(SdpWebrtcbinTest, TakesWhatWeLetThrough)
{
    gst_init(nullptr, nullptr);
    g_log_set_always_fatal(static_cast<GLogLevelFlags>(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING));
    const auto whole = fixture(GetParam());
    const auto whole_error = offered(prepared(whole, *parse(whole)));
    EXPECT_EQ(whole_error, "");
    int taken = 0;
    for (unsigned seed = 0; seed < 400; ++seed) {
        const auto text = Mutator(seed).mutate(whole);
        const auto description = parse(text);
        if (!description)
            continue;
        SCOPED_TRACE("seed " + std::to_string(seed));
        const auto error = offered(prepared(text, *description));
        EXPECT_TRUE(error.empty() || is_contradiction(error)) << error;
        ++taken;
    }
    EXPECT_GT(taken, 80);  // or the test tests nothing
}

INSTANTIATE_TEST_SUITE_P(Offers, SdpWebrtcbinTest,
                         ::testing::Values("chromium-offer.sdp", "firefox-offer.sdp",
                                           "webrtcbin-offer.sdp"),
                         [](const auto &offer) {
                             const std::string name = offer.param;
                             return name.substr(0, name.find('-'));
                         });

}  // namespace callagent::sdp
