#include "signaling/certificate.h"

#include <memory>

#include <gnutls/gnutls.h>

namespace callagent::signaling {
namespace {

struct FreeCredentials {
    void operator()(gnutls_certificate_credentials_t p) const noexcept
    {
        gnutls_certificate_free_credentials(p);
    }
};

Failure refused(const std::string &why, const std::string &what_to_do)
{
    return {Exit::Usage, "relay: " + why + ": " + what_to_do};
}

// GIO takes any key with any certificate, and then no client gets through.
std::string why_no_pair(const std::string &cert_file, const std::string &key_file)
{
    gnutls_certificate_credentials_t raw = nullptr;
    if (gnutls_certificate_allocate_credentials(&raw) != 0)
        return "no memory";
    const std::unique_ptr<gnutls_certificate_credentials_st, FreeCredentials> credentials(raw);
    const int result = gnutls_certificate_set_x509_key_file(credentials.get(), cert_file.c_str(),
                                                            key_file.c_str(), GNUTLS_X509_FMT_PEM);
    if (result == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return "the key is not this certificate's";
    return result < 0 ? gnutls_strerror(result) : "";
}

std::string day(GDateTime *time)
{
    const std::unique_ptr<char, decltype(&g_free)> text(g_date_time_format(time, "%F"), g_free);
    return text.get();
}

std::string why_not_valid_today(GTlsCertificate *certificate)
{
    using Time = std::unique_ptr<GDateTime, decltype(&g_date_time_unref)>;
    const Time now(g_date_time_new_now_utc(), g_date_time_unref);
    const Time from(g_tls_certificate_get_not_valid_before(certificate), g_date_time_unref);
    const Time until(g_tls_certificate_get_not_valid_after(certificate), g_date_time_unref);
    if (until && g_date_time_compare(until.get(), now.get()) < 0)
        return "has expired on " + day(until.get());
    if (from && g_date_time_compare(from.get(), now.get()) > 0)
        return "is not valid before " + day(from.get());
    return "";
}

}  // namespace

std::variant<glib::Ptr<GTlsCertificate>, Failure> load_certificate(const std::string &cert_file,
                                                                   const std::string &key_file)
{
    if (cert_file.empty() && key_file.empty())
        return glib::Ptr<GTlsCertificate>();
    if (cert_file.empty() || key_file.empty())
        return refused("--tls-cert and --tls-key go together", "give both, or none");
    GError *raw = nullptr;
    auto certificate =
        glib::adopt(g_tls_certificate_new_from_files(cert_file.c_str(), key_file.c_str(), &raw));
    const auto both = "no certificate and key in " + cert_file + " and " + key_file;
    if (const auto error = glib::adopt(raw))
        return refused(both + " (" + error->message + ")", "give PEM files");
    if (const auto why = why_no_pair(cert_file, key_file); !why.empty())
        return refused(both + " (" + why + ")", "give PEM files that belong together");
    if (const auto why = why_not_valid_today(certificate.get()); !why.empty())
        return refused("the certificate in " + cert_file + " " + why,
                       "renew it (scripts/make-cert makes one), or set the clock of this machine");
    return certificate;
}

}  // namespace callagent::signaling
