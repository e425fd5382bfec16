// The calls' last pictures, for the report: files that --snapshot has written, found by what the
// summaries of the calls say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

namespace callagent::report {

struct Picture {
    std::string name;        // as its call's `summary.snapshot` has it; empty: no call's has one
    std::string file;        // where it is
    struct stat written {};  // what is written there later is another picture
};

// `summary.snapshot` of an event that ends a call; empty: another event, or it has none.
std::string snapshot_of(std::string_view line);

// The file as it is now; none where there is none.
std::optional<Picture> picture_at(std::string name, std::string file);

// JSON: an object of name → data URL. What is no PNG, or not what it was, is left out; so are the
// first where all of them are more than `max_bytes`.
std::string to_json(const std::vector<Picture> &pictures,
                    std::size_t max_bytes = std::size_t{32} << 20);

}  // namespace callagent::report
