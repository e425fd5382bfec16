#include <algorithm>

#include "core/quote.h"
#include "core/sdp.h"
#include "core/sdp_text.h"

namespace callagent::sdp {
namespace {

// candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type> …
struct Fields {
    std::string_view foundation, component, transport, priority, address, port, typ, type;
    std::vector<std::string_view> more;  // pairs: raddr, rport, tcptype, generation, ufrag …
};

std::optional<Fields> fields_of(std::string_view text)
{
    if (text.starts_with("a="))
        text.remove_prefix(2);
    constexpr std::string_view kPrefix = "candidate:";
    if (!text.starts_with(kPrefix))
        return std::nullopt;
    const auto all = words(text.substr(kPrefix.size()));
    if (all.size() < 8)
        return std::nullopt;
    return Fields{all[0], all[1], all[2],
                  all[3], all[4], all[5],
                  all[6], all[7], {all.begin() + 8, all.end()}};
}

bool is_type(std::string_view type)
{
    return type == "host" || type == "srflx" || type == "prflx" || type == "relay";
}

// IPv4, IPv6 (perhaps with a zone) or a host name: the characters only, libnice parses it.
bool is_address(std::string_view text)
{
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '.' || c == ':' || c == '-' || c == '_' || c == '%';
    });
}

// What follows the type: known pairs have to make sense, unknown ones are allowed (RFC 8839, 5.1).
const char *wrong_pair(const std::vector<std::string_view> &more)
{
    for (std::size_t i = 0; i + 1 < more.size(); i += 2) {
        if (more[i] == "raddr" && !is_address(more[i + 1]))
            return "raddr";
        if (more[i] == "rport" && !number(more[i + 1], 0, 65535))
            return "rport";
        if (more[i] == "tcptype" && more[i + 1] != "active" && more[i + 1] != "passive" &&
            more[i + 1] != "so")
            return "tcptype";
    }
    return nullptr;
}

const char *wrong_field(const Fields &fields)
{
    const bool tcp = same(fields.transport, "tcp");
    if (fields.foundation.size() > 32)
        return "foundation";
    if (!number(fields.component, 1, 256))
        return "component";
    if (!tcp && !same(fields.transport, "udp"))
        return "transport";
    if (!number(fields.priority, 0, 4294967295))
        return "priority";
    if (!is_address(fields.address))
        return "address";
    if (!number(fields.port, tcp ? 0 : 1, 65535))  // an active TCP candidate has no port yet
        return "port";
    if (fields.typ != "typ" || !is_type(fields.type))
        return "type";
    return wrong_pair(fields.more);
}

}  // namespace

Status check_candidate(const Candidate &candidate)
{
    if (candidate.mline < -1 || candidate.mline >= static_cast<int>(kMaxMedia))
        return Error{"a candidate for m-line " + std::to_string(candidate.mline) +
                     ", which cannot be"};
    if (candidate.mline == -1 && candidate.mid.empty())
        return Error{"a candidate with neither sdpMid nor sdpMLineIndex"};
    if (candidate.candidate.empty())
        return Done{};
    if (candidate.candidate.size() > kMaxCandidate)
        return Error{"a candidate of " + std::to_string(candidate.candidate.size()) + " bytes"};
    const bool printable = std::all_of(candidate.candidate.begin(), candidate.candidate.end(),
                                       [](char c) { return (c >= ' ' && c < 0x7f) || c == '\t'; });
    const auto fields = fields_of(candidate.candidate);
    if (!printable || !fields)
        return Error{excerpt(candidate.candidate) + " is not a candidate"};
    if (const auto *what = wrong_field(*fields))
        return Error{"candidate " + excerpt(candidate.candidate) + ": wrong " + what};
    return Done{};
}

std::optional<CandidateParts> candidate_parts(std::string_view candidate)
{
    const auto fields = fields_of(candidate);
    if (!fields)
        return std::nullopt;
    return CandidateParts{std::string(fields->address), lower(fields->transport),
                          std::string(fields->type),
                          static_cast<int>(number(fields->port, 0, 65535).value_or(0))};
}

}  // namespace callagent::sdp
