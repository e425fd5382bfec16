#include "media/transceivers.h"

#include <gst/webrtc/webrtc.h>

namespace callagent::media {
namespace {

constexpr char kTransportWideCc[] =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

struct OfferedCodec {
    VideoCodec codec;
    int payload_type;
    const char *parameters;  // fmtp, as caps
};

constexpr OfferedCodec kOffered[] = {
    {VideoCodec::Vp8, 96, ""},
    {VideoCodec::Vp9, 98, ",profile-id=(string)0"},
    {VideoCodec::H264, 108,
     ",packetization-mode=(string)1,profile-level-id=(string)42e01f,"
     "level-asymmetry-allowed=(string)1"},
};

std::string rtp_caps(const char *media, int clock_rate, const char *encoding, int payload_type,
                     std::uint32_t ssrc)
{
    return std::string("application/x-rtp,media=(string)") + media + ",clock-rate=(int)" +
           std::to_string(clock_rate) + ",encoding-name=(string)" + encoding + ",payload=(int)" +
           std::to_string(payload_type) + ",ssrc=(uint)" + std::to_string(ssrc);
}

// `id` 0: the peer does not have it.
std::string extension(int id)
{
    if (id == 0)
        return {};
    return ",extmap-" + std::to_string(id) + "=(string)\"" + kTransportWideCc + "\"";
}

glib::Ptr<GstCaps> parse(const std::string &text)
{
    return glib::adopt(gst_caps_from_string(text.c_str()));
}

GstWebRTCRTPTransceiverDirection to_gst(sdp::Direction direction)
{
    switch (direction) {
        case sdp::Direction::Inactive:
            return GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_INACTIVE;
        case sdp::Direction::SendOnly:
            return GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY;
        case sdp::Direction::RecvOnly:
            return GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY;
        case sdp::Direction::SendRecv:
            return GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDRECV;
    }
    return GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_INACTIVE;
}

}  // namespace

glib::Ptr<GstCaps> offered_video(const std::vector<VideoCodec> &codecs, std::uint32_t ssrc)
{
    std::string text;
    for (const VideoCodec codec : codecs)
        for (const auto &offered : kOffered)
            if (offered.codec == codec)
                text += (text.empty() ? "" : ";") +
                        rtp_caps("video", 90000, name(codec), offered.payload_type, ssrc) +
                        offered.parameters + ",rtcp-fb-transport-cc=(boolean)true" +
                        extension(kTwccId);
    return parse(text);
}

glib::Ptr<GstCaps> offered_audio(std::uint32_t ssrc)
{
    return parse(rtp_caps("audio", 48000, "OPUS", 111, ssrc) +
                 ",encoding-params=(string)2,minptime=(string)10,useinbandfec=(string)1,"
                 "stereo=(string)1,"  // what we want to get; RFC 7587, 6.1
                 "rtcp-fb-transport-cc=(boolean)true" +
                 extension(kTwccId));
}

glib::Ptr<GstCaps> answered(const sdp::VideoChoice &choice, std::uint32_t ssrc)
{
    return parse(rtp_caps("video", 90000, name(choice.codec), choice.payload_type, ssrc) +
                 extension(choice.twcc_id));
}

glib::Ptr<GstCaps> answered(const sdp::AudioChoice &choice, std::uint32_t ssrc)
{
    return parse(rtp_caps("audio", 48000, "OPUS", choice.payload_type, ssrc) +
                 extension(choice.twcc_id));
}

void add_transceiver(GstElement *webrtc, Medium medium, sdp::Direction direction,
                     const GstCaps *caps)
{
    GstWebRTCRTPTransceiver *transceiver = nullptr;
    g_signal_emit_by_name(webrtc, "add-transceiver", to_gst(direction), caps, &transceiver);
    if (!transceiver)
        return;
    g_object_set(transceiver, "do-nack", static_cast<gboolean>(medium == Medium::Video), nullptr);
    gst_object_unref(transceiver);
}

int mline_of(GstPad *pad)
{
    GstWebRTCRTPTransceiver *transceiver = nullptr;
    g_object_get(pad, "transceiver", &transceiver, nullptr);
    if (!transceiver)
        return -1;
    guint mline = 0;
    g_object_get(transceiver, "mlineindex", &mline, nullptr);
    gst_object_unref(transceiver);
    return static_cast<int>(mline);
}

glib::Ptr<GstPad> sending_pad(GstElement *webrtc, int mline)
{
    // webrtcbin adds these pads by itself when the descriptions are set.
    glib::Ptr<GstPad> found;
    GST_OBJECT_LOCK(webrtc);
    for (GList *item = webrtc->sinkpads; item; item = item->next)
        if (auto *pad = GST_PAD(item->data); mline_of(pad) == mline)
            found = glib::retain(pad);
    GST_OBJECT_UNLOCK(webrtc);
    return found;
}

}  // namespace callagent::media
