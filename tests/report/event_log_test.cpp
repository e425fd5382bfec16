#include "report/event_log.h"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <regex>
#include <sstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"

namespace callagent::report {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> lines_of(const std::string &text)
{
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        EXPECT_NE(end, std::string::npos) << "half a line: " << text.substr(at);
        if (end == std::string::npos)
            break;
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::string member(const std::string &line, std::string_view key)
{
    const auto members = json::members(line);
    EXPECT_TRUE(members) << line;
    const auto *found = members ? json::find(*members, key) : nullptr;
    return found ? std::string(found->value) : "absent";
}

std::string take_all(int fd)
{
    std::string text;
    char buffer[65536];
    for (ssize_t size = 0; (size = read(fd, buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(size));
    return text;
}

class EventLogTest : public ::testing::Test {
public:
    EventLogTest()
    {
        std::string pattern = std::filesystem::temp_directory_path() / "callagent-events-XXXXXX";
        folder_ = mkdtemp(pattern.data());
    }
    ~EventLogTest() override { std::filesystem::remove_all(folder_); }

protected:
    std::string path(const char *name) const { return folder_ / name; }

    // The reading end of a new FIFO. Reading waits, until the log that writes is gone.
    int fifo(const char *name)
    {
        EXPECT_EQ(mkfifo(path(name).c_str(), 0600), 0);
        const int fd = ::open(path(name).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        fcntl(fd, F_SETFL, 0);
        return fd;
    }

    std::unique_ptr<EventLog> open(const std::string &name)
    {
        EventLog::Config config;
        config.path = name;
        config.warning = [this](const Warning &warning) {
            const std::lock_guard lock(mutex_);
            warnings_.push_back(warning);
            warned_.notify_all();
        };
        auto log = EventLog::open(std::move(config));
        EXPECT_TRUE(log) << log.error();
        return log ? std::move(*log) : nullptr;
    }

    std::vector<std::string> written(const char *name) const
    {
        std::ifstream file(path(name));
        std::ostringstream text;
        text << file.rdbuf();
        return lines_of(text.str());
    }

    // Waits for the first one.
    std::vector<Warning> warnings()
    {
        std::unique_lock lock(mutex_);
        warned_.wait_for(lock, 5s, [this] { return !warnings_.empty(); });
        return warnings_;
    }

private:
    std::filesystem::path folder_;
    std::mutex mutex_;
    std::condition_variable warned_;
    std::vector<Warning> warnings_;
};

}  // namespace

TEST_F(EventLogTest, EveryLineSaysWhenAndWhat)
{
    auto log = open(path("events"));
    log->emit("start");
    log->set_call("c1");
    log->emit("peer", {{"number", "482193"}});
    log->set_call("");
    log->emit("end", {{"reason", "bye"}, {"exit_code", 0}});
    log->close();

    const auto lines = written("events");
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_TRUE(std::regex_match(
        lines[1], std::regex(R"(\{"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","t":[0-9.]+,)"
                             R"("event":"peer","schema":1,"call":"c1","number":"482193"\})")))
        << lines[1];
    EXPECT_EQ(member(lines[0], "call"), "absent");
    EXPECT_EQ(member(lines[2], "call"), "absent");
    EXPECT_LT(std::stod(member(lines[2], "t")), 60);
    EXPECT_LE(std::stod(member(lines[0], "t")), std::stod(member(lines[1], "t")));
}

TEST_F(EventLogTest, TimeCountsFromTheMomentGiven)
{
    EventLog::Config config;
    config.path = path("events");
    config.start = std::chrono::steady_clock::now() - 100s;
    auto log = EventLog::open(std::move(config));
    ASSERT_TRUE(log);
    (*log)->emit("start");
    (*log)->close();
    EXPECT_NEAR(std::stod(member(written("events").at(0), "t")), 100, 5);
}

TEST_F(EventLogTest, NothingGoesBehindTheEnd)
{
    auto log = open(path("events"));
    log->emit("end");
    log->emit("stats");
    log->close();
    log->emit("stats");
    log.reset();
    EXPECT_EQ(written("events").size(), 1u);
}

TEST_F(EventLogTest, WithoutAPathNothingHappens)
{
    auto log = open("");
    log->emit("start");
    log->close();
}

TEST_F(EventLogTest, WhatCannotBeWrittenIsSaidAtOnce)
{
    ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
    const struct {
        std::string path;
        const char *why;
    } cases[] = {{path("no/such/folder"), "No such file or directory"},
                 {path("."), "Is a directory"},
                 {path("fifo"), "nobody reads that FIFO"}};
    for (const auto &one : cases) {
        EventLog::Config config;
        config.path = one.path;
        const auto log = EventLog::open(std::move(config));
        ASSERT_FALSE(log);
        EXPECT_NE(log.error().find(one.path), std::string::npos) << log.error();
        EXPECT_NE(log.error().find(one.why), std::string::npos) << log.error();
    }
}

TEST_F(EventLogTest, ManyThreadsWriteWholeLinesInTheOrderOfTheirTimes)
{
    auto log = open(path("events"));
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&log] {
            for (int i = 0; i < 500; ++i)
                log->emit("stats", {{"text", std::string(500, 'x')}});
        });
    for (auto &thread : threads)
        thread.join();
    log->emit("end");
    log->close();

    const auto lines = written("events");
    ASSERT_EQ(lines.size(), 2001u);
    double last = 0;
    for (const auto &line : lines) {
        const auto t = std::stod(member(line, "t"));
        EXPECT_GE(t, last);
        last = t;
    }
    EXPECT_EQ(member(lines.back(), "event"), "\"end\"");
}

TEST_F(EventLogTest, AReaderThatDoesNotReadNeverHoldsUsUp)
{
    const int reader = fifo("fifo");
    auto log = open(path("fifo"));
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 20'000; ++i)
        log->emit("stats", {{"i", i}});
    log->emit("end");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
    const auto closing = std::chrono::steady_clock::now();
    log->close();
    EXPECT_LT(std::chrono::steady_clock::now() - closing, EventLog::kFlush + 1s);
    ::close(reader);
}

TEST_F(EventLogTest, WhatWasDroppedIsCountedWhenThereIsRoomAgain)
{
    const int reader = fifo("fifo");
    auto log = open(path("fifo"));
    constexpr std::size_t kEmitted = 20'000;
    for (std::size_t i = 0; i < kEmitted; ++i)
        log->emit("stats");

    std::string text;
    std::thread taking([&] { text = take_all(reader); });
    log->emit("end");
    log.reset();
    taking.join();
    ::close(reader);

    const auto lines = lines_of(text);
    ASSERT_GT(lines.size(), EventLog::kMaxQueued);
    EXPECT_EQ(member(lines.back(), "event"), "\"end\"");
    std::size_t stats = 0, dropped = 0;
    for (const auto &line : lines) {
        stats += member(line, "event") == "\"stats\"" ? 1 : 0;
        if (member(line, "code") == "\"events-dropped\"")
            dropped += std::stoul(member(line, "message").substr(1));
    }
    EXPECT_GT(dropped, 0u);
    EXPECT_EQ(stats + dropped, kEmitted);
}

TEST_F(EventLogTest, TheCountOfWhatWasDroppedDoesNotWaitForTheNextEvent)
{
    const int reader = fifo("fifo");
    auto log = open(path("fifo"));
    for (int i = 0; i < 20'000; ++i)
        log->emit("stats");

    std::string text;
    char buffer[4096];
    while (text.find("events-dropped") == std::string::npos) {
        pollfd waiting{reader, POLLIN, 0};
        ASSERT_EQ(poll(&waiting, 1, 5000), 1) << "no warning, and nothing else comes";
        const auto size = read(reader, buffer, sizeof buffer);
        ASSERT_GT(size, 0);
        text.append(buffer, static_cast<std::size_t>(size));
    }
    log->emit("peer");  // and there is room again
    log->emit("end");
    std::thread taking([&] { text += take_all(reader); });
    log.reset();
    taking.join();
    ::close(reader);
    EXPECT_NE(text.find("\"peer\""), std::string::npos);
}

TEST_F(EventLogTest, ASlowReaderStillGetsTheEnd)
{
    const int reader = fifo("fifo");
    auto log = open(path("fifo"));
    for (int i = 0; i < 4000; ++i)
        log->emit("stats", {{"text", std::string(2000, 'x')}});
    log->emit("end");

    std::string text;
    std::thread taking([&] {
        char buffer[4096];
        for (ssize_t size = 0; (size = read(reader, buffer, sizeof buffer)) > 0;) {
            text.append(buffer, static_cast<std::size_t>(size));
            std::this_thread::sleep_for(1ms);  // 8 MB would take two seconds
        }
    });
    log.reset();
    taking.join();
    ::close(reader);
    EXPECT_EQ(member(lines_of(text).back(), "event"), "\"end\"");
}

TEST_F(EventLogTest, WhoeverIsInAHurryEndsTheWaitOfTheOthers)
{
    const int reader = fifo("fifo");
    auto log = open(path("fifo"));
    for (int i = 0; i < 4000; ++i)
        log->emit("stats", {{"text", std::string(2000, 'x')}});
    log->emit("end");
    const auto begun = std::chrono::steady_clock::now();
    std::thread patient([&] { log->close(10min); });
    log->close(50ms);
    patient.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1min);
    ::close(reader);
}

TEST_F(EventLogTest, AReaderThatGoesAwayEndsTheEventsAndNothingElse)
{
    const int reader = fifo("fifo");
    auto log = open(path("fifo"));
    log->emit("start");
    ::close(reader);
    log->emit("stats");
    log->emit("stats");
    const auto said = warnings();
    ASSERT_EQ(said.size(), 1u);
    EXPECT_EQ(said[0].code, "events-lost");
    EXPECT_NE(said[0].message.find("Broken pipe"), std::string::npos) << said[0].message;
    for (int i = 0; i < 10'000; ++i)
        log->emit("stats");
    log->emit("end");
    log->close();
    EXPECT_EQ(warnings().size(), 1u);
}

TEST_F(EventLogTest, AFullDiskEndsTheEventsAndNothingElse)
{
    auto log = open("/dev/full");
    log->emit("start");
    EXPECT_NE(warnings().at(0).message.find("No space left"), std::string::npos);
    log->emit("end");
}

TEST_F(EventLogTest, AnObserverIsToldEveryLineWithAndWithoutAFile)
{
    for (const auto &file : {std::string(), path("events")}) {
        std::vector<std::string> seen;
        auto log = EventLog::open({file, process_start(), nullptr,
                                   [&seen](std::string_view line) { seen.emplace_back(line); }});
        ASSERT_TRUE(log) << log.error();
        (*log)->emit("start");
        (*log)->set_call("c");
        (*log)->emit("end");
        (*log)->emit("late");
        (*log)->close();
        ASSERT_EQ(seen.size(), 2u);
        EXPECT_EQ(member(seen[0], "event"), "\"start\"");
        EXPECT_EQ(member(seen[1], "call"), "\"c\"");
        EXPECT_TRUE(seen[1].ends_with("}\n"));
    }
}

}  // namespace callagent::report
