#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include <gst/video/video.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/recorder.h"

namespace callagent::media {
namespace {

constexpr GstClockTime kTimeout = 5 * GST_SECOND;

Error failed(const std::string &path)
{
    return Error{"--snapshot " + path + ": cannot be written: " + std::strerror(errno)};
}

}  // namespace

Status check_snapshot(const std::string &path)
{
    auto temporary = path + ".XXXXXX";
    const int descriptor = mkstemp(temporary.data());
    if (descriptor < 0)
        return failed(path);
    close(descriptor);
    unlink(temporary.c_str());
    return Done{};
}

Status write_snapshot(const std::string &path, GstSample *sample)
{
    if (!sample)
        return Error{"--snapshot " + path + ": no picture has come"};
    GError *raw_error = nullptr;
    const auto caps = glib::adopt(gst_caps_new_empty_simple("image/png"));
    const auto png =
        glib::adopt(gst_video_convert_sample(sample, caps.get(), kTimeout, &raw_error));
    const auto error = glib::adopt(raw_error);
    if (!png)
        return Error{"--snapshot " + path + ": the picture does not become a PNG: " +
                     (error ? error->message : "unknown error")};

    // Whoever watches for the file finds all of it or nothing.
    auto temporary = path + ".XXXXXX";
    const int descriptor = mkstemp(temporary.data());
    if (descriptor < 0)
        return failed(path);
    auto *file = fdopen(descriptor, "wb");
    GstMapInfo map;
    bool written = gst_buffer_map(gst_sample_get_buffer(png.get()), &map, GST_MAP_READ);
    if (written) {
        written = std::fwrite(map.data, 1, map.size, file) == map.size;
        gst_buffer_unmap(gst_sample_get_buffer(png.get()), &map);
    }
    // mkstemp makes files that only we may read; a picture is not a secret.
    const auto mask = umask(0);
    umask(mask);
    written = fchmod(descriptor, 0666 & ~mask) == 0 && written;
    written = std::fclose(file) == 0 && written;
    if (written && std::rename(temporary.c_str(), path.c_str()) == 0)
        return Done{};
    const auto result = failed(path);
    unlink(temporary.c_str());
    return result;
}

}  // namespace callagent::media
