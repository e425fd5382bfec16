#include "turn_credentials.h"

#include <array>

#include <glib.h>

#include "glib/ptr.h"

namespace callagent::glib {

template <>
struct Release<GHmac> {
    void operator()(GHmac *p) const noexcept { g_hmac_unref(p); }
};

}  // namespace callagent::glib

namespace callagent {
namespace {

constexpr std::chrono::hours kLifetime{24};

std::string password_of(const std::string &user, const std::string &secret)
{
    const auto hmac = glib::adopt(g_hmac_new(
        G_CHECKSUM_SHA1, reinterpret_cast<const guchar *>(secret.data()), secret.size()));
    g_hmac_update(hmac.get(), reinterpret_cast<const guchar *>(user.data()),
                  static_cast<gssize>(user.size()));
    std::array<guint8, 20> digest{};
    gsize size = digest.size();
    g_hmac_get_digest(hmac.get(), digest.data(), &size);
    return glib::adopt(g_base64_encode(digest.data(), size)).get();
}

std::string escaped(const std::string &text)
{
    return glib::adopt(g_uri_escape_string(text.c_str(), nullptr, FALSE)).get();
}

}  // namespace

std::vector<std::string> with_credentials(std::vector<std::string> turn, const std::string &secret,
                                          std::chrono::system_clock::time_point now)
{
    if (secret.empty())
        return turn;
    const auto expiry = std::to_string(std::chrono::system_clock::to_time_t(now + kLifetime));
    for (auto &uri : turn) {
        const auto begin = uri.find("://") + 3;
        const auto at = uri.find('@', begin);
        const bool named = at != std::string::npos;
        const auto given = named ? uri.substr(begin, at - begin) : std::string();
        if (given.find(':') != std::string::npos)
            continue;
        auto user = expiry;
        if (named)
            user +=
                ":" + std::string(glib::adopt(g_uri_unescape_string(given.c_str(), nullptr)).get());
        auto who = escaped(user);
        who += ':';
        who += escaped(password_of(user, secret));
        if (named)
            uri.replace(begin, at - begin, who);
        else
            uri.insert(begin, who + '@');
    }
    return turn;
}

}  // namespace callagent
