// The events of --events: one JSON object a line (NDJSON, schema 1), to a file or stdout.
//
// Lines are written on a thread of their own behind a bounded queue, so that a reader that is slow,
// stopped or gone never holds the call up.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/exit.h"
#include "core/result.h"
#include "core/value.h"
#include "report/clock.h"

namespace callagent::report {

class EventLog {
public:
    static constexpr std::size_t kMaxQueued = 4096;  // lines
    static constexpr std::chrono::milliseconds kFlush{1000};

    struct Config {
        std::string
            path;  // a file, which is emptied; "-": stdout; "": none, only the observer is told
        Moment start = process_start();
        // Nothing can be written any more (disk full; the reader of a pipe has gone): events stop.
        // Called once, on the writer's thread.
        std::function<void(const Warning &)> warning = nullptr;
        // Every line, with its line end, as it is emitted: also without a file, or with one that
        // cannot be written any more. On the thread that emits, one at a time; must not emit.
        std::function<void(std::string_view line)> observer = nullptr;
    };

    // The error says why the file cannot be written.
    static Result<std::unique_ptr<EventLog>> open(Config config);

    // As close().
    ~EventLog();

    // Adds ts, t, event, schema and call (where there is one) in front of the fields. Never blocks:
    // where the queue is full the line is dropped, and when there is room again a `warning` event
    // with the code "events-dropped" says how many were. Nothing goes behind "end". Any thread.
    void emit(std::string_view event, Object fields = {});

    // The call that the events from now on belong to; empty: none. Any thread.
    void set_call(std::string id);

    // Writes what is queued, for at most so long; of what a slow reader has not taken by half of
    // that, only "end" is still tried. What is emitted afterwards is ignored. Any thread; another
    // one may be in less of a hurry meanwhile.
    void close(std::chrono::milliseconds at_most = kFlush);

private:
    struct Shared;  // with the writer's thread, which may outlive us by one write that hangs
    explicit EventLog(std::shared_ptr<Shared> shared);

    std::shared_ptr<Shared> shared_;
};

}  // namespace callagent::report
