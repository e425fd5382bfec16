// --junit: the call and what was expected of it as test cases (the JUnit XML that CI systems read).
#pragma once

#include <string>
#include <vector>

#include "core/exit.h"
#include "core/expectation.h"
#include "core/result.h"

namespace callagent::report {

struct CallCase {
    std::string id;  // of the call; may be empty
    Exit exit = Exit::Ok;
    std::string reason;
    double seconds = 0;  // how long it took
    std::vector<Verdict> verdicts;
};

std::string junit(const std::vector<CallCase> &calls);

// Whether a file can be written there; creates it.
Status check_junit(const std::string &path);
Status write_junit(const std::string &path, const std::vector<CallCase> &calls);

}  // namespace callagent::report
