// What we demand of a description and of a candidate from outside, and what we take from an offer:
// codecs, payload types, header extension ids. Text in, values out; remote text is hostile, so size
// and shape are bounded here, before webrtcbin sees anything (RFC 8866, RFC 8829).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/media.h"
#include "core/message.h"
#include "core/result.h"

namespace callagent::sdp {

constexpr std::size_t kMaxSize = std::size_t{256} * 1024;  // a browser's offer has 3-10 kB
constexpr std::size_t kMaxMedia = 32;                      // m-lines
constexpr std::size_t kMaxLines = 4096;
constexpr std::size_t kMaxCandidate = 1024;  // a browser's has 60-200 bytes

enum class Direction { Inactive, SendOnly, RecvOnly, SendRecv };
inline bool sends(Direction d)
{
    return d == Direction::SendOnly || d == Direction::SendRecv;
}
inline bool receives(Direction d)
{
    return d == Direction::RecvOnly || d == Direction::SendRecv;
}
const char *name(Direction);    // "sendrecv", …
Direction reversed(Direction);  // as the other side sees it
Direction make_direction(bool send, bool receive);

struct Fingerprint {
    std::string hash;   // "sha-256", lower case
    std::string value;  // "AB:CD:…", upper case

    bool operator==(const Fingerprint &) const = default;
};

// RFC 8285; the direction ("/recvonly") is left out.
struct Extension {
    int id = 0;
    std::string uri;
};

struct Codec {
    int payload_type = -1;
    std::string encoding;  // as written: "VP8", "opus", "rtx"; empty: dynamic type without a=rtpmap
    int clock_rate = 0;
    int channels = 0;                   // 0: not written
    std::string fmtp;                   // as written
    std::vector<std::string> feedback;  // rtcp-fb values: "nack", "nack pli", "transport-cc", …
};

struct Media {
    std::string kind;  // "audio", "video", "application", …
    std::string mid;   // never empty after parse(): made up from the index where missing
    int port = 9;
    bool bundle_only = false;  // port 0 means "in the bundle", not "rejected" (RFC 9143, 6)
    std::string protocol;
    Direction direction = Direction::SendRecv;
    std::vector<Codec> codecs;  // in the order of preference (of the m= line)
    std::vector<Extension> extensions;
    // Where the m-line has none of its own: the session's, or that of the bundle's first m-line.
    std::vector<Fingerprint> fingerprints;
    std::string setup, ice_ufrag, ice_pwd;
    bool rtcp_mux = false;

    bool rtp() const { return kind == "audio" || kind == "video"; }
    bool rejected() const { return port == 0 && !bundle_only; }
};

struct Description {
    std::vector<Media> media;
    std::vector<std::string> bundle;  // mids of the BUNDLE group; empty: every m-line by itself

    // The first m-line of that kind that is not rejected.
    const Media *find(Medium) const;
};

// Parses and checks. The error says what is wrong, with the line where it helps.
Result<Description> parse(std::string_view text);

// The text made digestible for webrtcbin 1.22, which asks for more than the RFCs do, and asserts on
// some of what it gets: setup, fingerprint, ICE credentials and direction stand in each m-line and
// nowhere else (it refuses a fingerprint in both places, and asserts on two session-level ufrags),
// every m-line has a mid, bundle-only m-lines have a port (0 is "rejected" to it), the only group
// is BUNDLE, there is no `k=` and no candidate that check_candidate() refuses, lines end in CRLF.
// Text that parse() refuses comes back as it is.
std::string normalized(std::string_view text);

// The value of `key` in an fmtp ("minptime=10;useinbandfec=1"); keys regardless of case.
std::optional<std::string_view> fmtp_value(std::string_view fmtp, std::string_view key);

// The payload types of FEC packets (RFC 5109) and of RED (RFC 2198), in which they travel together
// with what they protect.
struct FecTypes {
    int red = -1;
    int red_rtx = -1;  // of what is sent again of it (RFC 4588); -1: it is not
    int ulpfec = -1;

