#include "core/sdp.h"
#include "core/sdp_texts.h"

namespace callagent::sdp {
namespace {

VideoChoice chosen(const std::string &text)
{
    const auto description = parse(text);
    EXPECT_TRUE(description) << description.error();
    const auto choice = choose_video(*description, {VideoCodec::Vp8});
    EXPECT_TRUE(choice) << choice.error();
    return *choice;
}

}  // namespace

TEST(SdpRepairTest, AnOfferWithRtxGetsRedAndUlpfec)
{
    const auto offer = with_fec(kSmall);
    EXPECT_NE(offer.find("m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100\r\n"), std::string::npos)
        << offer;
    EXPECT_NE(offer.find("a=rtpmap:98 red/90000\r\na=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\n"
                         "a=rtpmap:100 ulpfec/90000\r\n"),
              std::string::npos)
        << offer;
    EXPECT_EQ(chosen(offer).fec, (FecTypes{98, 99, 100}));
    EXPECT_EQ(chosen(offer).rtx_payload_type, 97);
}

TEST(SdpRepairTest, WithoutRtxThereIsNoFec)
{
    const auto bare = without(without(with(kSmall, " 96 97", " 96"), "a=rtpmap:97 rtx/90000"),
                              "a=fmtp:97 apt=96");
    EXPECT_EQ(with_fec(bare).find("red/90000"), std::string::npos);
    EXPECT_FALSE(chosen(with(bare, "a=rtpmap:96 VP8/90000",
                             "a=rtpmap:96 VP8/90000\na=rtpmap:98 red/90000\n"
                             "a=rtpmap:99 ulpfec/90000"))
                     .fec);
}

TEST(SdpRepairTest, AnAnswerHasWhatWasOffered)
{
    const auto offer = with_fec(with(kSmall, "97", "107"));
    const auto choice = chosen(offer);
    // As webrtcbin writes it, which was not told.
    const auto ours =
        with(restricted(offer, std::nullopt, choice), "a=setup:actpass", "a=setup:active");
    EXPECT_FALSE(chosen(ours).fec);
    const auto answer = with_fec(ours, choice);
    EXPECT_EQ(chosen(answer).fec, choice.fec);
    const auto fits = check_answer(*parse(offer), *parse(answer));
    EXPECT_TRUE(fits) << fits.error();
}

TEST(SdpRepairTest, WhatAPeerDoesNotOfferItDoesNotGet)
{
    const auto choice = chosen(kSmall);
    EXPECT_FALSE(choice.fec);
    EXPECT_EQ(with_fec(kSmall, choice), kSmall);
}

// Who offers both, and sends nothing of them again.
TEST(SdpRepairTest, RedWithoutRtxOfItsOwn)
{
    auto offer = with_fec(kSmall);
    offer = with(offer, "a=fmtp:99 apt=98\r\n", "");
    EXPECT_EQ(chosen(offer).fec, (FecTypes{98, -1, 100}));
    EXPECT_EQ(chosen(with_fec(with(kSmall, "a=sendrecv", "a=recvonly"), chosen(offer))).fec,
              (FecTypes{98, -1, 100}));
}

}  // namespace callagent::sdp
