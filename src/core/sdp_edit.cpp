#include <algorithm>

#include "core/sdp_section.h"

namespace callagent::sdp {
namespace {

void write(std::string &out, std::string_view line)
{
    out.append(line).append("\r\n");
}

void write(std::string &out, const Line &line)
{
    out += line.type;
    out += '=';
    write(out, line.value);
}

bool is_any(const Line &line, std::initializer_list<std::string_view> keys)
{
    return std::any_of(keys.begin(), keys.end(), [&](auto key) { return line.is(key); });
}

bool has(const Lines &lines, std::string_view key)
{
    return std::any_of(lines.begin(), lines.end(), [&](const Line &line) { return line.is(key); });
}

bool has_direction(const Lines &lines)
{
    return std::any_of(lines.begin(), lines.end(), [](const Line &line) {
        return line.type == 'a' && direction_of(line.value);
    });
}

void write_session(std::string &out, const Lines &lines, const Description &description)
{
    for (const auto &line : lines) {
        const bool belongs_to_media =
            is_any(line, {"setup", "fingerprint", "ice-ufrag", "ice-pwd"}) ||
            (line.type == 'a' && direction_of(line.value));
        if (line.type != 'k' && !belongs_to_media && !line.is("group"))
            write(out, line);
    }
    if (description.bundle.empty())
        return;
    out += "a=group:BUNDLE";
    for (const auto &mid : description.bundle)
        out += " " + mid;
    write(out, "");
}

// The m-line itself; a bundle-only one gets a port.
void write_media_line(std::string &out, const Line &line, const Media &media)
{
    auto rest = line.value;
    const auto kind = word(rest);
    const auto port = word(rest);
    out.append("m=").append(kind).append(" ");
    out.append(media.port == 0 && media.bundle_only ? "9" : port);
    write(out, rest);
}

void write_media(std::string &out, const Lines &lines, const Media &media)
{
    for (const auto &line : lines) {
        const bool bad_candidate =
            line.is("candidate") && !check_candidate({std::string(line.value), media.mid, -1});
        if (line.type == 'm')
            write_media_line(out, line, media);
        else if (line.type != 'k' && !line.is("bundle-only") && !bad_candidate)
            write(out, line);
    }
    if (!has(lines, "mid"))
        write(out, "a=mid:" + media.mid);
    if (!has(lines, "setup") && !media.setup.empty())
        write(out, "a=setup:" + media.setup);
    if (!has(lines, "ice-ufrag") && !media.ice_ufrag.empty())
        write(out, "a=ice-ufrag:" + media.ice_ufrag);
    if (!has(lines, "ice-pwd") && !media.ice_pwd.empty())
        write(out, "a=ice-pwd:" + media.ice_pwd);
    if (!has(lines, "fingerprint"))
        for (const auto &fingerprint : media.fingerprints)
            write(out, "a=fingerprint:" + fingerprint.hash + " " + fingerprint.value);
    if (!has_direction(lines) && media.rtp())
        write(out, std::string("a=") + name(media.direction));
}

// The payload types that may stay in the m-line of that index; empty: all.
std::vector<int> kept(int mline, const std::optional<AudioChoice> &audio,
                      const std::optional<VideoChoice> &video)
{
    if (audio && audio->mline == mline)
        return {audio->payload_type};
    if (!video || video->mline != mline)
        return {};
    if (video->rtx_payload_type < 0)
        return {video->payload_type};
    return {video->payload_type, video->rtx_payload_type};
}

void write_restricted(std::string &out, const Lines &lines, const std::vector<int> &payload_types)
{
    const auto is_kept = [&](std::string_view type) {
        const auto value = number(type, 0, 127);
        return value &&
               std::find(payload_types.begin(), payload_types.end(), *value) != payload_types.end();
    };
    for (const auto &line : lines) {
        if (line.type == 'm') {
            auto rest = line.value;
            out.append("m=").append(word(rest));
            out.append(" ").append(word(rest));
            out.append(" ").append(word(rest));
            for (const auto type : payload_types)
                out.append(" ").append(std::to_string(type));
            write(out, "");
        } else if (is_any(line, {"rtpmap", "fmtp", "rtcp-fb"})) {
            auto rest = line.attribute();
            const auto type = word(rest);
            if (type == "*" || is_kept(type))
                write(out, line);
        } else {
            write(out, line);
        }
    }
}

}  // namespace

std::string normalized(std::string_view text)
{
    const auto sections = split(text);
    const auto description = parse(text);
    if (!sections || !description)
        return std::string(text);
    std::string out;
    out.reserve(text.size() + 1024);
    write_session(out, sections->front(), *description);
    for (std::size_t i = 1; i < sections->size(); ++i)
        write_media(out, (*sections)[i], description->media[i - 1]);
    return out;
}

std::string restricted(std::string_view offer, const std::optional<AudioChoice> &audio,
                       const std::optional<VideoChoice> &video)
{
    const auto sections = split(offer);
    if (!sections)
        return std::string(offer);
    std::string out;
    out.reserve(offer.size());
    for (std::size_t i = 0; i < sections->size(); ++i) {
        const auto payload_types =
            i == 0 ? std::vector<int>() : kept(static_cast<int>(i) - 1, audio, video);
        if (payload_types.empty())
            for (const auto &line : (*sections)[i])
                write(out, line);
        else
            write_restricted(out, (*sections)[i], payload_types);
    }
    return out;
}

std::string with_fingerprint(std::string_view description, const Fingerprint &fingerprint)
{
    const auto sections = split(description);
    if (!sections)
        return std::string(description);
    std::string out;
    for (const auto &lines : *sections)
        for (const auto &line : lines)
            if (line.is("fingerprint"))
                write(out, "a=fingerprint:" + fingerprint.hash + " " + fingerprint.value);
            else
                write(out, line);
    return out;
}

}  // namespace callagent::sdp
