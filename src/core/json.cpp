#include "core/json.h"

#include <algorithm>
#include <charconv>

#include "core/json_scanner.h"
#include "core/utf8.h"

namespace callagent::json {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

Error broken(std::size_t at)
{
    return Error{"not JSON (from character " + std::to_string(at) + " on)"};
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kSpace = " \t\n\r";
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// The code point of the escape \uXXXX whose digits `rest` begins with, a pair of surrogates taken
// together. Moves `rest` behind it.
int unescape_unicode(std::string_view &rest)
{
    const int code = hex4(rest);
    rest.remove_prefix(4);
    if (code < 0xD800 || code > 0xDFFF)
        return code;
    if (code < 0xDC00 && rest.starts_with("\\u")) {
        const int low = hex4(rest.substr(2));
        if (low >= 0xDC00 && low <= 0xDFFF) {
            rest.remove_prefix(6);
            return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return 0xFFFD;
}

}  // namespace

Status check(std::string_view text)
{
    if (const auto valid = utf8::valid(text); valid != text.size())
        return Error{"not UTF-8 (from byte " + std::to_string(valid) + " on)"};
    Scanner scan(text);
    if (!scan.value())
        return broken(scan.at());
    scan.space();
    if (!scan.end())
        return broken(scan.at());
    return Done{};
}

Result<Members> members(std::string_view text)
{
    if (const auto ok = check(text); !ok)
        return Error{ok.error()};
    if (kind(text) != "object")
        return Error{"not an object but " + std::string(kind(text))};
    Members found;
    Scanner scan(text);
    scan.space();
    scan.take('{');
    scan.space();
    while (!scan.take('}')) {
        const auto key_begin = scan.at();
        scan.string();
        auto key = string(text.substr(key_begin, scan.at() - key_begin));
        if (!key)
            return Error{key.error()};
        scan.space();
        scan.take(':');
        const auto begin = scan.at();
        scan.value();
        found.push_back({std::move(*key), trimmed(text.substr(begin, scan.at() - begin))});
        scan.space();
        scan.take(',');
        scan.space();
    }
    return found;
}

Result<std::vector<std::string_view>> elements(std::string_view text)
{
    if (const auto ok = check(text); !ok)
        return Error{ok.error()};
    if (kind(text) != "array")
        return Error{"not an array but " + std::string(kind(text))};
    std::vector<std::string_view> found;
    Scanner scan(text);
    scan.space();
    scan.take('[');
    scan.space();
    while (!scan.take(']')) {
        const auto begin = scan.at();
        scan.value();
        found.push_back(trimmed(text.substr(begin, scan.at() - begin)));
        scan.space();
        scan.take(',');
        scan.space();
    }
    return found;
}

const Member *find(const Members &members, std::string_view key)
{
    const auto found = std::find_if(members.rbegin(), members.rend(),
                                    [key](const Member &m) { return m.key == key; });
    return found == members.rend() ? nullptr : &*found;
}

std::string_view kind(std::string_view value)
{
    value = trimmed(value);
    switch (value.empty() ? '\0' : value.front()) {
        case '{':
            return "object";
        case '[':
            return "array";
        case '"':
            return "string";
        case 't':
        case 'f':
            return "boolean";
        case 'n':
            return "null";
        default:
            return "number";
    }
}

Result<std::string> string(std::string_view value)
{
    value = trimmed(value);
    if (Scanner scan(value); !scan.string() || !scan.end())
        return Error{"not a string but " + std::string(kind(value))};
    std::string out;
    out.reserve(value.size());
    auto rest = value.substr(1, value.size() - 2);
    while (!rest.empty()) {
        const auto plain = std::min(rest.find('\\'), rest.size());
        out += rest.substr(0, plain);
        rest.remove_prefix(plain);
        if (rest.empty())
            break;
        const char escape = rest[1];
        rest.remove_prefix(2);
        if (escape == 'u') {
            utf8::append(out, unescape_unicode(rest));
        } else {
            constexpr std::string_view kLetters = "bfnrt";
            constexpr std::string_view kMeaning = "\b\f\n\r\t";
            const auto index = kLetters.find(escape);
            out += index == std::string_view::npos ? escape : kMeaning[index];
        }
    }
    return out;
}

Result<int> integer(std::string_view value)
{
    value = trimmed(value);
    int number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size())
        return Error{"not a whole number"};
    return number;
}

std::string quote(std::string_view text)
{
    constexpr std::string_view kHex = "0123456789abcdef";
    constexpr std::string_view kMeaning = "\"\\\b\f\n\r\t";
    constexpr std::string_view kLetters = "\"\\bfnrt";
    std::string out = "\"";
    out.reserve(text.size() + 16);
    while (!text.empty()) {
        const auto valid = utf8::valid(text);
        // What stands for itself is most of it, and goes over in one piece.
        std::size_t plain = 0;
        for (std::size_t i = 0; i < valid; ++i) {
            const char c = text[i];
            const auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x20 && c != '"' && c != '\\')
                continue;
            out.append(text, plain, i - plain);
            plain = i + 1;
            if (const auto index = kMeaning.find(c); index != std::string_view::npos)
                (out += '\\') += kLetters[index];
            else
                ((out += "\\u00") += kHex[byte >> 4]) += kHex[byte & 15];
        }
        out.append(text, plain, valid - plain);
        text.remove_prefix(valid);
        if (!text.empty()) {
            out += kReplacement;
            text.remove_prefix(1);
        }
    }
    return out += '"';
}

}  // namespace callagent::json
