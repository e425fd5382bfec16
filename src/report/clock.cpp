#include "report/clock.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>

#include <unistd.h>

namespace callagent::report {

Moment process_start()
{
    const auto now = std::chrono::steady_clock::now();
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')');  // the name before may hold anything
    timespec since_boot{};
    if (name_end == std::string::npos || clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0)
        return now;
    // Field 22 of proc(5), in clock ticks since boot; the state behind the name is field 3.
    std::istringstream rest(line.substr(name_end + 1));
    std::string skipped;
    for (int field = 3; field < 22; ++field)
        rest >> skipped;
    double ticks = 0;
    if (!(rest >> ticks))
        return now;
    const auto boot_seconds =
        static_cast<double>(since_boot.tv_sec) + static_cast<double>(since_boot.tv_nsec) / 1e9;
    const auto age = boot_seconds - ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    if (age < 0)
        return now;
    return now - std::chrono::duration_cast<Moment::duration>(std::chrono::duration<double>(age));
}

std::string timestamp()
{
    using namespace std::chrono;
    const auto now = floor<milliseconds>(system_clock::now());
    const auto whole = floor<seconds>(now);
    const auto seconds_since_epoch = system_clock::to_time_t(whole);
    std::tm utc{};
    gmtime_r(&seconds_since_epoch, &utc);
    std::array<char, 40> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    auto millis = std::to_string((now - whole).count());
    millis.insert(0, 3 - millis.size(), '0');
    return std::string(date.data()) + "." + millis + "Z";
}

}  // namespace callagent::report
