#include "last_words.h"

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include "control/keys.h"
#include "report/verdict.h"

namespace callagent {
namespace {

using std::chrono::milliseconds;

// Of who leaves: for all of it, and for the events among that.
constexpr milliseconds kAtMost{330};
constexpr milliseconds kFlush{150};

}  // namespace

Object to_object(const Session::Outcome &outcome)
{
    Object object{{"reason", outcome.reason},
                  {"exit_code", static_cast<int>(outcome.exit)},
                  {"summary", outcome.summary}};
    if (!outcome.verdicts.empty())
        object.emplace_back("verdict", report::to_array(outcome.verdicts));
    return object;
}

Session::Outcome cut_short(Session::Outcome outcome, Exit exit, const std::string &by)
{
    outcome.exit = exit;
    outcome.reason =
        by + " cut the end short" +
        (outcome.reason.empty() ? "" : " (it was ending because of: " + outcome.reason + ")");
    return outcome;
}

LastWords::LastWords(const Options &options, report::EventLog &events, report::Log &log,
                     ReportPage &page)
    : options_(options), events_(events), log_(log), page_(page)
{
}

void LastWords::add(report::CallCase call)
{
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    ending_.reset();
}

void LastWords::expect(Session::Outcome outcome, std::optional<report::CallCase> call)
{
    const std::lock_guard lock(mutex_);
    expected_ = std::move(outcome);
    ending_ = std::move(call);
}

Exit LastWords::say(Session::Outcome outcome)
{
    const std::lock_guard lock(mutex_);
    if (status_ >= 0)
        return static_cast<Exit>(status_.load());
    if (ending_)
        calls_.push_back(*std::exchange(ending_, std::nullopt));
    if (!options_.junit.empty())
        if (const auto written = report::write_junit(options_.junit, calls_);
            !written && outcome.exit == Exit::Ok) {
            outcome.exit = Exit::Device;
            outcome.reason = written.error();
        }
    if (outcome.exit == Exit::Ok)
        log_.info("ended: " + outcome.reason);
    else
        log_.error(outcome.reason);
    events_.emit("end", to_object(outcome));
    status_ = static_cast<int>(outcome.exit);
    return outcome.exit;
}

Exit LastWords::close(milliseconds at_most)
{
    events_.close(at_most);
    std::call_once(page_written_, [this] {
        status_ = static_cast<int>(page_.write(static_cast<Exit>(status_.load())));
    });
    return static_cast<Exit>(status_.load());
}

void LastWords::leave(Exit exit, const std::string &by)
{
    control::Keys::restore();
    const auto status = [this, exit] {
        return status_ < 0 ? static_cast<int>(exit) : status_.load();
    };
    // Whatever holds up what follows: a disk, or the main loop in the middle of the same.
    std::thread([status] {
        std::this_thread::sleep_for(kAtMost);
        std::_Exit(status());
    }).detach();
    log_.status({});
    Session::Outcome outcome;
    {
        const std::lock_guard lock(mutex_);
        outcome = expected_;
    }
    say(cut_short(std::move(outcome), exit, by));
    close(kFlush);
    std::fflush(nullptr);
    std::_Exit(status());
}

}  // namespace callagent
