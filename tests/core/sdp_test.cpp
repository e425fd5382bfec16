#include "core/sdp.h"

#include "core/sdp_texts.h"

namespace callagent::sdp {
namespace {

// The error of text that has to be refused.
std::string refusal(const std::string &text)
{
    const auto description = parse(text);
    EXPECT_FALSE(description) << text.substr(0, 2000);
    return description ? "" : description.error();
}

bool contains(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST(SdpTest, WhatOneSideSendsTheOtherReceives)
{
    EXPECT_EQ(reversed(Direction::SendOnly), Direction::RecvOnly);
    EXPECT_EQ(reversed(Direction::SendRecv), Direction::SendRecv);
    EXPECT_EQ(reversed(Direction::Inactive), Direction::Inactive);
    EXPECT_EQ(make_direction(false, true), Direction::RecvOnly);
}

TEST(SdpTest, ReadsChromiumsOffer)
{
    const auto offer = parse(fixture("chromium-offer.sdp"));
    ASSERT_TRUE(offer) << offer.error();
    ASSERT_EQ(offer->media.size(), 3u);
    EXPECT_EQ(offer->bundle, (std::vector<std::string>{"0", "1", "2"}));

    const auto &video = offer->media[1];
    EXPECT_EQ(offer->find(Medium::Video), &video);
    EXPECT_EQ(video.kind, "video");
    EXPECT_EQ(video.mid, "1");
    EXPECT_EQ(video.protocol, "UDP/TLS/RTP/SAVPF");
    EXPECT_EQ(video.direction, Direction::SendRecv);
    EXPECT_EQ(video.setup, "actpass");
    EXPECT_EQ(video.ice_ufrag, "abcd");
    EXPECT_EQ(video.ice_pwd, "abcdefghijklmnopqrstuvwx");
    EXPECT_TRUE(video.rtcp_mux);
    ASSERT_EQ(video.fingerprints.size(), 1u);
    EXPECT_EQ(video.fingerprints[0].hash, "sha-256");
    EXPECT_TRUE(video.fingerprints[0].value.starts_with("0B:30:55:"));
    ASSERT_EQ(video.codecs.size(), 23u);
    EXPECT_EQ(video.codecs[0].payload_type, 96);
    EXPECT_EQ(video.codecs[0].encoding, "VP8");
    EXPECT_EQ(video.codecs[0].clock_rate, 90000);
    EXPECT_EQ(video.codecs[0].feedback.back(), "nack pli");
    EXPECT_EQ(video.codecs[2].fmtp,
              "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f");
    EXPECT_EQ(offer->media[0].codecs[0].channels, 2);
    EXPECT_EQ(offer->media[0].extensions[2].id, 3);
    EXPECT_EQ(offer->media[2].kind, "application");
}

TEST(SdpTest, ReadsFirefoxsOfferWhoseFingerprintIsTheSessions)
{
    const auto offer = parse(fixture("firefox-offer.sdp"));
    ASSERT_TRUE(offer) << offer.error();
    ASSERT_EQ(offer->media.size(), 3u);
    for (const auto &media : offer->media) {
        ASSERT_EQ(media.fingerprints.size(), 1u);
        EXPECT_TRUE(media.fingerprints[0].value.starts_with("0B:30:55:"));
    }
    EXPECT_EQ(offer->media[0].extensions[1].id, 2);  // written "2/recvonly"
}

TEST(SdpTest, PortZeroIsNoRejectionWhereTheMLineIsInTheBundleOnly)
{
    const auto offer = parse(fixture("webrtcbin-offer.sdp"));
    ASSERT_TRUE(offer) << offer.error();
    ASSERT_NE(offer->find(Medium::Video), nullptr);
    EXPECT_EQ(offer->find(Medium::Video)->port, 0);

    const auto alone =
        parse(with(fixture("webrtcbin-offer.sdp"), "BUNDLE audio0 video1", "BUNDLE audio0"));
    ASSERT_TRUE(alone) << alone.error();
    EXPECT_EQ(alone->find(Medium::Video), nullptr);
}

TEST(SdpTest, BundledMLinesTakeTheTransportOfTheFirst)
{
    auto text = fixture("webrtcbin-offer.sdp");
    const auto video = text.find("m=video");
    auto second = text.substr(video);
    second = without(
        without(without(without(second, "a=setup:actpass"), "a=fingerprint:" + kFingerprint),
                "a=ice-ufrag:abcdefghabcdefghabcdefghabcdefgh"),
        "a=ice-pwd:abcdefghijklmnopqrstuvwxabcdefgh");
    const auto offer = parse(text.substr(0, video) + second);
    ASSERT_TRUE(offer) << offer.error();
    EXPECT_EQ(offer->media[1].ice_ufrag, "abcdefghabcdefghabcdefghabcdefgh");
    EXPECT_EQ(offer->media[1].setup, "actpass");
    EXPECT_EQ(offer->media[1].fingerprints, offer->media[0].fingerprints);
}

TEST(SdpTest, ToleratesWhatDoesNoHarm)
{
    EXPECT_TRUE(parse(kSmall));
    EXPECT_TRUE(parse(with(kSmall, "\n", "\r\n") + "\r\n"));
    EXPECT_TRUE(parse(with(kSmall, "t=0 0", "t=0 0\nb=AS:500\nz=whatever\na=unknown:thing")));
    EXPECT_TRUE(parse(with(kSmall, "m=video 9", "m=video 9/2")));
    EXPECT_TRUE(parse(kSmall + "a=rtpmap:99 nobody/1\n"));  // a type the m-line does not have
    EXPECT_TRUE(parse(kSmall + "m=text 0 RTP/AVP\n"));
    EXPECT_TRUE(
        parse(kSmall + "m=audio 0 UDP/TLS/RTP/SAVPF\n"));  // rejected: nothing is asked of it

    const auto no_mux = parse(without(kSmall, "a=rtcp-mux"));
    ASSERT_TRUE(no_mux);
    EXPECT_FALSE(no_mux->media[0].rtcp_mux);
    EXPECT_TRUE(no_mux->bundle.empty());
}

TEST(SdpTest, MakesUpTheMidsThatAreMissing)
{
    const auto one = kSmall.substr(kSmall.find("m="));
    const auto first_unnamed = parse(without(kSmall, "a=mid:v") + with(one, "a=mid:v", "a=mid:0"));
    ASSERT_TRUE(first_unnamed) << first_unnamed.error();
    EXPECT_EQ(first_unnamed->media[0].mid, "0_");
    EXPECT_EQ(first_unnamed->media[1].mid, "0");
}

TEST(SdpTest, StaticPayloadTypesNeedNoRtpmap)
{
    const auto offer = parse(
        with(kSmall, "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "m=audio 9 UDP/TLS/RTP/SAVPF 0 8 120"));
    ASSERT_TRUE(offer) << offer.error();
    EXPECT_EQ(offer->media[0].codecs[0].encoding, "PCMU");
    EXPECT_EQ(offer->media[0].codecs[0].clock_rate, 8000);
    EXPECT_EQ(offer->media[0].codecs[1].encoding, "PCMA");
    EXPECT_EQ(offer->media[0].codecs[2].encoding, "");
}

TEST(SdpTest, TheDirectionMayStandAboveTheMLines)
{
    const auto above = with(without(kSmall, "a=sendrecv"), "t=0 0", "t=0 0\na=sendonly");
    EXPECT_EQ(parse(above)->media[0].direction, Direction::SendOnly);
    EXPECT_EQ(parse(above + "a=inactive\n")->media[0].direction, Direction::Inactive);
    EXPECT_EQ(parse(without(kSmall, "a=sendrecv"))->media[0].direction, Direction::SendRecv);
}

TEST(SdpTest, SaysWhatIsMissing)
{
    const struct {
        std::string line, named;
    } cases[] = {{"a=setup:actpass", "a=setup"},
                 {"a=ice-ufrag:abcd", "a=ice-ufrag"},
                 {"a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=ice-pwd"},
                 {"a=fingerprint:" + kFingerprint, "a=fingerprint"}};
    for (const auto &one : cases) {
        const auto error = refusal(without(kSmall, one.line));
        EXPECT_TRUE(contains(error, "no " + one.named)) << error;
        EXPECT_TRUE(contains(error, "video")) << error;
    }
}

TEST(SdpTest, RefusesWithASentence)
{
    const auto fingerprint = "a=fingerprint:" + kFingerprint;
    const auto m_line = std::string("m=video 9 UDP/TLS/RTP/SAVPF 96 97");
    const struct {
        const char *what;
        std::string text, sentence;
    } cases[] = {
        {"nothing", "", "empty"},
        {"only line ends", "\r\n\n", "empty"},
        {"no v=", kSmall.substr(4), "line 1: a description begins with v=0"},
        {"another version", with(kSmall, "v=0", "v=1"), "begins with v=0"},
        {"no m-line", "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\n", "no m-line"},
        {"no SDP", "<html>", "'<html>' is not of the form x="},
        {"junk", std::string("v=0\n\x01\x02\xff\x00", 8), "control characters"},
        {"NUL", with(kSmall, "s=-", std::string_view("s=\0", 3)), "line 3: not text"},
        {"Latin-1", with(kSmall, "s=-", "s=\xe4"), "line 3: not UTF-8"},
        {"upper case", with(kSmall, "s=-", "S=-"), "line 3"},
        {"port", with(kSmall, "video 9", "video 65536"), "line 5"},
        {"negative port", with(kSmall, "video 9", "video -1"), "line 5"},
        {"huge port", with(kSmall, "video 9", "video 99999999999999999999999"), "line 5"},
        {"m=", with(kSmall, m_line, "m="), "line 5"},
        {"no protocol", with(kSmall, m_line, "m=video 9"), "line 5"},
        {"not RTP", with(kSmall, "UDP/TLS/RTP/SAVPF", "udp"), "not RTP"},
        {"no payload type", with(kSmall, "SAVPF 96 97", "SAVPF"), "no payload type"},
        {"payload type 128", with(kSmall, "96 97", "96 128"), "'128' is not 0-127"},
        {"payload type -1", with(kSmall, "96 97", "96 -1"), "'-1' is not 0-127"},
        {"payload type x", with(kSmall, "96 97", "96 97x"), "'97x' is not 0-127"},
        {"same payload type twice", with(kSmall, "96 97", "96 96"), "stands there twice"},
        {"two codecs in one", kSmall + "a=rtpmap:96 VP9/90000\n", "96 is both VP8 and VP9"},
        {"rtpmap without rate", with(kSmall, "VP8/90000", "VP8"), "a=rtpmap"},
        {"rate 0", with(kSmall, "VP8/90000", "VP8/0"), "a=rtpmap"},
        {"huge rate", with(kSmall, "VP8/90000", "VP8/4294967297"), "a=rtpmap"},
        {"negative rate", with(kSmall, "VP8/90000", "VP8/-90000"), "a=rtpmap"},
        {"channels", with(kSmall, "VP8/90000", "VP8/90000/0"), "a=rtpmap"},
        {"rtpmap 300", kSmall + "a=rtpmap:300 VP8/90000\n", "'300' is not 0-127"},
        {"fmtp x", kSmall + "a=fmtp:x apt=1\n", "'x' is not 0-127"},
        {"extmap", kSmall + "a=extmap:0 urn:x\n", "a=extmap"},
        {"extmap without uri", kSmall + "a=extmap:1\n", "a=extmap"},
        {"two directions", kSmall + "a=recvonly\n", "second direction (recvonly after sendrecv)"},
        {"setup", with(kSmall, "setup:actpass", "setup:"), "not ''"},
        {"setup", with(kSmall, "setup:actpass", "setup:holdconn"), "'holdconn'"},
        {"fingerprint", with(kSmall, fingerprint, "a=fingerprint:"), "a=fingerprint"},
        {"short fingerprint", with(kSmall, ":61:86", ""), "30 bytes is not one of 'sha-256'"},
        {"odd fingerprint", with(kSmall, ":61:86", ":61:8"), "'sha-256'"},
        {"hex", with(kSmall, ":61:86", ":61:8g"), "hex digits"},
        {"sha-1", with(kSmall, fingerprint, "a=fingerprint:sha-1 00:01"), "'sha-1' only"},
        {"short ufrag", with(kSmall, "ufrag:abcd", "ufrag:abc"), "a=ice-ufrag has to have 4"},
        {"short pwd", with(kSmall, "pwd:abcd", "pwd:"), "pwd"},
        {"long pwd", with(kSmall, "pwd:", "pwd:" + std::string(300, 'x')), "a=ice-pwd"},
        {"mid", with(kSmall, "a=mid:v", "a=mid:"), "a=mid"},
        {"mid", with(kSmall, "a=mid:v", "a=mid:a b"), "a=mid"},
        {"two mids of one", kSmall + "a=mid:w\n", "a second a=mid"},
        {"same mid twice", kSmall + kSmall.substr(kSmall.find("m=")), "two m-lines"},
        {"bundle", with(kSmall, "t=0 0", "t=0 0\na=group:BUNDLE v w"), "'w'"},
    };
    for (const auto &one : cases) {
        const auto error = refusal(one.text);
        EXPECT_TRUE(contains(error, one.sentence)) << one.what << ": " << error;
        EXPECT_LT(error.size(), 200u) << one.what;
    }
}

TEST(SdpTest, OnePayloadTypeCannotBeTwoThingsInABundle)
{
    const auto text = fixture("webrtcbin-offer.sdp");
    const auto clash = with(with(text, "SAVPF 97", "SAVPF 96"), ":97 ", ":96 ");
    EXPECT_TRUE(contains(refusal(clash), "96 is both OPUS and VP8"));
    EXPECT_TRUE(parse(without(clash, "a=group:BUNDLE audio0 video1")));
}

TEST(SdpTest, AnAcceptedMLineOutsideTheBundleIsRefused)
{
    const auto text = fixture("chromium-offer.sdp");
    EXPECT_TRUE(contains(refusal(with(text, "BUNDLE 0 1 2", "BUNDLE 1 2")),
                         "the audio m-line (mid 0) is not in the BUNDLE group"));
    EXPECT_TRUE(contains(refusal(with(text, "BUNDLE 0 1 2", "BUNDLE 0 1")), "(mid 2) is not in"));
    EXPECT_TRUE(parse(with(text, "BUNDLE 0 1 2", "BUNDLE 2 1 0")));
    EXPECT_TRUE(parse(without(text, "a=group:BUNDLE 0 1 2")));  // each by itself

    auto rejected = with(text, "BUNDLE 0 1 2", "BUNDLE 0 1");
    const auto port = rejected.find("m=application ") + std::string("m=application ").size();
    EXPECT_TRUE(parse(rejected.replace(port, rejected.find(' ', port) - port, "0")));
}

TEST(SdpTest, HostileSizesAreRefusedAtOnce)
{
    EXPECT_TRUE(contains(refusal(kSmall + std::string(10 << 20, 'a')), "bytes"));

    std::string many = "v=0\n";
    for (int i = 0; i < 1000; ++i)
        many += "m=audio 0 RTP/AVP 0\n";
    EXPECT_TRUE(contains(refusal(many), "more than 32 m-lines"));

    std::string lines = kSmall;
    for (int i = 0; i < 5000; ++i)
        lines += "a=x\n";
    EXPECT_TRUE(contains(refusal(lines), "lines"));
}

}  // namespace callagent::sdp
