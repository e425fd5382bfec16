#include "core/server_uri.h"

#include <algorithm>
#include <charconv>

namespace callagent {

ServerUri split_server_uri(std::string_view uri)
{
    ServerUri parts;
    parts.scheme = uri.substr(0, uri.find(':'));
    auto rest = uri.substr(std::min(uri.find("://"), uri.size()));
    rest.remove_prefix(std::min<std::size_t>(3, rest.size()));
    if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
        const auto who = rest.substr(0, at);
        const auto colon = who.find(':');
        parts.user = who.substr(0, colon);
        if (colon != std::string_view::npos)
            parts.password = who.substr(colon + 1);
        rest.remove_prefix(at + 1);
    }
    const auto question = std::min(rest.find('?'), rest.size());
    parts.query = rest.substr(question);
    rest = rest.substr(0, question);
    const auto colon = std::min(rest.rfind(':'), rest.size());
    const auto port = rest.substr(std::min(colon + 1, rest.size()));
    std::from_chars(port.data(), port.data() + port.size(), parts.port);
    auto host = rest.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    parts.host = host;
    return parts;
}

std::string to_string(const ServerUri &uri)
{
    auto text = uri.scheme + "://" + uri.user;
    if (uri.password)
        text += ":" + *uri.password;
    if (uri.password || !uri.user.empty())
        text += "@";
    const bool ipv6 = uri.host.find(':') != std::string::npos;
    text += ipv6 ? "[" + uri.host + "]" : uri.host;
    return text + ":" + std::to_string(uri.port) + uri.query;
}

std::string shown(ServerUri uri)
{
    uri.user.clear();
    uri.password.reset();
    return to_string(uri);
}

}  // namespace callagent
