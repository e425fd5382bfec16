// How JSON text is walked over (RFC 8259), without taking anything of it. Only for core/json.
#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace callagent::json {

inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

inline int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// Four hexadecimal digits at the beginning of `text`; -1: they are not.
inline int hex4(std::string_view text)
{
    if (text.size() < 4)
        return -1;
    int code = 0;
    for (const char c : text.substr(0, 4)) {
        const int digit = hex_digit(c);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

// Walks over text from left to right. Each `bool` says whether what was asked for stood there.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::size_t at() const { return at_; }
    bool end() const { return at_ == text_.size(); }
    char peek() const { return end() ? '\0' : text_[at_]; }

    void space()
    {
        while (!end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r'))
            ++at_;
    }

    bool take(char c)
    {
        if (end() || peek() != c)
            return false;
        ++at_;
        return true;
    }

    bool word(std::string_view w)
    {
        if (!text_.substr(at_).starts_with(w))
            return false;
        at_ += w.size();
        return true;
    }

    bool string()
    {
        if (!take('"'))
            return false;
        while (!end()) {
            const char c = text_[at_++];
            if (c == '"')
                return true;
            if (static_cast<unsigned char>(c) < 0x20)
                return false;
            if (c == '\\' && !escape())
                return false;
        }
        return false;
    }

    bool number()
    {
        take('-');
        if (!take('0') && !digits())
            return false;
        if (take('.') && !digits())
            return false;
        if (!take('e') && !take('E'))
            return true;
        if (!take('+'))
            take('-');
        return digits();
    }

    bool scalar()
    {
        return peek() == '"' ? string() : word("true") || word("false") || word("null") || number();
    }

    // A whole value. What is open is kept in a string of brackets instead of on the stack.
    bool value()
    {
        std::string open;
        do {
            space();
            if (peek() == '{' || peek() == '[') {
                if (open.size() == kMaxDepth)
                    return false;
                open += text_[at_++];
                space();
                if (peek() != closing(open.back())) {
                    if (open.back() == '{' && !key())
                        return false;
                    continue;
                }
            } else if (!scalar()) {
                return false;
            }
            if (!close(open))
                return false;
        } while (!open.empty());
        return true;
    }

    bool key()
    {
        space();
        if (!string())
            return false;
        space();
        return take(':');
    }

private:
    static char closing(char bracket) { return bracket == '{' ? '}' : ']'; }

    // Behind a value: what it closes, up to where the next value begins.
    bool close(std::string &open)
    {
        while (!open.empty()) {
            space();
            if (take(',')) {
                return open.back() != '{' || key();
            }
            if (!take(closing(open.back())))
                return false;
            open.pop_back();
        }
        return true;
    }

    bool escape()
    {
        if (end())
            return false;
        const char c = text_[at_++];
        if (c != 'u')
            return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
        if (hex4(text_.substr(at_)) < 0)
            return false;
        at_ += 4;
        return true;
    }

    bool digits()
    {
        const auto begin = at_;
        while (is_digit(peek()))
            ++at_;
        return at_ != begin;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace callagent::json
