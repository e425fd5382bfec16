// Every option there is: its name, what it takes, what --help says of it, and where its value goes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "options.h"

namespace callagent::option {

struct Spec {
    const char *group;   // heading in --help; null: the same as before
    const char *name;    // "size" for --size; "url" is the positional one
    const char *letter;  // "v" for -v; null: none
    const char *value;   // "WxH"; null: a flag
    const char *help;
    // Called once for each value; for a flag, with "true" or what the file or the environment says.
    Status (*apply)(Options &, const std::string &value);
    bool repeatable = false;

    bool flag() const { return value == nullptr; }
};

std::span<const Spec> specs();
const Spec *find(std::string_view name);

// The known name that is most like `name`.
std::string nearest(std::string_view name);

// At most 100 columns.
std::string help();

}  // namespace callagent::option
