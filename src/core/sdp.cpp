#include "core/sdp.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/quote.h"
#include "core/sdp_section.h"

namespace callagent::sdp {
namespace {

bool in_bundle(const Description &description, const Media &media)
{
    const auto &bundle = description.bundle;
    return std::find(bundle.begin(), bundle.end(), media.mid) != bundle.end();
}

Status name_media(Description &description)
{
    std::set<std::string> mids;
    for (const auto &media : description.media)
        if (!media.mid.empty() && !mids.insert(media.mid).second)
            return Error{"two m-lines have the mid " + excerpt(media.mid)};
    for (std::size_t i = 0; i < description.media.size(); ++i) {
        auto &mid = description.media[i].mid;
        for (int tried = 0; mid.empty(); ++tried) {
            auto made_up = std::to_string(i) + std::string(static_cast<std::size_t>(tried), '_');
            if (mids.insert(made_up).second)
                mid = std::move(made_up);
        }
    }
    for (const auto &mid : description.bundle)
        if (!mids.contains(mid))
            return Error{"BUNDLE names the mid " + excerpt(mid) + ", which no m-line has"};
    return Done{};
}

// The transport's attributes stand once for a bundle (RFC 9143, 7.1.3). A rejected m-line has no
// use for them, but webrtcbin asks for them: it gets somebody's.
void share_transport(Description &description)
{
    const Media *lead = nullptr;
    for (const auto &media : description.media)
        if (!media.rejected() &&
            (!lead || (!in_bundle(description, *lead) && in_bundle(description, media))))
            lead = &media;
    if (!lead)
        return;
    for (auto &media : description.media) {
        if (!media.rejected() && !in_bundle(description, media))
            continue;
        if (media.fingerprints.empty())
            media.fingerprints = lead->fingerprints;
        if (media.setup.empty())
            media.setup = lead->setup;
        // Half of a pair is a mistake, but not where nobody uses it.
        if (media.rejected() || (media.ice_ufrag.empty() && media.ice_pwd.empty())) {
            if (media.ice_ufrag.empty())
                media.ice_ufrag = lead->ice_ufrag;
            if (media.ice_pwd.empty())
                media.ice_pwd = lead->ice_pwd;
        }
    }
}

Status check_accepted(const Description &description)
{
    for (const auto &media : description.media) {
        if (media.rejected())
            continue;
        const char *missing = media.fingerprints.empty() ? "fingerprint"
                              : media.setup.empty()      ? "setup"
                              : media.ice_ufrag.empty()  ? "ice-ufrag"
                              : media.ice_pwd.empty()    ? "ice-pwd"
                                                         : nullptr;
        const auto who = "the " + media.kind + " m-line (mid " + media.mid + ")";
        // webrtcbin 1.22 aborts at one (`assertion failed: (stream)`).
        if (!description.bundle.empty() && !in_bundle(description, media))
            return Error{who + " is not in the BUNDLE group that others are in: put all m-lines " +
                         "into the group, or none"};
        if (media.rtp() && media.codecs.empty())
            return Error{who + " has no payload type"};
        if (missing)
            return Error{who + " has no a=" + missing + ": is the peer a WebRTC one?"};
        const bool provable =
            std::any_of(media.fingerprints.begin(), media.fingerprints.end(),
                        [](const Fingerprint &one) { return digest_size(one.hash) > 0; });
        if (!provable)
            return Error{who + " has a fingerprint of " + excerpt(media.fingerprints.front().hash) +
                         " only; sha-256, sha-384 or sha-512 is needed"};
    }
    return Done{};
}

// In a bundle a payload type says by itself what a packet is (RFC 9143, 9.1).
Status check_payload_types(const Description &description)
{
    std::array<const Codec *, 128> owner{};
    for (const auto &media : description.media) {
        if (media.rejected() || !in_bundle(description, media))
            continue;
        for (const auto &codec : media.codecs) {
            auto &first = owner.at(static_cast<std::size_t>(codec.payload_type));
            if (first &&
                (!same(first->encoding, codec.encoding) || first->clock_rate != codec.clock_rate))
                return Error{"payload type " + std::to_string(codec.payload_type) + " is both " +
                             first->encoding + " and " + codec.encoding + " in one bundle"};
            first = &codec;
        }
    }
    return Done{};
}

}  // namespace

const char *name(Direction direction)
{
    switch (direction) {
        case Direction::Inactive:
            return "inactive";
        case Direction::SendOnly:
            return "sendonly";
        case Direction::RecvOnly:
            return "recvonly";
        case Direction::SendRecv:
            return "sendrecv";
    }
    return "";
}

Direction make_direction(bool send, bool receive)
{
    if (send)
        return receive ? Direction::SendRecv : Direction::SendOnly;
    return receive ? Direction::RecvOnly : Direction::Inactive;
}

Direction reversed(Direction direction)
{
    return make_direction(receives(direction), sends(direction));
}

const Media *Description::find(Medium medium) const
{
    const auto found = std::find_if(media.begin(), media.end(), [&](const Media &one) {
        return !one.rejected() && one.kind == callagent::name(medium);
    });
    return found == media.end() ? nullptr : &*found;
}

Result<Description> parse(std::string_view text)
{
    const auto sections = split(text);
    if (!sections)
        return Error{sections.error()};
    if (sections->size() == 1)
        return Error{"the description has no m-line: it offers no media"};

    Description description;
    Shared session;
    for (const auto &line : sections->front()) {
        if (line.is("group") && line.attribute().starts_with("BUNDLE") &&
            description.bundle.empty())
            for (const auto &mid : words(line.attribute().substr(6)))
                description.bundle.emplace_back(mid);
        if (const auto status = read_shared(line, session); !status)
            return Error{status.error()};
    }
    for (auto section = sections->begin() + 1; section != sections->end(); ++section) {
        auto media = read_media(*section, session);
        if (!media)
            return Error{media.error()};
        description.media.push_back(std::move(*media));
    }

    if (const auto status = name_media(description); !status)
        return Error{status.error()};
    for (auto &media : description.media)
        media.bundle_only = media.bundle_only && in_bundle(description, media);
    share_transport(description);
    if (const auto status = check_accepted(description); !status)
        return Error{status.error()};
    if (const auto status = check_payload_types(description); !status)
        return Error{status.error()};
    return description;
}

}  // namespace callagent::sdp
