// V4L2 cameras: which there are, what they offer, and which of their modes comes closest.
#pragma once

#include <string>
#include <vector>

#include "core/media.h"
#include "core/result.h"
#include "media/pipelines.h"

namespace callagent::media {

struct CameraMode {
    bool jpeg = false;  // MJPEG, else raw
    int width = 0;
    int height = 0;
    int rate_numerator = 0;  // pictures a second; 0: the driver does not say
    int rate_denominator = 1;

    double rate() const { return static_cast<double>(rate_numerator) / rate_denominator; }
    bool operator==(const CameraMode &) const = default;
};

struct Camera {
    std::string node;  // /dev/video0
    std::string name;  // "HD Webcam"
    // Steps and ranges of sizes stand here as the size that was asked for, their smallest and
    // largest.
    std::vector<CameraMode> modes;
};

// Asks the node; `format` is what is going to be wanted of it. The error is a clause: "No such file
// or directory", "is no camera". Takes no time, or at most a second with a driver that hangs.
Result<Camera> ask_camera(const std::string &node, const VideoFormat &format);

// All that answer, in the order of their numbers.
std::vector<Camera> list_cameras(const VideoFormat &format);

// The mode to open a camera in: of that size, else the next larger one (it is made smaller), else
// the largest; then one that is fast enough; then raw before JPEG. `modes` is not empty.
CameraMode closest_mode(const std::vector<CameraMode> &modes, const VideoFormat &wanted);

// "640x480 (30 fps, MJPEG), …", each size once with its fastest mode.
std::string describe_modes(const std::vector<CameraMode> &modes);

struct OpenedCamera {
    glib::Ptr<GstElement> chain;  // source/camera or source/camera-mjpeg, in the closest mode
    std::string node;
    std::string note;  // where its pictures are scaled, because it has no such size
};

// `node` empty: the first camera. `option` is how the user names it. The error is a sentence that
// names the cameras there are.
Result<OpenedCamera> open_camera(const std::string &option, const std::string &node,
                                 const VideoFormat &format, const Pipelines &pipelines);

}  // namespace callagent::media
