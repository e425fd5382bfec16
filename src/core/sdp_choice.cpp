#include <algorithm>

#include "core/quote.h"
#include "core/sdp.h"
#include "core/sdp_text.h"

namespace callagent::sdp {
namespace {

constexpr std::string_view kTransportWideCc =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

std::string_view trimmed(std::string_view text)
{
    const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
    const auto end = text.find_last_not_of(" \t");
    return text.substr(begin, end == std::string_view::npos ? 0 : end + 1 - begin);
}

// How well an H264 profile-level-id suits an encoder of constrained baseline: 0 best, nullopt not
// at all. RFC 6184, table 5: the bits of the second byte are constraint_set0 (0x80) and so on.
std::optional<int> h264_rank(const Codec &codec)
{
    if (fmtp_value(codec.fmtp, "packetization-mode").value_or("0") != "1")
        return std::nullopt;
    const auto id = lower(fmtp_value(codec.fmtp, "profile-level-id").value_or("420010"));
    if (id.size() != 6 || id.find_first_not_of("0123456789abcdef") != std::string::npos)
        return std::nullopt;
    const auto profile = id.substr(0, 2);
    const auto constraints = std::stoul(id.substr(2, 2), nullptr, 16);
    if (profile == "42")
        return constraints == 0xe0 ? 0 : (constraints & 0x40) != 0 ? 1 : 3;
    if ((profile == "4d" && (constraints & 0x80) != 0) ||
        (profile == "58" && (constraints & 0xc0) == 0xc0))
        return 2;
    return std::nullopt;
}

// 0 best, nullopt: not in a form that we can send and decode.
std::optional<int> rank(const Codec &codec, VideoCodec wanted)
{
    if (!same(codec.encoding, name(wanted)) || codec.clock_rate != 90000)
        return std::nullopt;
    if (wanted == VideoCodec::H264)
        return h264_rank(codec);
    if (wanted == VideoCodec::Vp9 && fmtp_value(codec.fmtp, "profile-id").value_or("0") != "0")
        return std::nullopt;
    return 0;
}

const Codec *best(const Media &media, VideoCodec wanted)
{
    const Codec *found = nullptr;
    std::optional<int> found_rank;
    for (const auto &codec : media.codecs)
        if (const auto one = rank(codec, wanted); one && (!found_rank || *one < *found_rank)) {
            found = &codec;
            found_rank = one;
        }
    return found;
}

int rtx_of(const Media &media, const Codec &codec)
{
    for (const auto &other : media.codecs)
        if (same(other.encoding, "rtx") &&
            fmtp_value(other.fmtp, "apt") == std::to_string(codec.payload_type))
            return other.payload_type;
    return -1;
}

std::optional<FecTypes> fec_of(const Media &media, const Codec &codec)
{
    if (same(codec.encoding, "H264") || rtx_of(media, codec) < 0)
        return std::nullopt;
    FecTypes fec;
    for (const auto &other : media.codecs) {
        if (other.clock_rate != 90'000)
            continue;
        if (same(other.encoding, "red") && fec.red < 0) {
            fec.red = other.payload_type;
            fec.red_rtx = rtx_of(media, other);
        } else if (same(other.encoding, "ulpfec") && fec.ulpfec < 0) {
            fec.ulpfec = other.payload_type;
        }
    }
    return fec.red >= 0 && fec.ulpfec >= 0 ? std::optional(fec) : std::nullopt;
}

// One-byte headers only (RFC 8285, 4.2): two-byte ones are not agreed on.
int twcc_id_of(const Media &media)
{
    for (const auto &extension : media.extensions)
        if (extension.uri == kTransportWideCc && extension.id <= 14)
            return extension.id;
    return 0;
}

// "VP8, H264 (packetization-mode=0;…), rtx" without what repeats.
std::string list_codecs(const Media &media)
{
    std::string all;
    std::vector<std::string> seen;
    for (const auto &codec : media.codecs) {
        auto one = codec.encoding.empty() ? std::to_string(codec.payload_type) + " (no rtpmap)"
                                          : codec.encoding;
        if (same(one, "H264") || (same(one, "VP9") && !codec.fmtp.empty()))
            one += " (" + codec.fmtp.substr(0, 100) + ")";
        if (same(one, "rtx") || std::find(seen.begin(), seen.end(), one) != seen.end())
            continue;
        if (seen.size() == 12)
            return all + ", …";
        all += (all.empty() ? "" : ", ") + one;
        seen.push_back(std::move(one));
    }
    return all.empty() ? "none" : all;
}

Result<const Media *> find_media(const Description &description, Medium medium)
{
    if (const auto *media = description.find(medium))
        return media;
    return Error{std::string("the peer has no ") + callagent::name(medium) +
                 " m-line, or rejects it"};
}

int index_of(const Description &description, const Media *media)
{
    return static_cast<int>(media - description.media.data());
}

std::string describe(const Codec &codec)
{
    return std::to_string(codec.payload_type) + " " +
           (codec.encoding.empty() ? "without a=rtpmap" : codec.encoding);
}

// What only accompanies a codec.
bool is_auxiliary(const Codec &codec)
{
    return same(codec.encoding, "rtx") || same(codec.encoding, "red") ||
           same(codec.encoding, "ulpfec") || same(codec.encoding, "flexfec-03") ||
           same(codec.encoding, "telephone-event") || same(codec.encoding, "CN");
}

// At least one payload type of the answer was offered as the same codec.
Status check_codecs(const Media &offer, const Media &answer, const std::string &who)
{
    std::string mismatch;
    for (const auto &codec : answer.codecs)
        for (const auto &offered : offer.codecs) {
            if (codec.payload_type != offered.payload_type || is_auxiliary(offered))
                continue;
            if (same(codec.encoding, offered.encoding) && codec.clock_rate == offered.clock_rate &&
                !codec.encoding.empty())
                return Done{};
            mismatch =
                "offered was payload type " + describe(offered) + ", answered " + describe(codec);
        }
    const auto list = [](const Media &media) {
        std::string all;
        for (const auto &codec : media.codecs)
            all += (all.empty() ? "" : ", ") + describe(codec);
        return all.size() > 300 ? all.substr(0, 300) + "…" : all;
    };
    if (mismatch.empty())
        mismatch = "offered was " + list(offer) + ", answered " + list(answer);
    return Error{who + "no payload type in common: " + mismatch};
}

Status check_media(const Media &offer, const Media &answer, const std::string &who)
{
    if (offer.kind != answer.kind)
        return Error{who + "offered was " + offer.kind + ", answered " + excerpt(answer.kind)};
    if (offer.mid != answer.mid)
        return Error{who + "offered was mid " + excerpt(offer.mid) + ", answered " +
                     excerpt(answer.mid)};
    if (answer.rejected())
        return Done{};
    if (offer.rejected())
        return Error{who + "accepted, but it was not offered (port 0)"};
    if (answer.setup == "actpass" || (answer.setup == offer.setup))
        return Error{who + "offered was a=setup:" + offer.setup +
                     ", answered a=setup:" + answer.setup + ", which leaves open who begins DTLS"};
    return answer.rtp() ? check_codecs(offer, answer, who) : Status(Done{});
}

}  // namespace

std::optional<std::string_view> fmtp_value(std::string_view fmtp, std::string_view key)
{
    while (!fmtp.empty()) {
        const auto end = std::min(fmtp.find(';'), fmtp.size());
        const auto one = fmtp.substr(0, end);
        fmtp.remove_prefix(std::min(end + 1, fmtp.size()));
        const auto equals = std::min(one.find('='), one.size());
        if (same(trimmed(one.substr(0, equals)), key))
            return trimmed(one.substr(std::min(equals + 1, one.size())));
    }
    return std::nullopt;
}

Result<VideoChoice> choose_video(const Description &description,
                                 const std::vector<VideoCodec> &preference)
{
    const auto media = find_media(description, Medium::Video);
    if (!media)
        return Error{media.error()};
    for (const auto wanted : preference)
        if (const auto *codec = best(**media, wanted))
            return VideoChoice{index_of(description, *media),
                               (*media)->mid,
                               wanted,
                               codec->payload_type,
                               rtx_of(**media, *codec),
                               twcc_id_of(**media),
                               codec->fmtp,
                               fec_of(**media, *codec)};
    std::string ours;
    for (const auto codec : preference)
        ours += (ours.empty() ? "" : ", ") + std::string(name(codec));
    return Error{"no video codec in common: we can " + (ours.empty() ? "none" : ours) +
                 ", the peer offers " + list_codecs(**media)};
}

Result<AudioChoice> choose_audio(const Description &description)
{
    const auto media = find_media(description, Medium::Audio);
    if (!media)
        return Error{media.error()};
    for (const auto &codec : (*media)->codecs)
        if (same(codec.encoding, "opus") && codec.clock_rate == 48000)
            return AudioChoice{index_of(description, *media),
                               (*media)->mid,
                               codec.payload_type,
                               twcc_id_of(**media),
                               fmtp_value(codec.fmtp, "stereo") == "1",
                               codec.fmtp};
    return Error{"no audio codec in common: we can opus/48000, the peer offers " +
                 list_codecs(**media)};
}

const Codec *accepted(const Media &answer, std::string_view encoding, int payload_type)
{
    if (answer.rejected())
        return nullptr;
    for (const auto &codec : answer.codecs)
        if (same(codec.encoding, encoding) &&
            (payload_type < 0 || codec.payload_type == payload_type))
            return &codec;
    return nullptr;
}

Status check_answer(const Description &offer, const Description &answer)
{
    if (offer.media.size() != answer.media.size())
        return Error{"offered were " + std::to_string(offer.media.size()) + " m-lines, answered " +
                     std::to_string(answer.media.size())};
    for (std::size_t i = 0; i < offer.media.size(); ++i) {
        const auto who = "m-line " + std::to_string(i) + " (" + offer.media[i].kind + "): ";
        if (auto status = check_media(offer.media[i], answer.media[i], who); !status)
            return status;
    }
    return Done{};
}

}  // namespace callagent::sdp
