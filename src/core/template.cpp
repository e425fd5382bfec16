#include "core/template.h"

#include <optional>
#include <utility>

namespace callagent {
namespace {

constexpr std::string_view kSpace = " \t\r\n\v\f";

bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string_view trim(std::string_view text)
{
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::pair<std::string_view, std::string_view> split_line(std::string_view text)
{
    const auto end = text.find('\n');
    if (end == std::string_view::npos)
        return {text, {}};
    return {text.substr(0, end), text.substr(end + 1)};
}

bool is_comment(std::string_view line)
{
    return trim(line).starts_with('#');
}

// The name in "$(name)…" and how long the placeholder is; nothing where it is none.
std::optional<std::pair<std::string, std::size_t>> placeholder(std::string_view text)
{
    const auto end = text.find(')');
    if (!text.starts_with("$(") || end == std::string_view::npos)
        return std::nullopt;
    const auto name = text.substr(2, end - 2);
    for (const char c : name)
        if (!is_alnum(c) && c != '-' && c != '_')
            return std::nullopt;
    if (name.empty())
        return std::nullopt;
    return std::pair{std::string(name), end + 1};
}

// "$(bitrate) bit/s = 500000   $(pt) payload type = 96" → defaults
void read_defaults(std::string_view comment, std::map<std::string, std::string> &defaults)
{
    for (auto at = comment.find("$("); at != std::string_view::npos;) {
        comment.remove_prefix(at);
        const auto found = placeholder(comment);
        comment.remove_prefix(found ? found->second : 2);
        at = comment.find("$(");
        const auto rest = comment.substr(0, at);
        const auto equals = rest.find('=');
        if (found && equals != std::string_view::npos)
            defaults.emplace(found->first, trim(rest.substr(equals + 1)));
    }
}

// gst-launch's quotes: a backslash escapes, " and ' pair up.
class Quotes {
public:
    void step(char c)
    {
        if (escaped_)
            escaped_ = false;
        else if (c == '\\')
            escaped_ = true;
        else if (quote_ ? c == quote_ : c == '"' || c == '\'')
            quote_ = quote_ ? '\0' : c;
    }
    bool open() const { return quote_ != '\0'; }

private:
    char quote_ = '\0';
    bool escaped_ = false;
};

// Where the ! are that separate elements.
std::size_t first_link(std::string_view text)
{
    Quotes quotes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        quotes.step(text[i]);
        if (text[i] == '!' && !quotes.open() && (i == 0 || text[i - 1] != '\\'))
            return i;
    }
    return std::string_view::npos;
}

std::size_t last_link(std::string_view text)
{
    auto last = std::string_view::npos;
    for (std::size_t from = 0;;) {
        const auto found = first_link(text.substr(from));
        if (found == std::string_view::npos)
            return last;
        last = from + found;
        from = last + 1;
    }
}

// "video/x-raw,width=320", "audio/x-raw(memory:…)"; not "pipelines/x" of anything else, and no
// element.
bool is_caps(std::string_view text)
{
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0)
        return false;
    for (const char c : text.substr(0, slash))
        if (!is_alnum(c) && c != '-')
            return false;
    return text.size() > slash + 1 && is_alnum(text[slash + 1]);
}

std::string caps_filter(std::string_view caps)
{
    std::string line(caps);
    for (char &c : line)
        if (kSpace.find(c) != std::string_view::npos)
            c = ' ';
    const auto value = launch_quoted(line);
    return "capsfilter caps=" + (value ? *value : line);
}

}  // namespace

Result<std::string> launch_quoted(std::string_view value)
{
    if (value.empty())
        return std::string("\"\"");  // nothing at all would let the next word be the value
    if (value.back() ==
        '\\')  // however many there are, the lexer lets the last one escape what follows
        return Error{"a value that ends with a backslash cannot stand in a pipeline: " +
                     std::string(value)};
    std::string result;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            return Error{"a value with a control character cannot stand in a pipeline: \"" +
                         std::string(value.substr(0, value.find(c))) + "…\""};
        const bool plain = is_alnum(c) || byte >= 0x80 ||
                           std::string_view("_-+./:@%,=").find(c) != std::string_view::npos;
        if (!plain)
            result += '\\';
        result += c;
    }
    return result;
}

Result<std::string> fill_template(const std::string &file, std::string_view text,
                                  const std::map<std::string, std::string> &values)
{
    std::map<std::string, std::string> known = values;
    for (auto rest = text; !rest.empty();) {
        const auto [line, next] = split_line(rest);
        if (is_comment(line))
            read_defaults(line, known);  // emplace: what was given stays
        rest = next;
    }

    std::string result;
    Quotes quotes;
    int number = 0;
    for (auto rest = text; !rest.empty();) {
        const auto [line, next] = split_line(rest);
        rest = next;
        ++number;
        if (is_comment(line))
            continue;
        const auto where = file + ":" + std::to_string(number) + ": ";
        for (std::size_t i = 0; i < line.size();) {
            if (!line.substr(i).starts_with("$(")) {
                quotes.step(line[i]);
                result += line[i++];
                continue;
            }
            const auto found = placeholder(line.substr(i));
            if (!found)
                return Error{where +
                             "a placeholder is written $(name), of letters, digits, - and _: " +
                             std::string(line.substr(i, 40))};
            if (quotes.open())
                return Error{
                    where + "$(" + found->first +
                    ") may not stand in quotes: values are quoted when they are filled in"};
            const auto value = known.find(found->first);
            if (value == known.end())
                return Error{where + "nothing fills $(" + found->first +
                             "); give it a default in the header: # $(" + found->first + ") … = …"};
            auto written = launch_quoted(value->second);
            if (!written)
                return Error{where + "$(" + found->first + "): " + written.error()};
            result += *written;
            i += found->second;
        }
        result += '\n';
    }
    return std::string(trim(result));
}

std::string with_closed_ends(std::string_view description)
{
    auto text = std::string(trim(description));
    if (const auto link = first_link(text); link != std::string::npos)
        if (const auto head = trim(std::string_view(text).substr(0, link)); is_caps(head))
            text = caps_filter(head) + " " + text.substr(link);
    if (const auto link = last_link(text); link != std::string::npos)
        if (const auto tail = trim(std::string_view(text).substr(link + 1)); is_caps(tail))
            text = text.substr(0, link + 1) + " " + caps_filter(tail);
    return text;
}

}  // namespace callagent
