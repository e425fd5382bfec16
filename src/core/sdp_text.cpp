#include "core/sdp_text.h"

#include <algorithm>
#include <charconv>

#include "core/quote.h"
#include "core/sdp.h"
#include "core/utf8.h"

namespace callagent::sdp {
namespace {

bool is_control(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

Result<Line> make_line(std::string_view text, int number)
{
    Line line{number, ' ', {}};
    if (std::any_of(text.begin(), text.end(), is_control))
        return at(line, "not text (control characters)");
    if (utf8::valid(text) != text.size())
        return at(line, "not UTF-8");
    if (text.size() < 2 || text[1] != '=' || text[0] < 'a' || text[0] > 'z')
        return at(line, excerpt(text) + " is not of the form x=…");
    line.type = text[0];
    line.value = text.substr(2);
    return line;
}

}  // namespace

std::string_view Line::key() const
{
    return type == 'a' ? value.substr(0, value.find(':')) : std::string_view();
}

std::string_view Line::attribute() const
{
    const auto colon = value.find(':');
    return colon == std::string_view::npos ? std::string_view() : value.substr(colon + 1);
}

namespace {

// Too many m-lines say more than too many bytes.
Error oversized(std::string_view text)
{
    std::size_t count = 0;
    for (auto at = text.find("\nm="); at != std::string_view::npos; at = text.find("\nm=", at + 1))
        ++count;
    return Error{"the description has " + std::to_string(text.size()) + " bytes and " +
                 std::to_string(count) + " m-lines; more than " + std::to_string(kMaxSize) +
                 " bytes or " + std::to_string(kMaxMedia) + " m-lines are refused"};
}

}  // namespace

Result<std::vector<Lines>> split(std::string_view text)
{
    if (text.size() > kMaxSize)
        return oversized(text);

    std::vector<Lines> sections(1);
    int count = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto one = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (++count > static_cast<int>(kMaxLines))
            return Error{"the description has more than " + std::to_string(kMaxLines) + " lines"};
        if (one.ends_with('\r'))
            one.remove_suffix(1);
        if (one.empty())
            continue;  // hand-made ones end with an empty line
        const auto line = make_line(one, count);
        if (!line)
            return Error{line.error()};
        if (sections.size() == 1 && sections.front().empty() &&
            (line->type != 'v' || line->value != "0"))
            return at(*line, "a description begins with v=0, not " + excerpt(one));
        if (line->type == 'm') {
            if (sections.size() > kMaxMedia)
                return Error{"the description has more than " + std::to_string(kMaxMedia) +
                             " m-lines"};
            sections.emplace_back();
        }
        sections.back().push_back(*line);
    }
    if (sections.front().empty())
        return Error{"the description is empty"};
    return sections;
}

std::optional<std::int64_t> number(std::string_view text, std::int64_t min, std::int64_t max)
{
    std::int64_t value = 0;
    const auto *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || text[0] == '-' || error != std::errc() || stop != end || value < min ||
        value > max)
        return std::nullopt;
    return value;
}

std::string_view word(std::string_view &text)
{
    const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
    const auto end = std::min(text.find_first_of(" \t", begin), text.size());
    const auto found = text.substr(begin, end - begin);
    text.remove_prefix(end);
    return found;
}

std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> found;
    for (auto one = word(text); !one.empty(); one = word(text))
        found.push_back(one);
    return found;
}

bool is_token(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f &&
               std::string_view("\"(),/:;<=>?@[\\]").find(c) == std::string_view::npos;
    });
}

bool same(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_lower);
    return result;
}

Error at(const Line &line, const std::string &what)
{
    return Error{"line " + std::to_string(line.number) + ": " + what};
}

}  // namespace callagent::sdp
