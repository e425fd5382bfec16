#include "media/microphone.h"

#include <memory>
#include <mutex>
#include <utility>

#include "glib/loop.h"

namespace callagent::media {
namespace {

struct Watch {
    std::mutex mutex;
    std::string current;  // the sound server's name of the source
};

}  // namespace

glib::Connection watch_microphone(GstElement *pipeline,
                                  std::function<void(const std::string &)> moved)
{
    const auto source = glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline), "source"));
    if (!source ||
        !g_object_class_find_property(G_OBJECT_GET_CLASS(source.get()), "current-device"))
        return {};
    auto watch = std::make_shared<Watch>();
    // The lambda goes with the connection, and `moved` with it: what was posted by then finds it
    // gone.
    const auto shared =
        std::make_shared<std::function<void(const std::string &)>>(std::move(moved));
    return glib::connect<void(GstElement *, GParamSpec *)>(
        source.get(), "notify::current-device", [watch, shared](GstElement *element, GParamSpec *) {
            char *raw = nullptr;
            g_object_get(element, "current-device", &raw, nullptr);
            const auto owned = glib::adopt(raw);
            const std::string now = owned ? owned.get() : "";
            const std::lock_guard lock(watch->mutex);
            const auto before = std::exchange(watch->current, now);
            if (now.empty() || before.empty() || before == now)
                return;
            glib::post([weak = std::weak_ptr(shared), now] {
                if (const auto handler = weak.lock())
                    (*handler)(now);
            });
        });
}

std::string moved_sentence(const std::string &to)
{
    auto text = "the microphone went away, and the sound server took " + to + " instead";
    if (to.ends_with(".monitor"))
        text += ", which is what a loudspeaker plays: the peer hears its own echo";
    return text;
}

}  // namespace callagent::media
