#include "turn_credentials.h"

#include <array>

#include <glib.h>

#include "core/server_uri.h"
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

std::string unescaped(const std::string &text)
{
    return glib::adopt(g_uri_unescape_string(text.c_str(), nullptr)).get();
}

}  // namespace

std::vector<std::string> with_credentials(std::vector<std::string> turn, const std::string &secret,
                                          std::chrono::system_clock::time_point now)
{
    if (secret.empty())
        return turn;
    const auto expiry = std::to_string(std::chrono::system_clock::to_time_t(now + kLifetime));
    for (auto &uri : turn) {
        auto parts = split_server_uri(uri);
        if (parts.password)
            continue;
        auto user = expiry;
        if (!parts.user.empty())
            user += ":" + unescaped(parts.user);
        parts.user = escaped(user);
        parts.password = escaped(password_of(user, secret));
        uri = to_string(parts);
    }
    return turn;
}

}  // namespace callagent
