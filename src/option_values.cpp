#include "option_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <optional>

#include <arpa/inet.h>

#include "core/quote.h"

namespace callagent::option {
namespace {

template <typename T>
std::optional<T> parsed(std::string_view text)
{
    T value{};
    const auto *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end && !text.empty() ? std::optional(value)
                                                                : std::nullopt;
}

// "5", "0.5", "1000000": as a person writes it.
std::string shown(double value)
{
    std::array<char, 32> text{};
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    return error == std::errc() ? std::string(text.data(), end) : "?";
}

bool is_name(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

Result<std::string> first_line(const std::string &path)
{
    std::ifstream file(path);
    std::string line;
    if (!file)
        return Error{"cannot read " + in_quotes(path) + ": " + std::strerror(errno)};
    std::getline(file, line);
    if (line.ends_with('\r'))
        line.pop_back();
    return line;
}

}  // namespace

Result<bool> boolean(const std::string &text)
{
    for (const char *yes : {"true", "yes", "on", "1"})
        if (text == yes)
            return true;
    for (const char *no : {"false", "no", "off", "0"})
        if (text == no)
            return false;
    return Error{in_quotes(text) + " is neither true nor false"};
}

Result<int> integer(const std::string &text, int min, int max)
{
    const auto value = parsed<int>(text);
    if (!value || *value < min || *value > max)
        return Error{in_quotes(text) + " is not a whole number from " + std::to_string(min) +
                     " to " + std::to_string(max)};
    return *value;
}

Result<std::chrono::milliseconds> seconds(const std::string &text, double min, double max)
{
    const auto value = parsed<double>(text);
    if (!value || !std::isfinite(*value) || *value < min || *value > max)
        return Error{in_quotes(text) + " is not a number of seconds from " + shown(min) + " to " +
                     shown(max)};
    return std::chrono::milliseconds(std::llround(*value * 1000));
}

Result<Done> limit(const std::string &text, Limits &limits)
{
    struct Known {
        std::string_view name;
        int Limits::*field;
        int min, max;
    };
    constexpr Known kKnown[] = {{"clients", &Limits::clients, 1, 100'000},
                                {"address", &Limits::address, 1, 100'000},
                                {"rate", &Limits::rate, 0, 1'000'000},
                                {"message", &Limits::message, 10'000, 100'000'000},
                                {"waiting", &Limits::waiting, 10'000, 1'000'000'000},
                                {"handshake", &Limits::handshake, 100, 3'600'000}};
    const auto name = text.substr(0, text.find('='));
    const auto value = name.size() < text.size() ? text.substr(name.size() + 1) : "";
    for (const auto &known : kKnown)
        if (known.name == name) {
            const auto number = integer(value, known.min, known.max);
            if (!number)
                return Error{in_quotes(text) + ": " + number.error()};
            limits.*known.field = *number;
            return Done{};
        }
    return Error{in_quotes(text) +
                 " is no limit: write NAME=VALUE with clients, address, rate, message, waiting or "
                 "handshake"};
}

Result<int> bitrate(const std::string &text, int min, int max)
{
    std::string_view digits = text;
    double unit = 1;
    if (digits.ends_with('k') || digits.ends_with('K'))
        unit = 1e3;
    else if (digits.ends_with('M'))
        unit = 1e6;
    if (unit > 1)
        digits.remove_suffix(1);
    const auto value = parsed<double>(digits);
    if (!value || !std::isfinite(*value) || *value * unit < min || *value * unit > max)
        return Error{in_quotes(text) + " is not a bitrate from " + std::to_string(min) + " to " +
                     std::to_string(max) + " bit/s; write for example 500k or 1.5M"};
    return static_cast<int>(std::lround(*value * unit));
}

Result<BitrateRange> bitrate_range(const std::string &text)
{
    constexpr int kLeast = 10'000, kMost = 100'000'000;
    BitrateRange range;
    const auto dash = text.find('-', 1);  // not a minus
    if (dash == std::string::npos) {
        const auto max = bitrate(text, kLeast, kMost);
        if (!max)
            return Error{max.error()};
        return BitrateRange{std::min(range.min, *max), std::min(range.start, *max), *max};
    }
    const auto second = text.find('-', dash + 1);
    if (second == std::string::npos || text.find('-', second + 1) != std::string::npos)
        return Error{in_quotes(text) +
                     " is neither MAX nor MIN-START-MAX; write for example 1500k or "
                     "50k-300k-1500k"};
    const std::string parts[] = {text.substr(0, dash), text.substr(dash + 1, second - dash - 1),
                                 text.substr(second + 1)};
    int *const places[] = {&range.min, &range.start, &range.max};
    for (std::size_t i = 0; i < std::size(parts); ++i) {
        const auto value = bitrate(parts[i], kLeast, kMost);
        if (!value)
            return Error{value.error()};
        *places[i] = *value;
    }
    if (range.min > range.start || range.start > range.max)
        return Error{in_quotes(text) +
                     ": MIN-START-MAX must rise; write for example 50k-300k-1500k"};
    return range;
}

Result<std::pair<int, int>> size(const std::string &text)
{
    const auto x = text.find('x');
    const auto good = [](std::optional<int> n) {
        return n && *n >= 16 && *n <= 7680 && *n % 2 == 0;
    };
    if (x != std::string::npos) {
        const auto width = parsed<int>(std::string_view(text).substr(0, x));
        const auto height = parsed<int>(std::string_view(text).substr(x + 1));
        if (good(width) && good(height))
            return std::pair(*width, *height);
    }
    return Error{in_quotes(text) +
                 " is not WIDTHxHEIGHT of even numbers from 16 to 7680; write for "
                 "example 640x480"};
}

Result<std::pair<std::uint16_t, std::uint16_t>> port_range(const std::string &text)
{
    const auto dash = text.find('-');
    if (dash != std::string::npos) {
        const auto first = parsed<std::uint16_t>(std::string_view(text).substr(0, dash));
        const auto last = parsed<std::uint16_t>(std::string_view(text).substr(dash + 1));
        if (first && last && *first > 0 && *first <= *last)
            return std::pair(*first, *last);
    }
    return Error{in_quotes(text) +
                 " is not FIRST-LAST of ports from 1 to 65535; write for example "
                 "50000-50100"};
}

Result<PlayoutRange> playout_range(const std::string &text)
{
    constexpr int kMost = 1000;  // ms; a sink's queue is twice as long
    if (text == "auto")
        return PlayoutRange{};
    const auto dash = text.find('-');
    const auto least = parsed<int>(std::string_view(text).substr(0, dash));
    const auto most =
        dash == std::string::npos ? least : parsed<int>(std::string_view(text).substr(dash + 1));
    if (least && most && *least >= 0 && *least <= *most && *most <= kMost)
        return PlayoutRange{*least / 1000.0, *most / 1000.0};
    return Error{in_quotes(text) +
                 " is neither auto nor milliseconds from 0 to 1000; write for example 100, or "
                 "20-300 for at least and at most"};
}

Result<std::string> number(const std::string &text)
{
    const bool digits =
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (text.empty() || text.size() > 16 || !digits)
        return Error{in_quotes(text) +
                     " is not a number of 1 to 16 digits; write for example 482193"};
    return text;
}

Result<std::string> address(const std::string &text)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
        inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1)
        return text;
    return Error{in_quotes(text) +
                 " is not an IPv4 or IPv6 address of this machine; `ip address` lists them"};
}

Result<std::string> token(const std::string &text)
{
    const bool good =
        std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (text.empty() || text.size() > 4096 || !good)
        return Error{"a token has 1 to 4096 printable ASCII characters and no space"};  // not shown
    return text;
}

Result<std::string> token_in_file(const std::string &path)
{
    const auto line = first_line(path);
    if (!line)
        return Error{line.error()};
    auto found = token(*line);
    if (!found)
        return Error{"the first line of " + in_quotes(path) + " is no token: " + found.error()};
    return found;
}

Result<std::string> secret_in_file(const std::string &path)
{
    auto line = first_line(path);
    if (line && line->empty())
        return Error{"the first line of " + in_quotes(path) + " is empty"};
    return line;
}

Result<Done> expectations(const std::string &text, std::vector<Expectation> &all)
{
    if (!text.starts_with('@')) {
        auto one = parse_expectation(text);
        if (!one)
            return Error{one.error()};
        all.push_back(std::move(*one));
        return Done{};
    }
    const auto path = text.substr(1);
    std::ifstream file(path);
    if (!file)
        return Error{"cannot read " + in_quotes(path) + ": " + std::strerror(errno)};
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        const auto first = line.find_first_not_of(" \t\r");
        if (first == std::string::npos || line[first] == '#')
            continue;
        auto one = parse_expectation(line);
        if (!one)
            return Error{"line " + std::to_string(number) + " of " + in_quotes(path) + ": " +
                         one.error()};
        all.push_back(std::move(*one));
    }
    if (file.bad() || number == 0)
        return Error{in_quotes(path) +
                     " has no lines that could be read; write an expression a line"};
    return Done{};
}

Result<std::vector<VideoCodec>> video_codecs(const std::string &text)
{
    constexpr std::pair<std::string_view, VideoCodec> kKnown[] = {
        {"vp8", VideoCodec::Vp8}, {"vp9", VideoCodec::Vp9}, {"h264", VideoCodec::H264}};
    std::vector<VideoCodec> codecs;
    for (std::string_view rest = text;;) {
        const auto one = rest.substr(0, rest.find(','));
        const auto known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                        [&](const auto &entry) { return entry.first == one; });
        if (known == std::end(kKnown))
            return Error{in_quotes(one) + " is not a codec; write a list of vp8, vp9 and h264"};
        if (std::find(codecs.begin(), codecs.end(), known->second) != codecs.end())
            return Error{in_quotes(one) + " stands there twice"};
        codecs.push_back(known->second);
        if (one.size() == rest.size())
            return codecs;
        rest.remove_prefix(one.size() + 1);
    }
}

Result<std::string> source(const std::string &text, Medium medium)
{
    const std::string device = medium == Medium::Video ? "camera" : "mic";
    const std::string other = medium == Medium::Video ? "mic" : "camera";
    const bool named = text.starts_with(device + ":") ? text.size() > device.size() + 1
                       : text.starts_with("file:")    ? text.size() > 5
                                                      : is_name(text) && text != other;
    if (named || text.find(" ! ") != std::string::npos)
        return text;
    const auto hint = text.find('/') != std::string::npos || text.find('.') != std::string::npos
                          ? "; a file is written file:" + text
                          : "";
    return Error{in_quotes(text) + " is not " + device +
                 "[:DEVICE], test, none, file:PATH, the name of a "
                 "pipeline in source/, or a gst-launch fragment with ' ! '" +
                 hint};
}

Result<std::string> sink(const std::string &text)
{
    if (is_name(text) || text.find(" ! ") != std::string::npos)
        return text;
    return Error{in_quotes(text) +
                 " is not auto, none, the name of a pipeline in sink/, or a gst-launch "
                 "fragment with ' ! '"};
}

bool has_extension(std::string_view path, std::string_view extension)
{
    if (path.size() <= extension.size())
        return false;
    const auto end = path.substr(path.size() - extension.size());
    return std::equal(end.begin(), end.end(), extension.begin(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

Result<std::string> path(const std::string &text, const std::vector<std::string_view> &extensions)
{
    std::string known;
    for (const auto extension : extensions) {
        if (has_extension(text, extension))
            return text;
        known += (known.empty() ? "" : " or ") + std::string(extension);
    }
    return Error{in_quotes(text) + " does not end with " + known};
}

}  // namespace callagent::option
