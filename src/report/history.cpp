#include "report/history.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace callagent::report {

void History::add(std::string_view line)
{
    if (line.ends_with('\n'))
        line.remove_suffix(1);
    auto picture = std::optional<Picture>();
    if (auto name = snapshot_of(line); !name.empty())
        picture = picture_at(name, name);
    const std::lock_guard lock(mutex_);
    if (picture)
        run_.pictures.push_back(std::move(*picture));
    run_.lines.emplace_back(line);
    bytes_ += line.size();
    if (bytes_ > max_bytes_)
        make_room();
}

Run History::run() const
{
    const std::lock_guard lock(mutex_);
    return run_;
}

void History::make_room()
{
    thin_stats();
    if (bytes_ > max_bytes_ / 4 * 3)
        forget_oldest();
}

void History::thin_stats()
{
    bool keep = false;
    std::erase_if(run_.lines, [&](const std::string &line) {
        // In a string of the peer's the quotes would be escaped.
        if (line.find(R"("event":"stats")") == std::string::npos)
            return false;
        keep = !keep;
        if (!keep)
            bytes_ -= line.size();
        return !keep;
    });
}

void History::forget_oldest()
{
    auto last = run_.lines.begin();
    for (; last != run_.lines.end() && bytes_ > max_bytes_ / 2; ++last) {
        bytes_ -= last->size();
        if (const auto name = snapshot_of(*last); !name.empty())
            std::erase_if(run_.pictures, [&](const auto &one) { return one.name == name; });
    }
    run_.missing += static_cast<std::size_t>(last - run_.lines.begin());
    run_.lines.erase(run_.lines.begin(), last);
}

}  // namespace callagent::report
