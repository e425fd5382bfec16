#include "media/pipelines.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "core/template.h"

namespace callagent::media {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".launch";
constexpr std::size_t kMaxFile = std::size_t{64} << 10;  // bytes; ours have a few hundred

std::string join(const std::vector<std::string> &parts, const char *between)
{
    std::string result;
    for (const auto &part : parts)
        result += (result.empty() ? "" : between) + part;
    return result;
}

// "encode/vp8"; nothing that leads out of the directories.
bool is_chain_name(std::string_view chain)
{
    const auto slash = chain.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == chain.size())
        return false;
    return std::all_of(chain.begin(), chain.end(), [slash, &chain](const char &c) {
        return g_ascii_isalnum(c) || c == '-' || c == '_' || &c == &chain[slash];
    });
}

// Debian's package of an element that is not there.
std::string package_of(const std::string &element)
{
    static constexpr std::pair<std::string_view, const char *> kPackages[] = {
        // prefixes
        {"v4l2", "gstreamer1.0-plugins-good"},
        {"pulse", "gstreamer1.0-plugins-good"},
        {"vp8", "gstreamer1.0-plugins-good"},
        {"vp9", "gstreamer1.0-plugins-good"},
        {"rtp", "gstreamer1.0-plugins-good"},
        {"matroska", "gstreamer1.0-plugins-good"},
        {"webm", "gstreamer1.0-plugins-good"},
        {"jpeg", "gstreamer1.0-plugins-good"},
        {"png", "gstreamer1.0-plugins-good"},
        {"auto", "gstreamer1.0-plugins-good"},
        {"level", "gstreamer1.0-plugins-good"},
        {"webrtc", "gstreamer1.0-plugins-bad"},
        {"dtls", "gstreamer1.0-plugins-bad"},
        {"srtp", "gstreamer1.0-plugins-bad"},
        {"h264parse", "gstreamer1.0-plugins-bad"},
        {"openh264", "gstreamer1.0-plugins-bad"},
        {"wayland", "gstreamer1.0-plugins-bad"},
        {"x264", "gstreamer1.0-plugins-ugly"},
        {"av", "gstreamer1.0-libav"},
        {"nice", "gstreamer1.0-nice"},
        {"alsa", "gstreamer1.0-alsa"},
        {"gl", "gstreamer1.0-gl"},
        {"ximage", "gstreamer1.0-x"},
        {"xvimage", "gstreamer1.0-x"},
        {"clockoverlay", "gstreamer1.0-x"},
        {"timeoverlay", "gstreamer1.0-x"},
        {"textoverlay", "gstreamer1.0-x"},
        {"pipewire", "gstreamer1.0-pipewire"},
        {"opus", "gstreamer1.0-plugins-base"},
        {"video", "gstreamer1.0-plugins-base"},
        {"audio", "gstreamer1.0-plugins-base"},
        {"decodebin", "gstreamer1.0-plugins-base"},
        {"uridecodebin", "gstreamer1.0-plugins-base"},
        {"app", "gstreamer1.0-plugins-base"},
    };
    for (const auto &[prefix, package] : kPackages)
        if (element.starts_with(prefix))
            return package;
    return {};
}

// The sentence for what gst_parse_* says, with what to install where an element is missing.
std::string describe(const std::string &what, const GError *error)
{
    auto text = what + ": " + (error ? error->message : "not a pipeline");
    if (error && g_error_matches(error, GST_PARSE_ERROR, GST_PARSE_ERROR_NO_SUCH_ELEMENT)) {
        const std::string_view message = error->message;  // no element "foo"
        const auto begin = message.find('"');
        const auto end = message.rfind('"');
        if (begin < end && end != std::string_view::npos) {
            const auto package =
                package_of(std::string(message.substr(begin + 1, end - begin - 1)));
            if (!package.empty())
                text += " (on Debian: apt install " + package + ")";
        }
    }
    return text;
}

