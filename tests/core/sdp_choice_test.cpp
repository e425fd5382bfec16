#include "core/sdp.h"
#include "core/sdp_texts.h"

namespace callagent::sdp {
namespace {

Description description(const std::string &text)
{
    auto parsed = parse(text);
    EXPECT_TRUE(parsed) << parsed.error();
    return std::move(*parsed);
}

// An offer of H264 payload types 100, 101, … with these fmtps.
Description h264(const std::vector<std::string> &fmtps)
{
    std::string types, attributes;
    for (std::size_t i = 0; i < fmtps.size(); ++i) {
        const auto type = std::to_string(100 + i);
        types.append(" ").append(type);
        attributes.append("a=rtpmap:").append(type).append(" H264/90000\n");
        attributes.append("a=fmtp:").append(type).append(" ").append(fmtps[i]).append("\n");
    }
    return description(with(kSmall, " 96 97", types) + attributes);
}

int chosen_h264(const std::vector<std::string> &fmtps)
{
    const auto choice = choose_video(h264(fmtps), {VideoCodec::H264});
    return choice ? choice->payload_type - 100 : -1;
}

std::string mode1(const std::string &profile)
{
    return "packetization-mode=1;profile-level-id=" + profile;
}

}  // namespace

TEST(SdpChoiceTest, ChromiumsFirstPreferenceIsOurs)
{
    const auto offer = description(fixture("chromium-offer.sdp"));
    const auto vp8 = choose_video(offer, {VideoCodec::Vp8, VideoCodec::H264});
    ASSERT_TRUE(vp8) << vp8.error();
    EXPECT_EQ(vp8->mline, 1);
    EXPECT_EQ(vp8->mid, "1");
    EXPECT_EQ(vp8->payload_type, 96);
    EXPECT_EQ(vp8->rtx_payload_type, 97);
    EXPECT_EQ(vp8->twcc_id, 3);
    EXPECT_EQ(vp8->fec, (FecTypes{118, 119, 120}));

    const auto vp9 = choose_video(offer, {VideoCodec::Vp9});
    ASSERT_TRUE(vp9) << vp9.error();
    EXPECT_EQ(vp9->payload_type, 98);  // 100 is profile 2
    EXPECT_EQ(vp9->codec, VideoCodec::Vp9);

    const auto h264 = choose_video(offer, {VideoCodec::H264});
    ASSERT_TRUE(h264) << h264.error();
    EXPECT_EQ(h264->payload_type, 108);  // neither 102 (baseline) nor 114 (mode 0)
    EXPECT_EQ(h264->rtx_payload_type, 109);
    EXPECT_FALSE(h264->fec);  // nothing in H264 tells a lost FEC packet from a lost picture
    EXPECT_EQ(h264->fmtp, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f");

    const auto audio = choose_audio(offer);
    ASSERT_TRUE(audio) << audio.error();
    EXPECT_EQ(audio->payload_type, 111);
    EXPECT_EQ(audio->mline, 0);
    EXPECT_FALSE(audio->stereo);
}

TEST(SdpChoiceTest, FirefoxHasOtherNumbersWantsStereoAndHasNoH264)
{
    const auto offer = description(fixture("firefox-offer.sdp"));
    const auto video = choose_video(offer, {VideoCodec::H264, VideoCodec::Vp8});
    ASSERT_TRUE(video) << video.error();
    EXPECT_EQ(video->payload_type, 120);
    EXPECT_EQ(video->rtx_payload_type, 124);
    EXPECT_EQ(video->twcc_id, 7);

    const auto audio = choose_audio(offer);
    ASSERT_TRUE(audio) << audio.error();
    EXPECT_EQ(audio->payload_type, 109);
    EXPECT_TRUE(audio->stereo);
}

TEST(SdpChoiceTest, WebrtcbinsOwnOffer)
{
    const auto offer = description(fixture("webrtcbin-offer.sdp"));
    const auto audio = choose_audio(offer);
    ASSERT_TRUE(audio) << audio.error();
    EXPECT_EQ(audio->payload_type, 97);
    EXPECT_EQ(audio->twcc_id, 0);
    const auto video = choose_video(offer, {VideoCodec::Vp8});
    ASSERT_TRUE(video) << video.error();
    EXPECT_EQ(video->rtx_payload_type, 98);
    EXPECT_EQ(video->mid, "video1");
}

TEST(SdpChoiceTest, H264ProfilesInTheOrderOfTheirUse)
{
    EXPECT_EQ(chosen_h264({mode1("42001f"), mode1("42C01F"), mode1("42E01F")}), 2);
    EXPECT_EQ(chosen_h264({mode1("42001f"), mode1("42c01f")}), 1);
    EXPECT_EQ(chosen_h264({mode1("42001f"), mode1("4de01f")}), 1);  // RFC 6184, table 5: the same
    EXPECT_EQ(chosen_h264({mode1("4de01f"), mode1("42c01f")}), 1);
    EXPECT_EQ(chosen_h264({mode1("42001f")}), 0);
    EXPECT_EQ(chosen_h264({"packetization-mode=1"}), 0);            // the default is 420010
    EXPECT_EQ(chosen_h264({mode1("42e00a"), mode1("42e034")}), 0);  // the peer's order
    EXPECT_EQ(chosen_h264({"profile-level-id=42e01f ; Packetization-Mode=1"}), 0);
}

TEST(SdpChoiceTest, H264ThatWeDoNotSend)
{
    EXPECT_EQ(chosen_h264({mode1("4d001f"), mode1("64001f"), mode1("640c1f")}), -1);
    EXPECT_EQ(chosen_h264({"packetization-mode=0;profile-level-id=42e01f"}), -1);
    EXPECT_EQ(chosen_h264({"profile-level-id=42e01f"}), -1);  // the default is mode 0
    EXPECT_EQ(chosen_h264({mode1("42e0"), mode1("zze01f"), mode1("")}), -1);
}

TEST(SdpChoiceTest, NothingInCommonNamesBothSides)
{
    const auto video = choose_video(description(fixture("firefox-offer.sdp")), {VideoCodec::H264});
    ASSERT_FALSE(video);
    EXPECT_EQ(video.error(),
              "no video codec in common: we can H264, the peer offers VP8, VP9 "
              "(max-fs=12288;max-fr=60), AV1, ulpfec, red");
    EXPECT_FALSE(choose_video(description(kSmall), {}));

    const auto audio = choose_audio(description(kSmall));
    ASSERT_FALSE(audio);
    EXPECT_NE(audio.error().find("no audio m-line"), std::string::npos);
    const auto pcm = choose_audio(description(
        with(kSmall, "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "m=audio 9 UDP/TLS/RTP/SAVPF 0 8 101")));
    ASSERT_FALSE(pcm);
    EXPECT_NE(pcm.error().find("the peer offers PCMU, PCMA, 101 (no rtpmap)"), std::string::npos)
        << pcm.error();
}

TEST(SdpChoiceTest, FmtpValues)
{
    EXPECT_EQ(fmtp_value("minptime=10; UseInbandFec = 1 ;x", "useinbandfec"), "1");
    EXPECT_EQ(fmtp_value("minptime=10;x", "x"), "");
    EXPECT_EQ(fmtp_value("minptime=10", "ptime"), std::nullopt);
    EXPECT_EQ(fmtp_value("", "x"), std::nullopt);
}

TEST(SdpChoiceTest, AcceptedFindsThePayloadTypeAsThatCodec)
{
    const auto answer = description(kSmall);
    ASSERT_NE(accepted(answer.media[0], "vp8", 96), nullptr);
    EXPECT_EQ(accepted(answer.media[0], "VP8")->payload_type, 96);
    EXPECT_EQ(accepted(answer.media[0], "VP8", 97), nullptr);
    EXPECT_EQ(accepted(answer.media[0], "VP9"), nullptr);
    EXPECT_EQ(accepted(description(with(kSmall, "video 9", "video 0")).media[0], "VP8"), nullptr);
}

class CheckAnswerTest : public ::testing::Test {
protected:
    static std::string error(const std::string &answer)
    {
        const auto status = check_answer(description(kSmall), description(answer));
        return status ? "" : status.error();
    }

    const std::string answer_ = with(kSmall, "setup:actpass", "setup:active");
};

TEST_F(CheckAnswerTest, AGoodOneIsGood)
{
    EXPECT_EQ(error(answer_), "");
    EXPECT_EQ(error(with(answer_, "setup:active", "setup:passive")), "");
    EXPECT_EQ(error(with(answer_, "VP8", "vp8")), "");
    EXPECT_EQ(error(with(answer_, "video 9", "video 0")), "");  // rejecting is an answer
}

TEST_F(CheckAnswerTest, WhatDoesNotFitIsNamed)
{
    EXPECT_EQ(error(answer_ + "m=audio 0 RTP/AVP 0\n"), "offered were 1 m-lines, answered 2");
    EXPECT_EQ(error(with(answer_, "m=video", "m=audio")),
              "m-line 0 (video): offered was video, answered 'audio'");
    EXPECT_EQ(error(with(answer_, "mid:v", "mid:w")),
              "m-line 0 (video): offered was mid 'v', answered 'w'");
    EXPECT_EQ(error(with(answer_, "VP8", "VP9")),
              "m-line 0 (video): no payload type in common: offered was payload type 96 VP8, "
              "answered 96 VP9");
}

TEST_F(CheckAnswerTest, AnotherPayloadTypeNamesBothSides)
{
    EXPECT_EQ(error(with(with(answer_, "96 97", "120 97"), ":96 VP8", ":120 VP8")),
              "m-line 0 (video): no payload type in common: offered was 96 VP8, 97 rtx, answered "
              "120 VP8, 97 rtx");
}

TEST_F(CheckAnswerTest, DtlsNeedsExactlyOneWhoBegins)
{
    EXPECT_NE(error(kSmall).find("answered a=setup:actpass"), std::string::npos);
    // To an offer that has decided already.
    const auto active = description(answer_);
    EXPECT_FALSE(check_answer(active, active));
    EXPECT_FALSE(check_answer(active, description(kSmall)));
    EXPECT_TRUE(check_answer(active, description(with(answer_, "setup:active", "setup:passive"))));
}

TEST_F(CheckAnswerTest, FewerMLinesAreAnAnswerThatDoesNotFit)
{
    const auto offer = description(fixture("chromium-offer.sdp"));
    const auto status = check_answer(offer, description(answer_));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error(), "offered were 3 m-lines, answered 1");
}

}  // namespace callagent::sdp
