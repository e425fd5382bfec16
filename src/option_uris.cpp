#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

#include "core/origin.h"
#include "core/quote.h"
#include "option_values.h"

namespace callagent::option {
namespace {

bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::optional<int> port_of(std::string_view text, int min)
{
    int port = 0;
    const auto *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    return !text.empty() && error == std::errc() && stop == end && port >= min && port <= 65535
               ? std::optional(port)
               : std::nullopt;
}

bool is_host(std::string_view text)
{
    if (text.starts_with('[') && text.ends_with(']')) {
        std::array<unsigned char, sizeof(in6_addr)> bytes{};
        return inet_pton(AF_INET6, std::string(text.substr(1, text.size() - 2)).c_str(),
                         bytes.data()) == 1;
    }
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alnum(c) || c == '.' || c == '-' || c == '_';
    });
}

struct Authority {
    std::string_view host;    // IPv6 with its brackets
    std::optional<int> port;  // not written: none
};

// HOST, HOST:PORT, [IPV6]:PORT.
std::optional<Authority> authority_of(std::string_view text)
{
    const auto bracket = text.find(']');
    const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    Authority authority{text.substr(0, colon), std::nullopt};
    if (!is_host(authority.host))
        return std::nullopt;
    if (colon != std::string_view::npos) {
        authority.port = port_of(text.substr(colon + 1), 1);
        if (!authority.port)
            return std::nullopt;
    }
    return authority;
}

// Takes "scheme://" away; nullopt: none of them is in front.
std::optional<std::string> take_scheme(std::string_view &text,
                                       std::initializer_list<std::string_view> schemes)
{
    for (const auto scheme : schemes)
        if (text.substr(0, scheme.size()) == scheme &&
            text.substr(scheme.size()).starts_with("://")) {
            text.remove_prefix(scheme.size() + 3);
            return std::string(scheme);
        }
    return std::nullopt;
}

// What is escaped already stays (a ':' in a user has to be written %3A).
std::string escaped(std::string_view text)
{
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = text[i];
        const bool is_escape =
            c == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]);
        if (is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos ||
            is_escape) {
            result += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            result += '%';
            result += kHex[byte >> 4];
            result += kHex[byte & 15];
        }
    }
    return result;
}

std::string with_port(const Authority &authority, int otherwise)
{
    return std::string(authority.host) + ":" + std::to_string(authority.port.value_or(otherwise));
}

}  // namespace

Result<Listen> listen(const std::string &text)
{
    const auto colon = text.rfind(':');
    const auto host = std::string_view(text).substr(0, colon == std::string::npos ? 0 : colon);
    const auto port = port_of(colon == std::string::npos ? text : text.substr(colon + 1), 0);
    if (!port)
        return Error{in_quotes(text) +
                     " has no port from 0 to 65535; write 3000 (this machine only), :3000 "
                     "(every interface) or ADDRESS:3000"};
    if (!host.empty() && !is_host(host))
        return Error{in_quotes(host) +
                     " is not a host; IPv6 addresses stand in brackets: [::1]:3000"};
    auto name = colon == std::string::npos ? std::string("localhost") : std::string(host);
    if (name.starts_with('['))
        name = name.substr(1, name.size() - 2);
    return Listen{std::move(name), static_cast<std::uint16_t>(*port)};
}

Result<std::string> origin(const std::string &text)
{
    if (text == "*" || parse_origin(text))
        return text;
    const auto end = text.find('/', std::min(text.size(), text.find("://") + 3));
    if (const auto start = text.substr(0, end); end != std::string::npos && parse_origin(start))
        return Error{in_quotes(text) + " has a path, and an origin has none; write " + start};
    return Error{in_quotes(text) +
                 " is not an origin; write for example https://example.org, or * for all"};
}

Result<std::string> signaling_url(const std::string &text)
{
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    std::string_view rest = text;
    if (!printable || !take_scheme(rest, {"http", "https", "ws", "wss"}))
        return Error{in_quotes(text) +
                     " is not a URL of http, https, ws or wss; write for example " +
                     (printable && text.find("://") == std::string::npos && authority_of(text)
                          ? "http://" + text
                          : "http://192.168.1.7:3000")};
    const auto authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('@') != std::string_view::npos)
        return Error{
            "a user and password in the URL would not be used; remove them and give --token"};
    if (!authority_of(authority))
        return Error{in_quotes(text) +
                     " has no valid HOST[:PORT]; write for example http://192.168.1.7:3000"};
    return text;
}

Result<std::string> stun_uri(const std::string &text)
{
    if (text == "none")
        return std::string();
    std::string_view rest = text;
    if (!take_scheme(rest, {"stun"}) && rest.starts_with("stun:"))  // RFC 7064's form
        rest.remove_prefix(5);
    const auto authority = authority_of(rest);
    if (!text.starts_with("stun:") || !authority)
        return Error{in_quotes(text) + " is not stun://HOST:PORT; for no STUN server write none"};
    return "stun://" + with_port(*authority, 3478);
}

Result<std::string> turn_uri(const std::string &text)
{
    const std::string form =
        "write turn://USER:PASSWORD@HOST:PORT?transport=udp (or turns, or tcp)";
    std::string_view rest = text;
    const auto scheme = take_scheme(rest, {"turn", "turns"});
    const auto at = rest.rfind('@');  // hosts have none, passwords may
    const auto user_info = rest.substr(0, at == std::string_view::npos ? 0 : at);
    const auto colon = user_info.find(':');
    if (!scheme)
        return Error{"not a TURN URI; " + form};
    // With --turn-secret both may be left out, or the password; neither is shown.
    if (at == 0 || colon == 0 || (colon != std::string_view::npos && colon + 1 == user_info.size()))
        return Error{"the user or the password is empty; " + form};
    if (at != std::string_view::npos)
        rest.remove_prefix(at + 1);
    const auto question = std::min(rest.find('?'), rest.size());
    const auto query = rest.substr(question);
    const auto authority = authority_of(rest.substr(0, question));
    if (!authority)
        return Error{in_quotes(rest.substr(0, question)) + " is not HOST:PORT; " + form};
    if (!query.empty() && query != "?transport=udp" && query != "?transport=tcp")
        return Error{in_quotes(query) + " is not ?transport=udp or ?transport=tcp"};
    if (*scheme == "turns" && query == "?transport=udp")
        return Error{"turns is TLS over TCP; write turns with ?transport=tcp, or turn with udp"};
    auto who = escaped(user_info.substr(0, colon));
    if (colon != std::string_view::npos)
        who += ":" + escaped(user_info.substr(colon + 1));
    return *scheme + "://" + (who.empty() ? "" : who + "@") +
           with_port(*authority, *scheme == "turns" ? 5349 : 3478) + std::string(query);
}

}  // namespace callagent::option
