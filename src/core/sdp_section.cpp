#include "core/sdp_section.h"

#include <algorithm>
#include <set>

#include "core/quote.h"

namespace callagent::sdp {
namespace {

// RFC 3551, table 4 and 5: payload types that need no a=rtpmap. Those that anybody still offers.
constexpr struct {
    const char *encoding;
    int payload_type;
    int clock_rate;
} kStatic[] = {{"PCMU", 0, 8000},   {"GSM", 3, 8000},    {"G723", 4, 8000},  {"PCMA", 8, 8000},
               {"G722", 9, 8000},   {"CN", 13, 8000},    {"G728", 15, 8000}, {"G729", 18, 8000},
               {"JPEG", 26, 90000}, {"H261", 31, 90000}, {"H263", 34, 90000}};

Result<Fingerprint> fingerprint_of(const Line &line)
{
    const auto parts = words(line.attribute());
    if (parts.size() != 2)
        return at(line, "a=fingerprint needs a hash and a value");
    Fingerprint fingerprint{lower(parts[0]), {}};
    for (std::size_t i = 0; i < parts[1].size(); ++i) {
        const char c = parts[1][i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
        if (i % 3 == 2 ? c != ':' : !hex)
            return at(line, "the fingerprint is not pairs of hex digits with colons between");
        fingerprint.value += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const auto bytes = (parts[1].size() + 1) / 3;
    if (parts[1].size() % 3 != 2 ||
        (digest_size(fingerprint.hash) > 0 && bytes != digest_size(fingerprint.hash)))
        return at(line, "a fingerprint of " + std::to_string(bytes) + " bytes is not one of " +
                            excerpt(parts[0]));
    return fingerprint;
}

// ICE credentials: RFC 8839, 5.4, with more characters allowed than there.
Status read_credential(const Line &line, std::size_t min, std::string &into)
{
    const auto value = line.attribute();
    if (value.size() < min || value.size() > 256 || value.find(' ') != std::string_view::npos)
        return at(line, "a=" + std::string(line.key()) + " has to have " + std::to_string(min) +
                            " to 256 characters");
    if (into.empty())  // webrtcbin takes the first as well
        into = value;
    return Done{};
}

// m=<kind> <port>[/n] <protocol> <format> …
Status read_media_line(const Line &line, Media &media)
{
    auto rest = line.value;
    media.kind = word(rest);
    const auto port_text = word(rest);
    media.protocol = word(rest);
    const auto port = number(port_text.substr(0, port_text.find('/')), 0, 65535);
    if (!is_token(media.kind) || !port || media.protocol.empty())
        return at(line, excerpt(line.value) + " is not m=<kind> <port 0-65535> <protocol> …");
    media.port = static_cast<int>(*port);
    if (!media.rtp())
        return Done{};
    if (media.protocol.find("RTP/") == std::string::npos)
        return at(line, media.kind + " over " + excerpt(media.protocol) + ", which is not RTP");

    std::set<int> seen;
    for (const auto &format : words(rest)) {
        const auto type = number(format, 0, 127);
        if (!type)
            return at(line, "payload type " + excerpt(format) + " is not 0-127");
        if (!seen.insert(static_cast<int>(*type)).second)
            return at(line, "payload type " + std::string(format) + " stands there twice");
        Codec codec;
        codec.payload_type = static_cast<int>(*type);
        media.codecs.push_back(std::move(codec));
    }
    return Done{};
}

Codec *codec_of(Media &media, std::int64_t payload_type)
{
    const auto found =
        std::find_if(media.codecs.begin(), media.codecs.end(),
                     [&](const Codec &codec) { return codec.payload_type == payload_type; });
    return found == media.codecs.end() ? nullptr : &*found;
}

// <payload type> <encoding>/<clock rate>[/<channels>]
Status read_rtpmap(const Line &line, Codec &codec, std::string_view text)
{
    auto map = word(text);
    const auto slash = std::min(map.find('/'), map.size());
    const auto encoding = map.substr(0, slash);
    map.remove_prefix(std::min(slash + 1, map.size()));
    const auto second = std::min(map.find('/'), map.size());
    const auto clock_rate = number(map.substr(0, second), 1, 10'000'000);
    const auto channels = second < map.size() ? number(map.substr(second + 1), 1, 255) : 0;
    if (!is_token(encoding) || !clock_rate || !channels)
        return at(line, "a=rtpmap: " + excerpt(line.attribute()) + " is not <type> <name>/<rate>");
    if (!codec.encoding.empty() &&
        (!same(codec.encoding, encoding) || codec.clock_rate != *clock_rate))
        return at(line, "payload type " + std::to_string(codec.payload_type) + " is both " +
                            codec.encoding + " and " + std::string(encoding));
    codec.encoding = encoding;
    codec.clock_rate = static_cast<int>(*clock_rate);
    codec.channels = static_cast<int>(*channels);
    return Done{};
}

// rtpmap, fmtp and rtcp-fb: all begin with a payload type. Types that the m-line does not have are
// nobody's business.
Status read_codec_attribute(const Line &line, Media &media)
{
    auto rest = line.attribute();
    const auto type_text = word(rest);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (line.is("rtcp-fb") && type_text == "*") {
        for (auto &codec : media.codecs)
            codec.feedback.emplace_back(rest);
        return Done{};
    }
    const auto type = number(type_text, 0, 127);
    if (!type)
        return at(line, "payload type " + excerpt(type_text) + " is not 0-127");
    auto *codec = codec_of(media, *type);
    if (!codec)
        return Done{};
    if (line.is("rtpmap"))
        return read_rtpmap(line, *codec, rest);
    if (line.is("fmtp"))
        codec->fmtp += (codec->fmtp.empty() ? "" : ";") + std::string(rest);
    else
        codec->feedback.emplace_back(rest);
    return Done{};
}

Status read_extension(const Line &line, Media &media)
{
    auto rest = line.attribute();
    const auto id_text = word(rest);
    const auto uri = word(rest);
    const auto id = number(id_text.substr(0, id_text.find('/')), 1, 65535);
    if (!id || uri.empty())
        return at(line, "a=extmap: " + excerpt(line.attribute()) + " is not <id> <uri>");
    media.extensions.push_back({static_cast<int>(*id), std::string(uri)});
    return Done{};
}

Status read_attribute(const Line &line, Media &media, Shared &own)
{
    if (line.type != 'a')
        return Done{};
    if (line.is("mid")) {
        if (!is_token(line.attribute()) || line.attribute().size() > 64)
            return at(line, "a=mid: " + excerpt(line.attribute()) + " is not a name");
        if (!media.mid.empty())
            return at(line, "a second a=mid of one m-line");
        media.mid = line.attribute();
    } else if (line.is("rtpmap") || line.is("fmtp") || line.is("rtcp-fb")) {
        return media.rtp() ? read_codec_attribute(line, media) : Status(Done{});
    } else if (line.is("extmap")) {
        return read_extension(line, media);
    } else if (line.is("rtcp-mux")) {
        media.rtcp_mux = true;
    } else if (line.is("bundle-only")) {
        media.bundle_only = true;
    } else {
        return read_shared(line, own);
    }
    return Done{};
}

void fill_static_codecs(Media &media)
{
    for (auto &codec : media.codecs)
        for (const auto &known : kStatic)
            if (codec.encoding.empty() && codec.payload_type == known.payload_type) {
                codec.encoding = known.encoding;
                codec.clock_rate = known.clock_rate;
            }
}

}  // namespace

std::optional<Direction> direction_of(std::string_view attribute)
{
    for (const auto one :
         {Direction::Inactive, Direction::SendOnly, Direction::RecvOnly, Direction::SendRecv})
        if (attribute == name(one))
            return one;
    return std::nullopt;
}

std::size_t digest_size(std::string_view hash)
{
    return hash == "sha-256" ? 32 : hash == "sha-384" ? 48 : hash == "sha-512" ? 64 : 0;
}

Status read_shared(const Line &line, Shared &shared)
{
    if (const auto direction = direction_of(line.value)) {
        if (shared.direction)
            return at(line, "a second direction (" + std::string(line.value) + " after " +
                                name(*shared.direction) + ")");
        shared.direction = direction;
    } else if (line.is("fingerprint")) {
        auto fingerprint = fingerprint_of(line);
        if (!fingerprint)
            return Error{fingerprint.error()};
        shared.fingerprints.push_back(std::move(*fingerprint));
    } else if (line.is("setup")) {
        const auto setup = line.attribute();
        if (setup != "active" && setup != "passive" && setup != "actpass")
            return at(line, "a=setup is active, passive or actpass, not " + excerpt(setup));
        if (shared.setup.empty())
            shared.setup = setup;
    } else if (line.is("ice-ufrag")) {
        return read_credential(line, 4, shared.ice_ufrag);
    } else if (line.is("ice-pwd")) {
        return read_credential(line, 22, shared.ice_pwd);
    }
    return Done{};
}

Result<Media> read_media(const Lines &lines, const Shared &session)
{
    Media media;
    Shared own;
    for (const auto &line : lines) {
        const auto status =
            line.type == 'm' ? read_media_line(line, media) : read_attribute(line, media, own);
        if (!status)
            return Error{status.error()};
    }
    fill_static_codecs(media);
    const auto pick = [](auto &mine, auto &theirs) { return mine.empty() ? theirs : mine; };
    media.direction = own.direction.value_or(session.direction.value_or(Direction::SendRecv));
    media.fingerprints = pick(own.fingerprints, session.fingerprints);
    media.setup = pick(own.setup, session.setup);
    media.ice_ufrag = pick(own.ice_ufrag, session.ice_ufrag);
    media.ice_pwd = pick(own.ice_pwd, session.ice_pwd);
    return media;
}

}  // namespace callagent::sdp
