#include "core/utf8.h"

#include <algorithm>
#include <array>

namespace callagent::utf8 {

void append(std::string &out, int code)
{
    const auto byte = [&out](int value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

std::size_t valid(std::string_view text)
{
    // RFC 3629, section 4: the second byte's range depends on the first.
    struct Lead {
        unsigned char first, last;
        std::size_t length;
        unsigned char low, high;
    };
    static constexpr std::array<Lead, 9> kLeads = {{{0x00, 0x7F, 1, 0, 0},
                                                    {0xC2, 0xDF, 2, 0x80, 0xBF},
                                                    {0xE0, 0xE0, 3, 0xA0, 0xBF},
                                                    {0xE1, 0xEC, 3, 0x80, 0xBF},
                                                    {0xED, 0xED, 3, 0x80, 0x9F},
                                                    {0xEE, 0xEF, 3, 0x80, 0xBF},
                                                    {0xF0, 0xF0, 4, 0x90, 0xBF},
                                                    {0xF1, 0xF3, 4, 0x80, 0xBF},
                                                    {0xF4, 0xF4, 4, 0x80, 0x8F}}};
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::size_t at = 0;
    while (at < text.size()) {
        if (byte(at) < 0x80) {
            ++at;
            continue;
        }
        const auto *lead = std::find_if(kLeads.begin(), kLeads.end(), [&](const Lead &l) {
            return byte(at) >= l.first && byte(at) <= l.last;
        });
        if (lead == kLeads.end() || at + lead->length > text.size() || byte(at + 1) < lead->low ||
            byte(at + 1) > lead->high)
            return at;
        for (std::size_t i = 2; i < lead->length; ++i)
            if ((byte(at + i) & 0xC0) != 0x80)
                return at;
        at += lead->length;
    }
    return at;
}

}  // namespace callagent::utf8
