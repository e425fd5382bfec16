// --metrics: answers GET /metrics with text that is made when it is asked for. Main loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/exit.h"
#include "core/result.h"
#include "options.h"

namespace callagent {

class Exporter {
public:
    // The error says why the port cannot be had.
    static Result<std::unique_ptr<Exporter>> open(const Listen &where,
                                                  std::function<std::string()> text);
    virtual ~Exporter() = default;

    virtual std::string url() const = 0;
};

}  // namespace callagent
