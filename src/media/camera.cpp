#include "media/camera.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

#include "media/devices.h"

namespace callagent::media {
namespace {

std::string rate_text(const CameraMode &mode)
{
    char text[32];
    std::snprintf(text, sizeof text, "%g fps", mode.rate());
    return text;
}

}  // namespace

CameraMode closest_mode(const std::vector<CameraMode> &modes, const VideoFormat &wanted)
{
    // Smaller is better, the first difference decides.
    const auto order = [&wanted](const CameraMode &mode) {
        const bool enough = mode.width >= wanted.width && mode.height >= wanted.height;
        const long area = static_cast<long>(mode.width) * mode.height;
        const bool known = mode.rate_numerator > 0;
        const double missing = known ? std::max(0.0, wanted.framerate - mode.rate() - 0.5) : 0.0;
        const double excess = known ? std::max(0.0, mode.rate() - wanted.framerate) : 0.0;
        return std::tuple(!enough, enough ? area : -area, missing, mode.jpeg, excess);
    };
    return *std::min_element(modes.begin(), modes.end(),
                             [&](const auto &a, const auto &b) { return order(a) < order(b); });
}

std::string describe_modes(const std::vector<CameraMode> &modes)
{
    std::vector<CameraMode> best;  // of each size, in the camera's order
    for (const auto &mode : modes) {
        const auto same = std::find_if(best.begin(), best.end(), [&mode](const auto &other) {
            return mode.width == other.width && mode.height == other.height;
        });
        if (same == best.end())
            best.push_back(mode);
        else if (mode.rate() > same->rate())
            *same = mode;
    }
    std::string text;
    for (const auto &mode : best) {
        text += (text.empty() ? "" : ", ") + std::to_string(mode.width) + "x" +
                std::to_string(mode.height);
        std::string more = mode.rate_numerator > 0 ? rate_text(mode) : "";
        if (mode.jpeg)
            more += more.empty() ? "MJPEG" : ", MJPEG";
        if (!more.empty())
            text += " (" + more + ")";
    }
    return text;
}

Result<OpenedCamera> open_camera(const std::string &option, const std::string &node,
                                 const VideoFormat &format, const Pipelines &pipelines)
{
    OpenedCamera opened{nullptr, node, {}};
    if (node.empty()) {
        const auto cameras = list_cameras(format);
        if (cameras.empty())
            return Error{option + ": " + cameras_hint({})};
        opened.node = cameras.front().node;
    }
    const auto explain = [&](const std::string &why) {
        return Error{option + ": " + why + "; " + cameras_hint(list_devices())};
    };
    const auto camera = ask_camera(opened.node, format);
    if (!camera)
        return explain(opened.node + ": " + camera.error());
    if (camera->modes.empty())
        return explain(opened.node + " (" + camera->name +
                       ") offers neither raw pictures nor MJPEG");
    const auto mode = closest_mode(camera->modes, format);
    if (mode.width != format.width || mode.height != format.height)
        opened.note = option + ": no " + std::to_string(format.width) + "x" +
                      std::to_string(format.height) + " from " + opened.node + ", which offers " +
                      describe_modes(camera->modes) + "; scaled from " +
                      std::to_string(mode.width) + "x" + std::to_string(mode.height);
    const auto rate = mode.rate_numerator > 0 ? std::to_string(mode.rate_numerator) + "/" +
                                                    std::to_string(mode.rate_denominator)
                                              : "[0/1,2147483647/1]";
    auto chain = pipelines.make(mode.jpeg ? "source/camera-mjpeg" : "source/camera",
                                {{"device", opened.node},
                                 {"width", std::to_string(mode.width)},
                                 {"height", std::to_string(mode.height)},
                                 {"framerate", rate}});
    if (!chain)
        return Error{option + ": " + chain.error()};
    opened.chain = std::move(*chain);
    return opened;
}

}  // namespace callagent::media
