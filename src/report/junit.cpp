#include "report/junit.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace callagent::report {
namespace {

// What XML 1.0 cannot hold, not even escaped, becomes a question mark: ASCII's control characters,
// U+FFFE and U+FFFF.
std::string escaped(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (const auto rest = text.substr(i);
            rest.starts_with("\uFFFE") || rest.starts_with("\uFFFF")) {
            result += '?';
            i += 2;  // three bytes of UTF-8
            continue;
        }
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += static_cast<unsigned char>(c) < ' ' ? '?' : c;
        }
    }
    return result;
}

std::string seconds(double value)
{
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.3f", value);
    return digits.data();
}

std::string test_case(const std::string &classname, const std::string &name, double time,
                      const std::string &failure)
{
    auto text = "    <testcase classname=\"" + escaped(classname) + "\" name=\"" + escaped(name) +
                "\" time=\"" + seconds(time) + "\"";
    if (failure.empty())
        return text + "/>\n";
    return text + ">\n      <failure message=\"" + escaped(failure) + "\"/>\n    </testcase>\n";
}

Error cannot(const std::string &path)
{
    return Error{"--junit: cannot write to '" + path + "': " + std::strerror(errno) +
                 "; give a file in a writable directory"};
}

}  // namespace

std::string junit(const std::vector<CallCase> &calls)
{
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    for (const auto &call : calls) {
        // A broken expectation is a case of its own, and the call itself went well.
        const bool went = call.exit == Exit::Ok || call.exit == Exit::Expect;
        const auto name = call.id.empty() ? "callagent" : "callagent." + call.id;
        auto cases = test_case(name, "call", call.seconds, went ? "" : call.reason);
        int failures = went ? 0 : 1;
        for (const auto &verdict : call.verdicts) {
            cases +=
                test_case(name, verdict.expectation.text, 0, verdict.met ? "" : verdict.sentence());
            failures += verdict.met ? 0 : 1;
        }
        text += "  <testsuite name=\"" + escaped(name) + "\" tests=\"" +
                std::to_string(call.verdicts.size() + 1) + "\" failures=\"" +
                std::to_string(failures) + "\" time=\"" + seconds(call.seconds) + "\">\n" + cases +
                "  </testsuite>\n";
    }
    return text + "</testsuites>\n";
}

Status check_junit(const std::string &path)
{
    errno = 0;
    const std::ofstream file(path, std::ios::app);
    return file ? Status(Done{}) : Status(cannot(path));
}

Status write_junit(const std::string &path, const std::vector<CallCase> &calls)
{
    errno = 0;
    std::ofstream file(path, std::ios::trunc);
    file << junit(calls);
    file.close();
    return file ? Status(Done{}) : Status(cannot(path));
}

}  // namespace callagent::report
