// The files of src/web and the plotting library of its node_modules, compiled into the program.
#pragma once

#include <string_view>

namespace callagent::web {

// What is in the file of that name, for as long as the program runs; empty: there is none.
std::string_view file(std::string_view name);

}  // namespace callagent::web
