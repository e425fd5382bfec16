// Before 1.28 the first dtlsdec makes an RSA key of 2,048 bits, which keeps a core busy for 60 to
// 500 ms, whether its certificate is used or not; from 1.28 on it makes one like ours, and this
// file may go. No property of GStreamer's says otherwise. So its key is refused (OpenSSL asks the
// RSA method for it), and the certificate that is left without one is given ours before anybody
// sees it.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "media/default_certificate.h"

#include <mutex>
#include <string>
#include <string_view>

#include <gst/gst.h>
#include <openssl/rsa.h>

#include "media/own_certificate.h"

namespace callagent::media {
namespace {

// What this thread, and no other, is about to give to the first dtlsdec.
thread_local const std::string *offered = nullptr;

void (*construct_as_before)(GObject *) = nullptr;
void (*get_as_before)(GObject *, guint, GValue *, GParamSpec *) = nullptr;

// GStreamer's private class of certificates; null where this version has another.
GObjectClass *certificate_class()
{
    const auto type = g_type_from_name("GstDtlsCertificate");
    auto *found = type ? static_cast<GObjectClass *>(g_type_class_peek(type)) : nullptr;
    return found && g_object_class_find_property(found, "pem") ? found : nullptr;
}

void on_constructed(GObject *certificate)
{
    construct_as_before(certificate);
    if (!offered)
        return;
    auto *type = G_OBJECT_GET_CLASS(certificate);
    type->constructed = construct_as_before;
    // Set as it is while the object is made: the property is a construct-only one.
    auto *property = g_object_class_find_property(type, "pem");
    GValue pem = G_VALUE_INIT;
    g_value_init(&pem, G_TYPE_STRING);
    g_value_set_string(&pem, offered->c_str());
    type->set_property(certificate, property->param_id, &pem, property);
    g_value_unset(&pem);
}

// What was given is given back with the key behind it, and webrtcbin takes all of it for the
// certificate whose fingerprint it promises.
void get_without_key(GObject *certificate, guint id, GValue *value, GParamSpec *property)
{
    get_as_before(certificate, id, value, property);
    constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
    const char *text = G_VALUE_HOLDS_STRING(value) ? g_value_get_string(value) : nullptr;
    if (!text)
        return;
    const std::string pem(text);
    if (const auto end = pem.find(kEnd); end != std::string::npos)
        g_value_set_string(value, pem.substr(0, end + kEnd.size()).c_str());
}

// OpenSSL asks here for every RSA key that is begun while the method is ours, on any thread.
int make_rsa_key(RSA *rsa, int bits, BIGNUM *exponent, BN_GENCB *progress)
{
    auto *type = offered ? certificate_class() : nullptr;
    if (!type) {
        RSA_set_method(rsa, RSA_PKCS1_OpenSSL());
        return RSA_generate_key_ex(rsa, bits, exponent, progress);
    }
    construct_as_before = type->constructed;
    type->constructed = on_constructed;
    get_as_before = type->get_property;
    type->get_property = get_without_key;
    return 0;
}

void make_first_dtlsdec()
{
    const auto certificate = make_certificate();
    // Never freed: a key that another thread begins meanwhile keeps it.
    auto *method = certificate ? RSA_meth_dup(RSA_PKCS1_OpenSSL()) : nullptr;
    const auto *before = RSA_get_default_method();
    if (method && RSA_meth_set_keygen(method, make_rsa_key)) {
        offered = &*certificate;
        RSA_set_default_method(method);
    }
    if (auto *element = gst_element_factory_make("dtlsdec", nullptr))
        gst_object_unref(gst_object_ref_sink(element));
    RSA_set_default_method(before);
    offered = nullptr;
}

}  // namespace

void adopt_certificate()
{
    static std::once_flag once;
    std::call_once(once, make_first_dtlsdec);
}

}  // namespace callagent::media
