#define OPENSSL_SUPPRESS_DEPRECATED

#include <memory>
#include <string>

#include <gnutls/x509.h>
#include <gst/gst.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/rsa.h>

#include "glib/ptr.h"
#include "media/default_certificate.h"
#include "media/fingerprint.h"
#include "media/own_certificate.h"
#include "media/timeline.h"

namespace callagent::media {
namespace {

std::string pem_of(GstElement *dtlsdec)
{
    char *raw = nullptr;
    g_object_get(dtlsdec, "pem", &raw, nullptr);
    const auto owned = glib::adopt(raw);
    return owned ? owned.get() : "";
}

// The kind of the key of a certificate; negative where it is none.
int key_of(std::string pem)
{
    gnutls_x509_crt_t certificate = nullptr;
    gnutls_x509_crt_init(&certificate);
    const gnutls_datum_t text{reinterpret_cast<unsigned char *>(pem.data()),
                              static_cast<unsigned>(pem.size())};
    unsigned bits = 0;
    const bool read = gnutls_x509_crt_import(certificate, &text, GNUTLS_X509_FMT_PEM) == 0;
    const int kind = read ? gnutls_x509_crt_get_pk_algorithm(certificate, &bits) : -1;
    gnutls_x509_crt_deinit(certificate);
    return kind;
}

TEST(CertificateTest, TheProcesssOwnHasAnEllipticKeyWhichNobodySees)
{
    adopt_certificate();
    const auto first = glib::sink(gst_element_factory_make("dtlsdec", nullptr));
    const auto second = glib::sink(gst_element_factory_make("dtlsdec", nullptr));
    const auto pem = pem_of(first.get());
    EXPECT_EQ(key_of(pem), GNUTLS_PK_ECDSA);
    EXPECT_EQ(pem.find("PRIVATE KEY"), std::string::npos) << pem;
    EXPECT_EQ(pem_of(second.get()), pem);
}

TEST(CertificateTest, OneThatIsGivenIsTakenInstead)
{
    adopt_certificate();
    const auto made = make_certificate();
    ASSERT_TRUE(made) << made.error();
    const auto element = glib::sink(gst_element_factory_make("dtlsdec", nullptr));
    const auto before = pem_of(element.get());
    g_object_set(element.get(), "pem", made->c_str(), nullptr);
    EXPECT_NE(pem_of(element.get()), before);
    EXPECT_EQ(certificate_digest(pem_of(element.get()), "sha-256"),
              certificate_digest(*made, "sha-256"));
}

TEST(CertificateTest, OthersStillGetTheRsaKeysTheyAskFor)
{
    adopt_certificate();
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> exponent(BN_new(), BN_free);
    const std::unique_ptr<RSA, decltype(&RSA_free)> key(RSA_new(), RSA_free);
    BN_set_word(exponent.get(), RSA_F4);
    ASSERT_EQ(RSA_generate_key_ex(key.get(), 2048, exponent.get(), nullptr), 1);
    EXPECT_EQ(RSA_bits(key.get()), 2048);
}

}  // namespace
}  // namespace callagent::media
