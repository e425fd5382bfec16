// Whatever comes in, nothing crashes, and what parse() accepts stays acceptable after our edits.
// The seeds are fixed: a failure repeats.
#include <random>

#include "core/sdp.h"
#include "core/sdp_mutator.h"
#include "core/sdp_texts.h"

namespace callagent::sdp {
namespace {

void exercise(const std::string &text)
{
    const auto description = parse(text);
    if (!description) {
        ASSERT_FALSE(description.error().empty());
        EXPECT_EQ(normalized(text), text);
        return;
    }
    for (const auto &media : description->media)
        ASSERT_FALSE(media.mid.empty());
    const auto clean = normalized(text);
    ASSERT_TRUE(parse(clean)) << parse(clean).error() << "\n" << clean;
    const auto video =
        choose_video(*description, {VideoCodec::H264, VideoCodec::Vp8, VideoCodec::Vp9});
    const auto audio = choose_audio(*description);
    const auto rest = restricted(clean, audio ? std::optional(*audio) : std::nullopt,
                                 video ? std::optional(*video) : std::nullopt);
    ASSERT_TRUE(parse(rest)) << parse(rest).error() << "\n" << rest;
    (void)check_answer(*description, *parse(rest)).has_value();
}

}  // namespace

TEST(SdpFuzzTest, MutatedOffersNeverCrash)
{
    for (const char *name : {"chromium-offer.sdp", "firefox-offer.sdp", "webrtcbin-offer.sdp"}) {
        const auto text = fixture(name);
        for (unsigned seed = 0; seed < 1500; ++seed) {
            SCOPED_TRACE(std::string(name) + ", seed " + std::to_string(seed));
            exercise(Mutator(seed).mutate(text));
            if (HasFatalFailure())
                return;
        }
    }
}

TEST(SdpFuzzTest, MutatedCandidatesNeverCrash)
{
    const std::string text =
        "candidate:842163049 1 udp 1677729535 192.0.2.7 46154 typ srflx raddr 10.0.0.17 rport "
        "46154";
    for (unsigned seed = 0; seed < 20000; ++seed) {
        const auto mutated = Mutator(seed).mutate(text);
        if (check_candidate({mutated, "0", 0}) && !mutated.empty()) {
            EXPECT_TRUE(candidate_parts(mutated)) << mutated;
        }
    }
}

TEST(SdpFuzzTest, NoiseNeverCrashes)
{
    std::mt19937 random(7);
    for (int i = 0; i < 2000; ++i) {
        std::string text = i % 2 ? "v=0\nm=" : "";
        for (auto size = random() % 300; size > 0; --size)
            text += static_cast<char>(random() % 256);
        exercise(text);
    }
}

}  // namespace callagent::sdp
