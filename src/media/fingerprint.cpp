#include "media/fingerprint.h"

#include <optional>

#include <glib.h>

#include "glib/ptr.h"

namespace callagent::media {
namespace {

std::optional<GChecksumType> checksum_type(const std::string &hash)
{
    if (hash == "sha-256")
        return G_CHECKSUM_SHA256;
    if (hash == "sha-384")
        return G_CHECKSUM_SHA384;
    if (hash == "sha-512")
        return G_CHECKSUM_SHA512;
    return std::nullopt;
}

}  // namespace

std::string certificate_digest(const std::string &pem, const std::string &hash)
{
    static constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
    const auto type = checksum_type(hash);
    const auto begin = pem.find(kBegin);
    const auto end = pem.find("-----END CERTIFICATE-----");
    if (!type || begin == std::string::npos || end == std::string::npos || end < begin)
        return {};

    // PEM (RFC 7468) is the DER in base64; GLib's decoder passes over the line ends.
    const auto body = pem.substr(begin + kBegin.size(), end - begin - kBegin.size());
    gsize size = 0;
    const glib::Ptr<guchar> der(g_base64_decode(body.c_str(), &size));
    if (size == 0)
        return {};
    const auto hex = glib::adopt(g_compute_checksum_for_data(*type, der.get(), size));

    std::string digest;
    for (const char *p = hex.get(); p[0] && p[1]; p += 2) {
        if (!digest.empty())
            digest += ':';
        digest += g_ascii_toupper(p[0]);
        digest += g_ascii_toupper(p[1]);
    }
    return digest;
}

}  // namespace callagent::media
