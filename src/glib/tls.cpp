#include "glib/tls.h"

namespace callagent::glib {

Result<Ptr<GTlsDatabase>> read_authorities(const std::string &file)
{
    if (file.empty())
        return Ptr<GTlsDatabase>();
    const auto path = adopt(g_canonicalize_filename(file.c_str(), nullptr));
    GError *raw = nullptr;
    auto authorities = adopt(g_tls_file_database_new(path.get(), &raw));
    if (const auto error = adopt(raw))
        return Error{"--ca " + file + " holds no certificate that we can read (" + error->message +
                     "): give a PEM file"};
    return authorities;
}

void set_trust(GTlsConnection *connection, GTlsDatabase *authorities, bool any_certificate)
{
    if (authorities)
        g_tls_connection_set_database(connection, authorities);
    if (any_certificate)
        g_signal_connect(connection, "accept-certificate",
                         G_CALLBACK(+[](GTlsConnection *, GTlsCertificate *, GTlsCertificateFlags,
                                        gpointer) { return TRUE; }),
                         nullptr);
}

std::string tls_reason(const GError *error)
{
    if (g_error_matches(error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
        return std::string("its certificate is not trusted (") + error->message +
               "): give its authority with --ca, or --insecure";
    return error->message;
}

void load_network_types()
{
    for (const auto type : {G_TYPE_INET_SOCKET_ADDRESS, G_TYPE_SOCKET, G_TYPE_SOCKET_CLIENT,
                            G_TYPE_NETWORK_ADDRESS, G_TYPE_TCP_CONNECTION})
        g_type_class_unref(g_type_class_ref(type));
    g_tls_backend_get_default();
    g_proxy_resolver_get_default();
    g_object_unref(g_resolver_get_default());
}

}  // namespace callagent::glib
