#include "report/html_report.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"

namespace callagent::report {
namespace {

Error failed(const std::string &path)
{
    return Error{"--report: cannot write to '" + path + "': " + std::strerror(errno) +
                 "; give a file in a directory that exists, is writable and has room"};
}

Error cannot_read(const std::string &path, const std::string &why)
{
    return Error{"--from: cannot read '" + path + "': " + why +
                 "; give what --events has written to a file"};
}

std::optional<std::string> contents_of(const std::string &path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0)
        return std::nullopt;
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

bool is_event(std::string_view line)
{
    const auto members = json::members(line);
    const auto *event =
        members && json::kind(line) == "object" ? json::find(*members, "event") : nullptr;
    return event && json::kind(event->value) == "string";
}

// In an HTML script "</script" ends it and "<!--" begins another mode; in JSON "<" stands in
// strings only, where it can be written so.
std::string for_script(std::string_view json)
{
    std::string text;
    text.reserve(json.size());
    for (const char c : json)
        text += c == '<' ? std::string_view("\\u003c") : std::string_view(&c, 1);
    return text;
}

std::string to_json(const Run &run)
{
    std::string text =
        "{\"label\":" + json::quote(run.label) + ",\"missing\":" + std::to_string(run.missing);
    if (!run.pictures.empty())
        text += ",\"pictures\":" + to_json(run.pictures);
    text += ",\"events\":[";
    const char *separator = "\n";
    for (const auto &line : run.lines) {
        text += separator + line;
        separator = ",\n";
    }
    return text + "\n]}";
}

std::string data_of(const std::vector<Run> &runs)
{
    std::string text = "{\"runs\":[";
    for (const auto &run : runs)
        text += (&run == &runs.front() ? "" : ",") + to_json(run);
    return for_script(text + "]}");
}

// In the same directory, so that it can be renamed to `path`.
int open_temporary(std::string &name)
{
    name += ".XXXXXX";
    return mkostemp(name.data(), O_CLOEXEC);
}

bool write_all(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return false;
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return true;
}

}  // namespace

Result<Run> read_run(const std::string &path)
{
    const auto text = contents_of(path);
    if (!text)
        return cannot_read(path, std::strerror(errno));
    Run run;
    run.label = path.substr(path.rfind('/') + 1);
    for (std::size_t at = 0; at < text->size();) {
        const auto end = std::min(text->find('\n', at), text->size());
        const auto line = std::string_view(*text).substr(at, end - at);
        at = end + 1;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos)
            continue;
        if (is_event(line))
            run.lines.emplace_back(line);
        else
            ++run.missing;
    }
    if (run.lines.empty())
        return cannot_read(path, run.missing > 0 ? "no line of it is an event" : "it is empty");
    return run;
}

Status check_report(const std::string &path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return failed(path);
    }
    auto temporary = path;
    const int descriptor = open_temporary(temporary);
    if (descriptor < 0)
        return failed(path);
    close(descriptor);
    unlink(temporary.c_str());
    return Done{};
}

std::string html_report(const Template &page, const std::vector<Run> &runs)
{
    // From left to right, and never in what was put in.
    const std::pair<std::string_view, std::string> parts[] = {
        {"{{styles}}", page.styles}, {"{{data}}", data_of(runs)}, {"{{scripts}}", page.scripts}};
    std::string text;
    auto rest = page.html;
    for (const auto &[place, part] : parts) {
        const auto at = rest.find(place);
        if (at == std::string_view::npos)
            continue;
        text += std::string(rest.substr(0, at)) + part;
        rest.remove_prefix(at + place.size());
    }
    return text + std::string(rest);
}

Status write_report(const std::string &path, std::string_view html)
{
    auto temporary = path;
    const int descriptor = open_temporary(temporary);
    if (descriptor < 0)
        return failed(path);
    bool written = write_all(descriptor, html);
    // mkostemp makes files that only we may read.
    const auto mask = umask(0);
    umask(mask);
    written = written && fchmod(descriptor, 0666 & ~mask) == 0;
    written = close(descriptor) == 0 && written;
    if (written && std::rename(temporary.c_str(), path.c_str()) == 0)
        return Done{};
    const auto error = failed(path);
    unlink(temporary.c_str());
    return error;
}

}  // namespace callagent::report
