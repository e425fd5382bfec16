#include "report/pictures.h"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/json.h"

namespace callagent::report {
namespace {

bool same(const struct stat &a, const struct stat &b)
{
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
           a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// Empty where it is not the file that it was.
std::string bytes_of(const Picture &picture)
{
    std::string bytes;
    const int file = ::open(picture.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return bytes;
    struct stat now {};
    if (fstat(file, &now) == 0 && S_ISREG(now.st_mode) && same(now, picture.written)) {
        bytes.resize(static_cast<std::size_t>(now.st_size));
        if (::pread(file, bytes.data(), bytes.size(), 0) != now.st_size)
            bytes.clear();
    }
    ::close(file);
    return bytes;
}

std::string base64(std::string_view bytes)
{
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 |
                    (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text += at + i <= bytes.size() ? kDigits[group >> (18 - 6 * i) & 63] : '=';
    }
    return text;
}

}  // namespace

std::string snapshot_of(std::string_view line)
{
    if (line.find("\"snapshot\"") == std::string_view::npos)  // nearly all of them
        return {};
    const auto members = json::members(line);
    const auto *event = members ? json::find(*members, "event") : nullptr;
    const auto *summary = members ? json::find(*members, "summary") : nullptr;
    if (!event || (event->value != "\"call-ended\"" && event->value != "\"end\"") || !summary ||
        json::kind(summary->value) != "object")
        return {};
    const auto of_call = json::members(summary->value);
    const auto *snapshot = of_call ? json::find(*of_call, "snapshot") : nullptr;
    const auto name = snapshot && json::kind(snapshot->value) == "string"
                          ? json::string(snapshot->value)
                          : std::string();
    return name ? *name : "";
}

std::optional<Picture> picture_at(std::string name, std::string file)
{
    Picture picture{std::move(name), std::move(file), {}};
    if (stat(picture.file.c_str(), &picture.written) != 0)
        return std::nullopt;
    return picture;
}

std::string to_json(const std::vector<Picture> &pictures, std::size_t max_bytes)
{
    const auto size = [](const Picture &one) {
        return static_cast<std::size_t>(one.written.st_size);
    };
    auto first = pictures.end();
    for (; first != pictures.begin() && size(*(first - 1)) <= max_bytes; --first)
        max_bytes -= size(*(first - 1));
    std::string text;
    std::for_each(first, pictures.end(), [&](const Picture &picture) {
        const auto bytes = bytes_of(picture);
        if (bytes.starts_with("\x89PNG"))
            text += (text.empty() ? "" : ",") + json::quote(picture.name) +
                    ":\"data:image/png;base64," + base64(bytes) + "\"";
    });
    return "{" + text + "}";
}

}  // namespace callagent::report
