// What is given for the options: on the command line, in the environment and in the file of
// --config, as text, with the place where it stands. Main thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace callagent::option {

// Where an option stands; the greater one wins.
enum class Place { Nowhere, File, Environment, CommandLine };

struct Given {
    Place place = Place::Nowhere;
    std::vector<std::string> values;
    std::string named;  // as the user knows it: "--size", "CALLAGENT_SIZE", "agent.conf: size"
};

using All = std::map<std::string, Given, std::less<>>;

Place place(const All &all, std::string_view name);

// A flag that says "false" is not given.
bool is_on(const All &all, std::string_view name);

// Each adds what does not stand in a place that wins over it. The error names argument, variable or
// line of the file.
Result<All> read_command_line(int argc, const char *const *argv);
Status read_environment(All &all);
Status read_file(const std::string &path, All &all);

}  // namespace callagent::option
