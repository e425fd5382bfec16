#include "core/origin.h"

#include <algorithm>

#include "core/sdp_text.h"

namespace callagent {
namespace {

struct Authority {
    std::string host;
    std::string_view port;  // empty: none
};

// HOST[:PORT]; nothing where it is neither.
std::optional<Authority> split(std::string_view authority)
{
    const bool bracket = authority.starts_with('[');
    const auto end = bracket ? authority.find(']') : authority.find(':');
    if (bracket && end == std::string_view::npos)
        return std::nullopt;
    auto host = bracket ? authority.substr(1, end - 1) : authority.substr(0, end);
    auto rest = authority.substr(std::min(authority.size(), bracket ? end + 1 : end));
    if (!bracket && host.ends_with('.'))
        host.remove_suffix(1);
    if (host.empty() || host.find_first_of("/?#@ \t") != std::string_view::npos)
        return std::nullopt;
    if (rest.empty())
        return Authority{sdp::lower(host), {}};
    if (!rest.starts_with(':'))
        return std::nullopt;
    rest.remove_prefix(1);
    const bool digits =
        std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? std::optional(Authority{sdp::lower(host), rest}) : std::nullopt;
}

// Four numbers, the first of which is 127.
bool is_127(std::string_view host)
{
    int parts = 0;
    for (;;) {
        const bool first = parts == 0;
        const auto part = host.substr(0, host.find('.'));
        if (!sdp::number(part, first ? 127 : 0, first ? 127 : 255))
            return false;
        ++parts;
        if (part.size() == host.size())
            return parts == 4;
        host.remove_prefix(part.size() + 1);
    }
}

}  // namespace

std::optional<Origin> parse_origin(std::string_view text)
{
    const auto colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0)
        return std::nullopt;
    auto scheme = sdp::lower(text.substr(0, colon));
    const bool named = std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
    });
    const auto authority = split(text.substr(colon + 3));
    if (!named || !authority)
        return std::nullopt;
    if (authority->port.empty())
        return Origin{scheme, authority->host,
                      static_cast<std::uint16_t>(scheme == "https" ? 443 : 80)};
    const auto port = sdp::number(authority->port, 0, 65535);
    if (!port)
        return std::nullopt;
    return Origin{std::move(scheme), authority->host, static_cast<std::uint16_t>(*port)};
}

std::string host_of(std::string_view authority)
{
    const auto parts = split(authority);
    return parts ? parts->host : "";
}

bool is_loopback(std::string_view host)
{
    return host == "localhost" || host.ends_with(".localhost") || host == "::1" || is_127(host);
}

OriginRules::OriginRules(const std::vector<std::string> &allowed, bool loopback)
    : loopback_(loopback)
{
    for (const auto &text : allowed) {
        if (text == "*")
            any_ = true;
        else if (auto origin = parse_origin(text))
            allowed_.push_back(std::move(*origin));
    }
}

OriginRules::Verdict OriginRules::judge(const char *origin, const char *host) const
{
    const auto asked_for = host ? host_of(host) : std::string();
    if (host && loopback_ && !names_us(asked_for))
        return Verdict::StrangeHost;
    if (origin && !allows(origin, asked_for))
        return Verdict::StrangeOrigin;
    return Verdict::Welcome;
}

bool OriginRules::allows(std::string_view text, const std::string &asked_for) const
{
    // "null" is a page without an origin: one in a sandbox, or from a file, and so anybody's.
    const auto origin = parse_origin(text);
    if (!origin)
        return false;
    return any_ || origin->host == asked_for || is_loopback(origin->host) ||
           std::find(allowed_.begin(), allowed_.end(), *origin) != allowed_.end();
}

bool OriginRules::names_us(const std::string &host) const
{
    return any_ || is_loopback(host) ||
           std::any_of(allowed_.begin(), allowed_.end(),
                       [&host](const Origin &origin) { return origin.host == host; });
}

}  // namespace callagent
