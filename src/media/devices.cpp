#include "media/devices.h"

#include <optional>
#include <utility>

#include "media/bounded.h"
#include "media/camera.h"
#include "media/reach.h"
#include "media/timeline.h"

namespace callagent::glib {

template <>
struct Release<GstDevice> : ReleaseObject {
};
template <>
struct Release<GstDeviceProvider> : ReleaseObject {
};

}  // namespace callagent::glib

namespace callagent::media {
namespace {

constexpr std::chrono::milliseconds kTimeout{1000};

struct SoundDevices {
    std::vector<Device> microphones;
    std::vector<Device> speakers;
};

// The name by which the sound server knows it: what pulsesrc's and pulsesink's `device` takes.
std::string server_name(GstDevice *device)
{
    const auto element = glib::sink(gst_device_create_element(device, nullptr));
    if (!element)
        return {};
    char *raw = nullptr;
    g_object_get(element.get(), "device", &raw, nullptr);
    const auto owned = glib::adopt(raw);
    return owned ? owned.get() : "";
}

void add(GstDevice *device, SoundDevices &to)
{
    const auto name = server_name(device);
    const auto title = glib::adopt(gst_device_get_display_name(device));
    if (name.empty() || !title)
        return;
    const auto properties = glib::adopt(gst_device_get_properties(device));
    gboolean is_default = FALSE;
    if (properties)
        gst_structure_get_boolean(properties.get(), "is-default", &is_default);
    std::string details = is_default ? "default" : "";
    if (gst_device_has_classes(device, "Audio/Sink")) {
        to.speakers.push_back(
            {title.get(), "--audio-sink 'queue ! pulsesink device=" + name + "'", details});
        return;
    }
    if (name.ends_with(".monitor"))
        details += details.empty() ? "what a loudspeaker plays" : ", what a loudspeaker plays";
    to.microphones.push_back({title.get(), "--audio mic:" + name, details});
}

// Whether the sound server takes us as a client: one that dies, or wants another's cookie, accepts
// connections as well.
bool takes_clients()
{
    const auto client = glib::sink(gst_element_factory_make("pulsesrc", nullptr));
    if (!client)
        return false;
    const bool taken =
        gst_element_set_state(client.get(), GST_STATE_READY) == GST_STATE_CHANGE_SUCCESS;
    gst_element_set_state(client.get(), GST_STATE_NULL);
    return taken;
}

// Where it is not let in, the provider of GStreamer 1.22 posts an error as only an element may, and
// CRITICAL stands on stderr; later versions only log it. So it is asked only where clients are
// taken.
std::optional<SoundDevices> list_sound()
{
    if (!takes_clients())
        return std::nullopt;
    SoundDevices result;
    const auto provider =
        glib::adopt(gst_device_provider_factory_get_by_name("pulsedeviceprovider"));
    if (!provider)
        return result;
    auto *devices = gst_device_provider_get_devices(provider.get());
    for (auto *at = devices; at; at = at->next)
        add(static_cast<GstDevice *>(at->data), result);
    g_list_free_full(devices, g_object_unref);
    return result;
}

std::string hint(const std::vector<Device> &devices, const char *nothing, const char *instead)
{
    if (devices.empty())
        return std::string(nothing) + "; use " + instead;
    std::string text;
    for (const auto &device : devices)
        text += (text.empty() ? "there is " : ", ") + device.option + " (" + device.name + ")";
    return text + "; or use " + instead;
}

}  // namespace

Devices list_devices()
{
    Devices result;
    for (const auto &camera : list_cameras({}))
        result.cameras.push_back(
            {camera.name, "--video camera:" + camera.node, describe_modes(camera.modes)});
    result.display = reach_display().has_value();
    if (!reach_sound_server())
        return result;
    // One that takes its time is there, and has nothing to tell.
    auto sound = bounded(kTimeout, list_sound, std::optional(SoundDevices{}));
    if (!sound)
        return result;
    result.sound_server = true;
    result.microphones = std::move(sound->microphones);
    result.speakers = std::move(sound->speakers);
    return result;
}

std::string cameras_hint(const Devices &devices)
{
    return hint(devices.cameras, "there is no camera", "--video test or --video none");
}

std::string microphones_hint(const Devices &devices)
{
    return hint(devices.microphones,
                devices.sound_server ? "the sound server has no microphone"
                                     : "there is no sound server (PulseAudio or PipeWire)",
                "--audio test or --audio none");
}

}  // namespace callagent::media