Result<glib::Ptr<GstElement>> parse_bin(const std::string &what, const std::string &name,
                                        const std::string &text)
{
    if (text.empty())
        return Error{what + ": no elements in it"};
    GError *raw_error = nullptr;
    auto *raw = gst_parse_bin_from_description_full(with_closed_ends(text).c_str(), TRUE, nullptr,
                                                    GST_PARSE_FLAG_FATAL_ERRORS, &raw_error);
    auto bin = glib::sink(raw);
    const auto error = glib::adopt(raw_error);
    if (!bin || error)
        return Error{describe(what, error.get())};
    // Object names may not contain the slash of "encode/vp8": paths in messages are made of them. A
    // fragment keeps the name that GStreamer makes up: there may be several of them in a pipeline.
    if (!name.empty()) {
        auto object = name;
        std::replace(object.begin(), object.end(), '/', '-');
        gst_object_set_name(GST_OBJECT(bin.get()), object.c_str());
    }
    return bin;
}

Result<std::string> read_file(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    std::string text(kMaxFile + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.is_open() || file.bad())
        return Error{path + ": cannot be read: " + std::strerror(errno)};
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFile)
        return Error{path + ": longer than " + std::to_string(kMaxFile) +
                     " bytes; a pipeline file is a few lines of gst-launch text"};
    if (text.find('\0') != std::string::npos ||
        !g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr))
        return Error{path + ": not a text file (UTF-8)"};
    return text;
}

}  // namespace

Pipelines::Pipelines(std::string extra)
{
    const auto add = [this](std::string directory) {
        if (!directory.empty() &&
            std::find(directories_.begin(), directories_.end(), directory) == directories_.end())
            directories_.push_back(std::move(directory));
    };
    add(std::move(extra));
    if (const char *given = g_getenv("CALLAGENT_PIPELINES"))
        add(given);
    add((fs::path(g_get_user_data_dir()) / "callagent" / "pipelines").string());
    for (const auto *dir = g_get_system_data_dirs(); *dir; ++dir)
        add((fs::path(*dir) / "callagent" / "pipelines").string());
    add(CALLAGENT_PIPELINES_DIR);
    // Beside the program: an installation that was moved, and a build in the source tree.
    std::error_code error;
    const auto here = fs::read_symlink("/proc/self/exe", error).parent_path();
    for (const auto *dir : {"../share/callagent/pipelines", "../../pipelines"})
        if (const auto path = (here / dir).lexically_normal(); fs::is_directory(path, error))
            add(path.string());
}

Result<std::string> Pipelines::find(const std::string &chain) const
{
    if (!is_chain_name(chain))
        return Error{"pipeline \"" + chain +
                     "\": a name is STAGE/NAME, of letters, digits, - and _"};
    for (const auto &directory : directories_) {
        const auto path = fs::path(directory) / (chain + std::string(kSuffix));
        std::error_code ignored;
        if (fs::is_regular_file(path, ignored))
            return path.string();
    }
    const auto stage = chain.substr(0, chain.find('/'));
    const auto there = list(stage);
    return Error{"pipeline " + chain + ": no " + chain + std::string(kSuffix) + " in " +
                 join(directories_, ", ") + "; " +
                 (there.empty() ? "there is nothing in " + stage + "/"
                                : "there is in " + stage + "/: " + join(there, ", "))};
}

std::vector<std::string> Pipelines::list(const std::string &stage) const
{
    std::set<std::string> names;
    for (const auto &directory : directories_) {
        std::error_code error;
        for (const auto &entry : fs::directory_iterator(fs::path(directory) / stage, error)) {
            const auto name = entry.path().filename().string();
            if (name.size() > kSuffix.size() && name.ends_with(kSuffix))
                names.insert(name.substr(0, name.size() - kSuffix.size()));
        }
    }
    return {names.begin(), names.end()};
}

Result<std::string> Pipelines::text(const std::string &chain, const Values &values) const
{
    const auto path = find(chain);
    if (!path)
        return Error{path.error()};
    const auto raw = read_file(*path);
    if (!raw)
        return Error{raw.error()};
    return fill_template(*path, *raw, values);
}

Result<glib::Ptr<GstElement>> Pipelines::make(const std::string &chain, const Values &values) const
{
    const auto filled = text(chain, values);
    if (!filled)
        return Error{filled.error()};
    const auto path = find(chain);
    return parse_bin(path ? *path : chain, chain, *filled);
}

Result<glib::Ptr<GstElement>> make_fragment(const std::string &what, const std::string &text)
{
    return parse_bin(what + " '" + text + "'", {}, text);
}

}  // namespace callagent::media