    bool operator==(const FecTypes &) const = default;
};

// What of an offered (or answered) m-line is to be used. `payload_type` etc. are the offer's.
struct VideoChoice {
    int mline = -1;
    std::string mid;
    VideoCodec codec = VideoCodec::Vp8;
    int payload_type = -1;
    int rtx_payload_type = -1;  // -1: none offered
    int twcc_id = 0;            // 0: not offered
    std::string fmtp;           // of the codec, as the offer writes it
    // Where lost FEC packets can be told from lost pictures: beside RTX, with VP8 and VP9.
    std::optional<FecTypes> fec = {};
};

struct AudioChoice {
    int mline = -1;
    std::string mid;
    int payload_type = -1;
    int twcc_id = 0;
    bool stereo = false;  // the peer wants stereo (fmtp stereo=1); RFC 7587
    std::string fmtp;
};

// The first of `preference` that the m-line offers in a form that we can send and decode: VP9
// profile 0, H264 packetization-mode=1 with constrained baseline (42e0xx before 42c0xx and the
// like, then its other spellings 4d8xxx and 58cxxx; plain baseline as 42001f only if nothing
// better; never main or high; RFC 6184, 8.1, table 5). No common codec: the error names both sides'
// codecs.
Result<VideoChoice> choose_video(const Description &, const std::vector<VideoCodec> &preference);
Result<AudioChoice> choose_audio(const Description &);

// "Exactly one codec per m-line": the offer with every codec removed but the chosen ones (and the
// RTX of the chosen video codec), so that webrtcbin's answer cannot pick another. Other m-lines
// stay.
std::string restricted(std::string_view offer, const std::optional<AudioChoice> &,
                       const std::optional<VideoChoice> &);

// An offer of ours with an RTX stream for each video codec where webrtcbin made one for the first
// only.
std::string with_rtx(std::string_view offer);

// An offer of ours with RED and ULPFEC where there is RTX; an answer of ours with what was chosen
// of the peer's. For the peer only: webrtcbin 1.22 would make RED and FEC by itself, numbers its
// packets under a wrong id for transport-wide feedback, and works out wrong ones.
std::string with_fec(std::string_view offer);
std::string with_fec(std::string_view answer, const VideoChoice &);

// A description of ours with that fingerprint in place of those it has: of a PEM with a key in it,
// webrtcbin takes the key for a part of the certificate.
std::string with_fingerprint(std::string_view description, const Fingerprint &);

// The codec as which the m-line of an answer (not rejected) takes `payload_type`, or any payload
// type if that is -1; null: it does not. Encoding names are compared regardless of case.
const Codec *accepted(const Media &answer, std::string_view encoding, int payload_type = -1);

// Does the answer fit the offer (RFC 3264, RFC 8829 5.3)? As many m-lines, of the same kinds and
// mids; none accepted that was not offered; each accepted one with a payload type that was offered
// as the same codec; `setup` active or passive, and not the offer's. The error names both sides.
Status check_answer(const Description &offer, const Description &answer);

// Is this candidate text one that may be handed to webrtcbin (RFC 8839; ours adds bounds)? An empty
// candidate means the end of candidates and is fine. `a=` in front is tolerated.
Status check_candidate(const Candidate &);

// The parts of a checked candidate that logs and events name; absent when it is the end marker.
struct CandidateParts {
    std::string address, protocol, type;  // "udp"/"tcp"; host, srflx, prflx, relay
    int port = 0;
};
std::optional<CandidateParts> candidate_parts(std::string_view candidate);

// Does the certificate (its DER bytes' hashes come from outside core) match one of the
// fingerprints? `digest(hash)` returns the certificate's digest as upper-case hex with colons, or
// empty for a hash that is not supported; sha-1 and md5 are never asked for (RFC 8122).
template <typename Digest>
bool matches(const std::vector<Fingerprint> &promised, const Digest &digest)
{
    for (const auto &fingerprint : promised)
        if (fingerprint.hash == "sha-256" || fingerprint.hash == "sha-384" ||
            fingerprint.hash == "sha-512")
            if (digest(fingerprint.hash) == fingerprint.value && !fingerprint.value.empty())
                return true;
    return false;
}

}  // namespace callagent::sdp
