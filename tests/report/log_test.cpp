#include "report/log.h"

#include <array>
#include <regex>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace callagent::report {
namespace {

using namespace std::chrono_literals;

class LogTest : public ::testing::Test {
public:
    LogTest() { EXPECT_EQ(pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC), 0); }
    ~LogTest() override
    {
        close(ends_[0]);
        close(ends_[1]);
    }

protected:
    int fd() const { return ends_[1]; }

    std::string said() const
    {
        std::string text;
        char buffer[65536];
        for (ssize_t size = 0; (size = read(ends_[0], buffer, sizeof buffer)) > 0;)
            text.append(buffer, static_cast<std::size_t>(size));
        return text;
    }

    void say_all(int verbosity) const
    {
        Log log(verbosity, process_start(), fd());
        log.error("e");
        log.warning("w");
        log.info("i");
        log.debug("d");
    }

private:
    std::array<int, 2> ends_{};
};

}  // namespace

TEST_F(LogTest, VerbosityChooses)
{
    say_all(-1);
    EXPECT_EQ(said(), "callagent: e\n");
    say_all(0);
    EXPECT_EQ(said(), "callagent: e\ncallagent: warning: w\ncallagent: i\n");
    say_all(1);
    const auto verbose = said();
    EXPECT_TRUE(std::regex_match(
        verbose, std::regex("callagent: \\[\\d+\\.\\d{3}\\] e\n.* warning: w\n.* i\n.*\\] d\n")))
        << verbose;
}

TEST_F(LogTest, OneLineAMessageAndNothingForTheTerminal)
{
    Log log(0, process_start(), fd());
    log.info("a\nb\x1b[2Jc");
    EXPECT_EQ(said(), "callagent: a b [2Jc\n");
    log.info("a\x07 \x7f\xC2\x9B[2J \xC3\xBC\xC2\xA0");
    EXPECT_EQ(said(), "callagent: a     [2J \xC3\xBC\xC2\xA0\n");
    log.info("a\u202Eb\u2066c\u2028d\u2019e\u202F");
    EXPECT_EQ(said(), "callagent: a   b   c   d\u2019e\u202F\n");
    log.info(std::string(100'000, 'x'));
    const auto cut = said();
    EXPECT_LT(cut.size(), 4096u);
    EXPECT_TRUE(cut.ends_with("x\n"));
}

TEST_F(LogTest, AFullPipeCostsLinesAndNoTime)
{
    Log log(0, process_start(), fd());
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 40; ++i)
        log.info(std::string(3500, 'x'));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
    EXPECT_EQ(said().find("left out"), std::string::npos);
    log.info("again");
    EXPECT_TRUE(std::regex_match(
        said(),
        std::regex(
            "callagent: \\(\\d+ lines left out: nobody read them in time\\)\ncallagent: again\n")));
}

TEST(ClockTest, TheProcessStartedALittleAgo)
{
    const auto age = seconds_since(process_start());
    EXPECT_GE(age, 0);
    EXPECT_LT(age, 600);
    EXPECT_NEAR(seconds_since(process_start()), age, 0.2);  // whenever it is asked
}

// A terminal 20 columns wide, and what is shown on it.
class Terminal {
public:
    Terminal()
    {
        winsize size{};
        size.ws_row = 5;
        size.ws_col = 20;
        EXPECT_EQ(openpty(&here_, &there_, nullptr, nullptr, &size), 0);
    }
    ~Terminal()
    {
        close(here_);
        close(there_);
    }
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;

    int fd() const { return there_; }
    std::string shown() const
    {
        std::array<char, 4096> text{};
        const auto count = read(here_, text.data(), text.size());
        return {text.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
    }

private:
    int here_ = -1, there_ = -1;
};

TEST(LiveLineTest, ItStaysBelowTheOtherLines)
{
    const Terminal terminal;
    Log log(0, std::chrono::steady_clock::now(), terminal.fd());
    EXPECT_TRUE(log.is_live());
    log.status("in call 0:01");
    EXPECT_EQ(terminal.shown(), "\r\x1b[Kin call 0:01");
    log.info("hello");
    EXPECT_EQ(terminal.shown(), "\r\x1b[Kcallagent: hello\r\nin call 0:01");
    log.status("in call 0:02 and much more of it");
    EXPECT_EQ(terminal.shown(), "\r\x1b[Kin call 0:02 and mu");
    log.status({});
    EXPECT_EQ(terminal.shown(), "\r\x1b[K");
    log.info("done");
    EXPECT_EQ(terminal.shown(), "callagent: done\r\n");
}

TEST(LiveLineTest, OnlyOnATerminalAndNotWhenQuiet)
{
    const Terminal terminal;
    EXPECT_FALSE(Log(-1, std::chrono::steady_clock::now(), terminal.fd()).is_live());
    EXPECT_FALSE(Log(1, std::chrono::steady_clock::now(), terminal.fd()).is_live());
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    {
        Log log(0, std::chrono::steady_clock::now(), ends[1]);
        EXPECT_FALSE(log.is_live());
        log.status("in call");
        log.info("hello");
    }
    std::array<char, 100> text{};
    EXPECT_EQ(read(ends[0], text.data(), text.size()), 17);
    EXPECT_STREQ(text.data(), "callagent: hello\n");
    close(ends[0]);
    close(ends[1]);
}

}  // namespace callagent::report
