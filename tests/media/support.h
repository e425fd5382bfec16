// What the media tests share: the main loop run until something has happened, never a sleep.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <glib.h>

namespace callagent::media {

// Runs the main loop until `done` says so. False: not within the time.
template <typename Done>
bool run_until(const Done &done, std::chrono::milliseconds at_most = std::chrono::seconds(10))
{
    const auto end = std::chrono::steady_clock::now() + at_most;
    // The timeout wakes the loop up for what streaming threads have changed meanwhile.
    const auto tick = g_timeout_add(
        2, [](gpointer) -> gboolean { return G_SOURCE_CONTINUE; }, nullptr);
    bool result = done();
    while (!result && std::chrono::steady_clock::now() < end) {
        g_main_context_iteration(nullptr, TRUE);
        result = done();
    }
    g_source_remove(tick);
    return result;
}

// A folder of its own that goes away with the test.
class Folder {
public:
    Folder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "callagent-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;

    std::string operator/(const std::string &file) const { return path_ / file; }

private:
    std::filesystem::path path_;
};

}  // namespace callagent::media
