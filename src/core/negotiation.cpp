#include "core/negotiation.h"

#include <algorithm>

namespace callagent {
namespace {

bool equal_name(const std::string &a, const char *b)
{
    const std::string other = b;
    return std::equal(a.begin(), a.end(), other.begin(), other.end(), [](char x, char y) {
        const auto lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        };
        return lower(x) == lower(y);
    });
}

// Ours, in the order in which the peer's m-line lists them.
std::vector<VideoCodec> in_order_of(const sdp::Media &media, const std::vector<VideoCodec> &ours)
{
    std::vector<VideoCodec> ordered;
    for (const auto &codec : media.codecs)
        for (const auto candidate : ours)
            if (equal_name(codec.encoding, name(candidate)) &&
                std::find(ordered.begin(), ordered.end(), candidate) == ordered.end())
                ordered.push_back(candidate);
    return ordered.empty() ? ours : ordered;
}

// Why the peer does not take this medium; empty where it does.
std::string refusal(const sdp::Media *media, Medium medium)
{
    const std::string what = name(medium);
    if (!media)
        return "the peer takes no " + what + " (there is no such m-line in its description)";
    if (!sdp::receives(media->direction))
        return "the peer does not take our " + what + " (its description says " +
               sdp::name(media->direction) + ")";
    return {};
}

struct Side {
    const sdp::Media *media = nullptr;
    sdp::Direction direction = sdp::Direction::Inactive;
};

Result<Side> side(const sdp::Description &peer, Medium medium, bool send, bool allow_one_way,
                  Plan &plan)
{
    Side side;
    side.media = peer.find(medium);
    if (const auto why = send ? refusal(side.media, medium) : std::string(); !why.empty()) {
        const std::string option = std::string("--") + name(medium) + " none";
        if (!allow_one_way)
            return Error{why + ": give " + option + ", or --allow-one-way to call all the same"};
        plan.not_taken.push_back(why);
    }
    if (side.media)
        side.direction = sdp::make_direction(send && sdp::receives(side.media->direction),
                                             sdp::sends(side.media->direction));
    return side;
}

}  // namespace

Result<Plan> plan(const sdp::Description &peer, Sdp::Type type, const Wanted &wanted)
{
    Plan plan;
    const auto audio = side(peer, Medium::Audio, wanted.send_audio, wanted.allow_one_way, plan);
    if (!audio)
        return Error{audio.error()};
    const auto video = side(peer, Medium::Video, wanted.send_video, wanted.allow_one_way, plan);
    if (!video)
        return Error{video.error()};

    if (audio->media && audio->direction != sdp::Direction::Inactive) {
        if (auto choice = sdp::choose_audio(peer)) {
            plan.audio = *choice;
            plan.audio_direction = audio->direction;
        } else if (!wanted.allow_one_way) {
            return Error{choice.error()};
        } else {
            plan.not_taken.push_back(choice.error());
        }
    }
    if (video->media && video->direction != sdp::Direction::Inactive) {
        const auto preference = type == Sdp::Type::Answer
                                    ? in_order_of(*video->media, wanted.video_codecs)
                                    : wanted.video_codecs;
        if (auto choice = sdp::choose_video(peer, preference)) {
            plan.video = *choice;
            plan.video_direction = video->direction;
        } else if (!wanted.allow_one_way) {
            return Error{choice.error()};
        } else {
            plan.not_taken.push_back(choice.error());
        }
    }
    if (!plan.audio && !plan.video)
        return Error{
            "there is nothing to send and nothing to receive: the peer's description and ours "
            "have no medium in common"};
    return plan;
}

Status carries(const sdp::Description &answer, const Plan &plan)
{
    for (const Medium medium : {Medium::Audio, Medium::Video}) {
        const auto planned = plan.direction(medium);
        if (planned == sdp::Direction::Inactive)
            continue;
        const auto *media = answer.find(medium);
        const auto actual = media ? media->direction : sdp::Direction::Inactive;
        if (actual != planned)
            return Error{
                std::string("our answer says ") + sdp::name(actual) + " for " + name(medium) +
                " where " + sdp::name(planned) +
                " was meant: webrtcbin found the peer's codec parameters not to match ours"};
    }
    return Done{};
}

}  // namespace callagent
