#include "media/faults.h"

#include <cctype>

#include "media/camera.h"
#include "media/devices.h"

namespace callagent::media {
namespace {

constexpr const char *kSoundServerGone = "the sound server went away";

// GStreamer's sentence, with the details where they say more than where in its sources it was.
std::string details(const BusReport &report)
{
    auto text = report.message;
    while (!text.empty() &&
           (text.back() == '.' || std::isspace(static_cast<unsigned char>(text.back()))))
        text.pop_back();
    const auto line = report.last_line();
    if (!line.empty() && line.find("gst") == std::string::npos &&
        line.find(".c(") == std::string::npos)
        text += " (" + line + ")";
    return text;
}

bool not_negotiated(const BusReport &report)
{
    return report.mentions("not-negotiated");
}

std::string camera_fault(const Source &source, const BusReport &report)
{
    if (report.is(GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY) || report.mentions("busy"))
        return source.device + " is busy: another program uses it; close that";
    if (report.mentions("No such device") || report.mentions("poll error"))
        return source.device + " does not answer any more: it was unplugged, or its driver failed";
    if (not_negotiated(report)) {
        const auto camera = ask_camera(source.device, {});
        return source.device + " does not give pictures of that size; " +
               (camera && !camera->modes.empty() ? "it offers " + describe_modes(camera->modes)
                                                 : "it does not say what it offers");
    }
    return source.device + ": " + details(report);
}

std::string microphone_fault(const Source &source, const BusReport &report)
{
    const auto which =
        source.device.empty() ? std::string("the default microphone") : source.device;
    if (report.mentions("Connection terminated"))
        return kSoundServerGone;
    if (report.mentions("Connection refused"))
        return "no sound server answers";
    if (report.mentions("No such entity"))
        return which + ": the sound server knows no such microphone";
    return which + ": " + details(report);
}

std::string with_hint(const Source &source, const std::string &why)
{
    switch (source.kind) {
        case SourceKind::Camera:
            return source.option + ": " + why + "; " + cameras_hint(list_devices());
        case SourceKind::Microphone:
            // Whoever is gone has no list of microphones.
            return source.option + ": " + why + "; " +
                   (why == kSoundServerGone ? "start it again, or use --audio test or --audio none"
                                            : microphones_hint(list_devices()));
        case SourceKind::Test:
        case SourceKind::File:
        case SourceKind::Other:
            break;
    }
    return source.option + ": " + why;
}

}  // namespace

Failure source_failure(const Source &source, const BusReport &report)
{
    switch (source.kind) {
        case SourceKind::Camera:
            return {Exit::Device, with_hint(source, camera_fault(source, report))};
        case SourceKind::Microphone:
            return {Exit::Device, with_hint(source, microphone_fault(source, report))};
        case SourceKind::Test:
        case SourceKind::File:
        case SourceKind::Other:
            break;
    }
    auto why = details(report);
    if (not_negotiated(report))
        why = std::string("it does not give raw ") + name(source.tracks.front()->medium()) + " (" +
              why + ")";
    return {Exit::Device, with_hint(source, why)};
}

Failure silent_failure(const Source &source, Medium medium, std::chrono::milliseconds after)
{
    auto why = std::string("no ") + (medium == Medium::Video ? "picture" : "sound") + " within " +
               std::to_string(after.count() / 1000) + " s";
    if (source.kind == SourceKind::Camera)
        why += ": " + source.device + " hangs, unplug it and plug it in again";
    if (source.kind ==
        SourceKind::Microphone)  // who does not answer is not asked for a list either
        return {Exit::Device,
                source.option + ": " + why +
                    ": the sound server does not answer, or the microphone is suspended; "
                    "see pactl list sources, or use --audio test or --audio none"};
    return {Exit::Device, with_hint(source, why)};
}

std::optional<Failure> playback_failure(Medium medium, const std::string &value,
                                        const BusReport &report)
{
    if (report.mentions("Output window was closed") || report.mentions("Quit requested"))
        return std::nullopt;
    const auto option = std::string("--") + name(medium) + "-sink ";
    auto why = details(report);
    if (not_negotiated(report))
        why = std::string("it does not take raw ") + name(medium) + " (" + why + ")";
    return Failure{Exit::Device,
                   option + value + ": " + why + "; use another, or " + option + "none"};
}

}  // namespace callagent::media
