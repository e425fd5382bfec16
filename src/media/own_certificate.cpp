#include "media/own_certificate.h"

#include <array>
#include <ctime>
#include <memory>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

namespace callagent::media {
namespace {

constexpr std::time_t kDay = 86'400;  // s

struct FreeKey {
    void operator()(gnutls_x509_privkey_t p) const noexcept { gnutls_x509_privkey_deinit(p); }
};
struct FreeCertificate {
    void operator()(gnutls_x509_crt_t p) const noexcept { gnutls_x509_crt_deinit(p); }
};
using Key = std::unique_ptr<gnutls_x509_privkey_int, FreeKey>;
using Certificate = std::unique_ptr<gnutls_x509_crt_int, FreeCertificate>;

std::string text_of(gnutls_datum_t &pem)
{
    std::string text(reinterpret_cast<const char *>(pem.data), pem.size);
    gnutls_free(pem.data);
    return text;
}

// The first step that fails ends it; the value is GnuTLS's.
int fill(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
    constexpr std::array<unsigned char, 8> kSerial{1};
    const auto now = std::time(nullptr);
    int result = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                              GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (result >= 0)
        result = gnutls_x509_crt_set_version(certificate, 3);
    if (result >= 0)
        result = gnutls_x509_crt_set_serial(certificate, kSerial.data(), kSerial.size());
    if (result >= 0)
        result = gnutls_x509_crt_set_activation_time(certificate, now - kDay);
    if (result >= 0)
        result = gnutls_x509_crt_set_expiration_time(certificate, now + 30 * kDay);
    if (result >= 0)
        result = gnutls_x509_crt_set_dn(certificate, "CN=WebRTC", nullptr);
    if (result >= 0)
        result = gnutls_x509_crt_set_key(certificate, key);
    if (result >= 0)
        result = gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
    return result;
}

}  // namespace

Result<std::string> make_certificate()
{
    gnutls_x509_privkey_t raw_key = nullptr;
    gnutls_x509_crt_t raw_certificate = nullptr;
    gnutls_x509_privkey_init(&raw_key);
    const Key key(raw_key);
    gnutls_x509_crt_init(&raw_certificate);
    const Certificate certificate(raw_certificate);
    gnutls_datum_t cert{}, secret{};
    int result = key && certificate ? fill(certificate.get(), key.get()) : GNUTLS_E_MEMORY_ERROR;
    if (result >= 0)
        result = gnutls_x509_crt_export2(certificate.get(), GNUTLS_X509_FMT_PEM, &cert);
    if (result >= 0)
        result = gnutls_x509_privkey_export2_pkcs8(key.get(), GNUTLS_X509_FMT_PEM, nullptr,
                                                   GNUTLS_PKCS_PLAIN, &secret);
    if (result < 0)
        return Error{std::string("no certificate can be made: ") + gnutls_strerror(result)};
    return text_of(cert) + text_of(secret);
}

}  // namespace callagent::media
