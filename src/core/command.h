// What somebody may ask of a running call (--control), one JSON object a line:
//
//     {"command":"mute","media":"audio","token":"a"}
//
// Text → a command, or the sentence that says what is wrong with it and what to write instead. The
// token is whatever the asker wants to find in the reply.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/media.h"
#include "core/result.h"
#include "core/value.h"

namespace callagent {

namespace command {

struct HangUp {
    bool operator==(const HangUp &) const = default;
};
struct Mute {
    Medium medium;
    bool muted;
    bool operator==(const Mute &) const = default;
};
struct Keyframe {  // of ours
    bool operator==(const Keyframe &) const = default;
};
struct Bitrate {  // of our video
    int bps;
    bool operator==(const Bitrate &) const = default;
};
struct Snapshot {
    std::string file;
    bool operator==(const Snapshot &) const = default;
};
struct Record {
    bool start;
    std::string file;  // to start
    bool operator==(const Record &) const = default;
};
struct Stats {
    bool operator==(const Stats &) const = default;
};
struct Dial {
    std::string to;
    bool operator==(const Dial &) const = default;
};
struct Accept {
    bool operator==(const Accept &) const = default;
};
struct Reject {
    std::string reason;  // may be empty
    bool operator==(const Reject &) const = default;
};
struct Say {
    std::string text;
    bool operator==(const Say &) const = default;
};

}  // namespace command

using Command = std::variant<command::HangUp, command::Mute, command::Keyframe, command::Bitrate,
                             command::Snapshot, command::Record, command::Stats, command::Dial,
                             command::Accept, command::Reject, command::Say>;

// A command, and what its reply has to carry.
struct Request {
    static constexpr std::size_t kMaxLine = 65536;  // bytes, without the line end
    static constexpr std::size_t kMaxToken = 256;
    static constexpr std::size_t kMaxText = 16000;  // of `say` and of a reason

    std::optional<Value> token;  // a string or a whole number, as it came
    Result<Command> command;
};

// The token is found also where the rest is wrong, as long as it is JSON.
Request parse_request(std::string_view line);

// {"token":…,"ok":true,…} or {"token":…,"ok":false,"error":…}
Object reply_to(const std::optional<Value> &token, const Result<Object> &outcome);

}  // namespace callagent
