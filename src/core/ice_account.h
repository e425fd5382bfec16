// What was tried to find a path to the peer: for the sentence that says why there is none, and what
// would help.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace callagent {

class IceAccount {
public:
    struct Settings {
        bool turn = false;        // there are TURN servers
        bool relay_only = false;  // --ice-policy relay
        bool tcp = true;          // not --no-ice-tcp
        bool port_range = false;  // --port-range
    };

    explicit IceAccount(const Settings &settings) : settings_(settings) {}

    // A candidate (RFC 8839, 5.1), or a description with any number of them.
    void local(std::string_view text) { count(text, local_); }
    void remote(std::string_view text) { count(text, remote_); }

    // What became of a server. The same one may be given with several users: one that works counts,
    // else the last word.
    void server(const std::string &name, bool works, const std::string &detail);

    // All servers have been heard of, and it is clear that no path will be found.
    bool hopeless() const;

    // "here 2 host/udp, 1 srflx/udp; there 2 host/udp; stun://h:3478 sees us as …; no relay: add
    // --turn"
    std::string sentence() const;

private:
    using Counts = std::map<std::string, int>;  // "host/udp" → 2
    struct Server {
        std::string name;
        bool works;
        std::string detail;
    };

    static void count(std::string_view text, Counts &counts);
    std::string advice() const;

    Settings settings_;
    Counts local_, remote_;
    std::vector<Server> servers_;
};

}  // namespace callagent
