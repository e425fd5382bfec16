#include "core/sdp.h"
#include "core/sdp_texts.h"

namespace callagent::sdp {
namespace {

int count(const std::string &text, std::string_view part)
{
    int found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

}  // namespace

TEST(SdpEditTest, NormalizedCopiesFirefoxsFingerprintIntoEachMLine)
{
    const auto text = normalized(fixture("firefox-offer.sdp"));
    EXPECT_EQ(count(text, "a=fingerprint:" + kFingerprint + "\r\n"), 3);
    EXPECT_LT(text.find("m=audio"), text.find("a=fingerprint:"));
    EXPECT_EQ(count(text, "\n"), count(text, "\r\n"));
}

TEST(SdpEditTest, NormalizedSaysTheSame)
{
    for (const char *name : {"chromium-offer.sdp", "firefox-offer.sdp", "webrtcbin-offer.sdp"}) {
        const auto before = parse(fixture(name));
        const auto after = parse(normalized(fixture(name)));
        ASSERT_TRUE(after) << name << ": " << after.error();
        ASSERT_EQ(after->media.size(), before->media.size());
        EXPECT_EQ(after->bundle, before->bundle);
        for (std::size_t i = 0; i < after->media.size(); ++i) {
            EXPECT_EQ(after->media[i].mid, before->media[i].mid);
            EXPECT_EQ(after->media[i].codecs.size(), before->media[i].codecs.size());
            EXPECT_EQ(after->media[i].direction, before->media[i].direction);
            EXPECT_EQ(after->media[i].fingerprints, before->media[i].fingerprints);
        }
        EXPECT_EQ(normalized(normalized(fixture(name))), normalized(fixture(name)));
    }
}

TEST(SdpEditTest, NormalizedMovesTheSessionsAttributesDown)
{
    const auto bare = without(
        without(without(without(kSmall, "a=setup:actpass"), "a=ice-ufrag:abcd"), "a=sendrecv"),
        "a=ice-pwd:abcdefghijklmnopqrstuvwx");
    const auto text = normalized(with(bare, "t=0 0",
                                      "t=0 0\nk=prompt\na=setup:active\na=ice-ufrag:wxyz\n"
                                      "a=ice-pwd:zyxwvutsrqponmlkjihgfedc\na=recvonly\n"
                                      "a=group:LS v"));
    const auto session = text.substr(0, text.find("m="));
    EXPECT_EQ(session, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    const auto media = text.substr(text.find("m="));
    for (const char *line : {"a=setup:active\r\n", "a=ice-ufrag:wxyz\r\n",
                             "a=ice-pwd:zyxwvutsrqponmlkjihgfedc\r\n", "a=recvonly\r\n"})
        EXPECT_EQ(count(media, line), 1) << line;
}

TEST(SdpEditTest, NormalizedNamesMLinesAndGivesBundledOnesAPort)
{
    EXPECT_EQ(count(normalized(without(kSmall, "a=mid:v")), "a=mid:0\r\n"), 1);
    const auto text = normalized(fixture("webrtcbin-offer.sdp"));
    EXPECT_EQ(count(text, "m=video 9 UDP/TLS/RTP/SAVPF 96 98\r\n"), 1);
    EXPECT_EQ(count(text, "bundle-only"), 0);
}

TEST(SdpEditTest, NormalizedGivesRejectedMLinesWhatWebrtcbinAsksFor)
{
    const auto text = normalized(kSmall + "m=audio 0 UDP/TLS/RTP/SAVPF 0\na=mid:a\n");
    EXPECT_EQ(count(text, "a=ice-ufrag:abcd\r\n"), 2);
    EXPECT_EQ(count(text, "a=setup:actpass\r\n"), 2);
    EXPECT_EQ(count(text, "m=audio 0 "), 1);
}

TEST(SdpEditTest, NormalizedCompletesHalfOfARejectedMLinesCredentials)
{
    for (const char *half : {"a=ice-ufrag:wxyz\n", "a=ice-pwd:zyxwvutsrqponmlkjihgfedc\n"}) {
        const auto text = normalized(kSmall + "m=audio 0 UDP/TLS/RTP/SAVPF 0\na=mid:a\n" + half);
        EXPECT_EQ(count(text, "a=ice-ufrag:"), 2) << half;
        EXPECT_EQ(count(text, "a=ice-pwd:"), 2) << half;
    }
}

TEST(SdpEditTest, NormalizedDropsCandidatesThatAreNone)
{
    const auto good = std::string("a=candidate:1 1 UDP 2113937151 192.0.2.1 40000 typ host");
    const auto text = normalized(kSmall + good + "\na=candidate:\na=candidate:garbage\n");
    EXPECT_EQ(count(text, "a=candidate"), 1);
    EXPECT_EQ(count(text, good + "\r\n"), 1);
}

TEST(SdpEditTest, RestrictedLeavesOneCodecWithItsRtx)
{
    const auto text = fixture("chromium-offer.sdp");
    const auto offer = parse(text);
    const auto video = choose_video(*offer, {VideoCodec::H264});
    const auto audio = choose_audio(*offer);
    ASSERT_TRUE(video && audio);

    const auto result = restricted(text, *audio, *video);
    const auto left = parse(result);
    ASSERT_TRUE(left) << left.error();
    ASSERT_EQ(left->media[0].codecs.size(), 1u);
    EXPECT_EQ(left->media[0].codecs[0].payload_type, 111);
    EXPECT_EQ(left->media[0].codecs[0].fmtp, "minptime=10;useinbandfec=1");
    ASSERT_EQ(left->media[1].codecs.size(), 2u);
    EXPECT_EQ(left->media[1].codecs[0].payload_type, 108);
    EXPECT_EQ(left->media[1].codecs[0].feedback.size(), 5u);
    EXPECT_EQ(left->media[1].codecs[1].payload_type, 109);
    EXPECT_EQ(left->media[1].codecs[1].fmtp, "apt=108");
    EXPECT_EQ(left->media[1].extensions.size(), offer->media[1].extensions.size());
    EXPECT_EQ(count(result, "a=rtpmap:"), 3);
    EXPECT_EQ(count(result, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"), 1);
}

TEST(SdpEditTest, RestrictedKeepsWhatIsForAllPayloadTypes)
{
    const auto text = kSmall + "a=rtcp-fb:* nack\n";
    const auto video = choose_video(*parse(text), {VideoCodec::Vp8});
    ASSERT_TRUE(video);
    EXPECT_EQ(count(restricted(text, {}, *video), "a=rtcp-fb:* nack\r\n"), 1);
    EXPECT_EQ(count(restricted(text, {}, {}), "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"), 1);
}

TEST(SdpEditTest, AFingerprintTakesThePlaceOfEachThatIsThere)
{
    const auto text = kSmall + "a=fingerprint:sha-256 AA:AA\r\n";
    const auto result = with_fingerprint(text, {"sha-256", "CC:DD"});
    EXPECT_EQ(count(result, "a=fingerprint:sha-256 CC:DD\r\n"), count(text, "a=fingerprint:"));
    EXPECT_EQ(count(result, "a=fingerprint:"), count(text, "a=fingerprint:"));
    EXPECT_EQ(count(result, "m=video"), 1);
}

}  // namespace callagent::sdp
