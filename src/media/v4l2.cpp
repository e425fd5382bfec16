// What V4L2 says of a camera. Asked directly, because v4l2src says no more than "not-negotiated".
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/bounded.h"
#include "media/camera.h"

namespace callagent::media {
namespace {

constexpr std::chrono::milliseconds kTimeout{1000};

class Node {
public:
    explicit Node(const std::string &path)
        : descriptor_(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC))
    {
    }
    ~Node()
    {
        if (descriptor_ >= 0)
            close(descriptor_);
    }
    Node(const Node &) = delete;
    Node &operator=(const Node &) = delete;

    bool is_open() const { return descriptor_ >= 0; }

    // False: the driver has no (further) answer.
    template <typename Argument>
    bool ask(unsigned long request, Argument &argument) const
    {
        return ioctl(descriptor_, request, &argument) == 0;
    }

private:
    int descriptor_;
};

// The raw formats that v4l2src and videoconvert know.
bool is_raw(std::uint32_t format)
{
    static constexpr std::uint32_t kRaw[] = {
        V4L2_PIX_FMT_YUYV,   V4L2_PIX_FMT_UYVY,    V4L2_PIX_FMT_YVYU,  V4L2_PIX_FMT_VYUY,
        V4L2_PIX_FMT_NV12,   V4L2_PIX_FMT_NV21,    V4L2_PIX_FMT_NV12M, V4L2_PIX_FMT_YUV420,
        V4L2_PIX_FMT_YVU420, V4L2_PIX_FMT_YUV422P, V4L2_PIX_FMT_RGB24, V4L2_PIX_FMT_BGR24,
        V4L2_PIX_FMT_GREY};
    return std::find(std::begin(kRaw), std::end(kRaw), format) != std::end(kRaw);
}

bool is_jpeg(std::uint32_t format)
{
    return format == V4L2_PIX_FMT_MJPEG || format == V4L2_PIX_FMT_JPEG;
}

// Each rate at which the camera gives that size.
void add_rates(const Node &node, std::uint32_t format, CameraMode mode, int wanted,
               std::vector<CameraMode> &modes)
{
    v4l2_frmivalenum interval{};
    interval.pixel_format = format;
    interval.width = static_cast<std::uint32_t>(mode.width);
    interval.height = static_cast<std::uint32_t>(mode.height);
    bool any = false;
    for (; node.ask(VIDIOC_ENUM_FRAMEINTERVALS, interval); ++interval.index) {
        auto fastest = interval.discrete;
        if (interval.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
            fastest = interval.stepwise.min;  // the shortest time is the highest rate
            if (fastest.numerator * static_cast<std::uint64_t>(wanted) <= fastest.denominator)
                fastest = {1, static_cast<std::uint32_t>(wanted)};
        }
        if (fastest.numerator > 0 && fastest.denominator > 0) {
            mode.rate_numerator = static_cast<int>(fastest.denominator);
            mode.rate_denominator = static_cast<int>(fastest.numerator);
            modes.push_back(mode);
            any = true;
        }
        if (interval.type != V4L2_FRMIVAL_TYPE_DISCRETE)
            break;
    }
    if (!any)
        modes.push_back(mode);
}

std::uint32_t within(int wanted, std::uint32_t least, std::uint32_t most, std::uint32_t step)
{
    const auto limited = std::clamp(static_cast<std::uint32_t>(wanted), least, most);
    return step > 1 ? least + (limited - least) / step * step : limited;
}

void add_sizes(const Node &node, std::uint32_t format, const VideoFormat &wanted,
               std::vector<CameraMode> &modes)
{
    const auto add = [&](std::uint32_t width, std::uint32_t height) {
        add_rates(node, format,
                  {is_jpeg(format), static_cast<int>(width), static_cast<int>(height), 0, 1},
                  wanted.framerate, modes);
    };
    v4l2_frmsizeenum size{};
    size.pixel_format = format;
    bool any = false;
    for (; node.ask(VIDIOC_ENUM_FRAMESIZES, size); ++size.index, any = true) {
        if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
            add(size.discrete.width, size.discrete.height);
            continue;
        }
        const auto &steps = size.stepwise;
        add(within(wanted.width, steps.min_width, steps.max_width, steps.step_width),
            within(wanted.height, steps.min_height, steps.max_height, steps.step_height));
        add(steps.min_width, steps.min_height);
        add(steps.max_width, steps.max_height);
        any = true;
        break;
    }
    v4l2_format current{};
    current.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (!any && node.ask(VIDIOC_G_FMT, current))
        add(current.fmt.pix.width, current.fmt.pix.height);
}

Result<Camera> ask(const std::string &path, const VideoFormat &format)
{
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0)
        return Error{std::strerror(errno)};
    if (!S_ISCHR(status.st_mode))
        return Error{"is no camera"};
    const Node node(path);
    if (!node.is_open())
        return Error{errno == EACCES ? "Permission denied (join the group \"video\")"
                                     : std::strerror(errno)};
    v4l2_capability capability{};
    if (!node.ask(VIDIOC_QUERYCAP, capability))
        return Error{"is no camera"};
    const auto can = capability.capabilities & V4L2_CAP_DEVICE_CAPS ? capability.device_caps
                                                                    : capability.capabilities;
    if (!(can & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE)) ||
        can & (V4L2_CAP_VIDEO_M2M | V4L2_CAP_VIDEO_M2M_MPLANE))
        return Error{"gives no pictures: the node of something else"};

    Camera camera;
    camera.node = path;
    const auto *name = reinterpret_cast<const char *>(capability.card);
    camera.name.assign(name, strnlen(name, sizeof capability.card));
    v4l2_fmtdesc description{};
    description.type = can & V4L2_CAP_VIDEO_CAPTURE ? V4L2_BUF_TYPE_VIDEO_CAPTURE
                                                    : V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
    for (; node.ask(VIDIOC_ENUM_FMT, description); ++description.index)
        if (is_raw(description.pixelformat) || is_jpeg(description.pixelformat))
            add_sizes(node, description.pixelformat, format, camera.modes);
    return camera;
}

}  // namespace

Result<Camera> ask_camera(const std::string &node, const VideoFormat &format)
{
    return bounded(
        kTimeout, [node, format] { return ask(node, format); },
        Result<Camera>(Error{"its driver does not answer (unplug it and plug it in again)"}));
}

std::vector<Camera> list_cameras(const VideoFormat &format)
{
    std::vector<std::pair<int, std::string>> nodes;
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator("/dev", ignored)) {
        const auto name = entry.path().filename().string();
        constexpr std::string_view kPrefix = "video";
        if (name.starts_with(kPrefix) && name.size() > kPrefix.size() &&
            name.find_first_not_of("0123456789", kPrefix.size()) == std::string::npos)
            nodes.emplace_back(std::atoi(name.c_str() + kPrefix.size()), entry.path().string());
    }
    std::sort(nodes.begin(), nodes.end());
    std::vector<Camera> cameras;
    for (const auto &[number, node] : nodes)
        if (auto camera = ask_camera(node, format))
            cameras.push_back(std::move(*camera));
    return cameras;
}

}  // namespace callagent::media
