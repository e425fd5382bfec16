#include "web/files.h"

#include <string>

#include <gio/gio.h>

// What glib-compile-resources makes of web.gresource.xml; its header has an include guard of a
// reserved name.
extern "C" {
GResource *callagent_web_get_resource(void);
void callagent_web_register_resource(void);
}

namespace callagent::web {

std::string_view file(std::string_view name)
{
    static GResource *const all = [] {
        callagent_web_register_resource();
        return callagent_web_get_resource();
    }();
    const auto path = "/web/" + std::string(name);
    auto *bytes = g_resource_lookup_data(all, path.c_str(), G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr);
    if (!bytes)
        return {};
    gsize size = 0;
    const auto *data = static_cast<const char *>(g_bytes_get_data(bytes, &size));
    g_bytes_unref(bytes);  // the contents are the program's own, uncompressed, and stay
    return {data, size};
}

}  // namespace callagent::web
