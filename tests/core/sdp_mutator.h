// Breaks descriptions and candidates at random; the same seed breaks them the same way.
#pragma once

#include <iterator>
#include <random>
#include <string>

namespace callagent::sdp {

class Mutator {
public:
    explicit Mutator(unsigned seed) : random_(seed) {}

    std::string mutate(std::string text)
    {
        for (auto left = 1 + below(4); left > 0 && !text.empty(); --left)
            mutate_once(text);
        return text;
    }

private:
    std::size_t below(std::size_t end) { return random_() % end; }

    std::size_t line_start(const std::string &text)
    {
        const auto end = text.rfind('\n', below(text.size()));
        return end == std::string::npos ? 0 : end + 1;
    }

    // A line with its end.
    std::string line_of(const std::string &text)
    {
        const auto start = line_start(text);
        return text.substr(start, text.find('\n', start) - start + 1);
    }

    void mutate_once(std::string &text)
    {
        static constexpr const char *kPieces[] = {
            "-1",  "4294967296", "99999999999999999999", "", " ", ":", "/", "\r\n", "m=",
            "128", "\xff\xfe"};
        static constexpr const char *kLines[] = {"a=mid:0",
                                                 "a=setup:active",
                                                 "a=setup:",
                                                 "a=group:LS 0",
                                                 "a=group:BUNDLE",
                                                 "k=x",
                                                 "v=0",
                                                 "a=bundle-only",
                                                 "a=sendonly",
                                                 "a=ice-ufrag:wxyz",
                                                 "a=fmtp:96 =",
                                                 "a=fmtp:97 apt=999",
                                                 "a=rtpmap:96 /",
                                                 "a=rtcp-fb:* nack",
                                                 "a=ssrc:0 x",
                                                 "a=ssrc:99999999999 cname:x",
                                                 "a=ssrc-group:FID",
                                                 "a=ssrc-group:FID 1",
                                                 "a=sctp-port:x",
                                                 "a=max-message-size:-1",
                                                 "a=rid:1 send",
                                                 "a=simulcast:send 1;2",
                                                 "a=extmap:65535 x",
                                                 "a=candidate:1",
                                                 "b=AS:-1",
                                                 "c=IN IP4 999.1.1.1",
                                                 "m=text 9 UDP/TLS/RTP/SAVPF 99",
                                                 "m=audio 0 UDP/TLS/RTP/SAVPF 0"};
        const auto at = below(text.size());
        switch (below(7)) {
            case 0:
                text[at] = static_cast<char>(below(256));
                break;
            case 1:
                text.erase(at, below(40));
                break;
            case 2:
                text.insert(line_start(text), line_of(text));
                break;
            case 3:
                text.replace(at, below(6), kPieces[below(std::size(kPieces))]);
                break;
            case 4:
                if (below(4) == 0)
                    text.resize(at);
                break;
            case 5:
                text.insert(line_start(text), std::string(kLines[below(std::size(kLines))]) + "\n");
                break;
            default: {
                const auto line = line_of(text);
                text.erase(text.find(line), line.size());
            }
        }
    }

    std::mt19937 random_;
};

}  // namespace callagent::sdp
