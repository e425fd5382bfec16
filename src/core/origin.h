// Which web pages may use a relay (RFC 6454; Fetch, "CORS protocol"), and under which names it is
// asked for: a name of an attacker's that leads to this machine would make the attacker's page one
// of ours (DNS rebinding).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callagent {

struct Origin {
    std::string scheme;  // in lower case, as the host
    std::string host;    // without brackets
    std::uint16_t port = 0;

    bool operator==(const Origin &) const = default;
};

// "https://example.org" or "http://[::1]:3000". Nothing for "null", and for what has a path.
std::optional<Origin> parse_origin(std::string_view text);

// The host of "HOST[:PORT]" as the Host header has it: in lower case, without brackets and without
// the dot at its end; empty where there is none.
std::string host_of(std::string_view authority);

// localhost and all names below it (RFC 6761, 6.3), 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view host);

class OriginRules {
public:
    enum class Verdict {
        Welcome,
        StrangeHost,    // a loopback relay is asked for under a name that is none of loopback's
        StrangeOrigin,  // the page of somebody else
    };

    // `allowed`: origins besides our own and those of loopback, or "*" for all. `loopback`: the
    // relay listens on this machine alone.
    OriginRules(const std::vector<std::string> &allowed, bool loopback);

    // `origin`, `host`: what the headers say; null: they say nothing, as programs do.
    Verdict judge(const char *origin, const char *host) const;

private:
    bool allows(std::string_view text, const std::string &asked_for) const;
    bool names_us(const std::string &host) const;

    std::vector<Origin> allowed_;
    bool any_ = false;
    bool loopback_ = false;
};

}  // namespace callagent
