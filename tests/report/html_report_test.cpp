#include "report/html_report.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/history.h"

namespace callagent::report {
namespace {

const Template kPage{
    "<style>{{styles}}</style><script type=json>{{data}}</script>{{scripts}}<!-- end -->",
    "body {}", "draw({{data}})"};

class HtmlReportTest : public ::testing::Test {
public:
    HtmlReportTest()
    {
        std::string pattern = std::filesystem::temp_directory_path() / "callagent-report-XXXXXX";
        folder_ = mkdtemp(pattern.data());
    }
    ~HtmlReportTest() override { std::filesystem::remove_all(folder_); }

protected:
    std::string path(const std::string &name) const { return folder_ / name; }

    std::string file(const std::string &name, const std::string &text) const
    {
        std::ofstream(path(name), std::ios::binary) << text;
        return path(name);
    }

    static std::string contents(const std::string &path)
    {
        std::ostringstream text;
        text << std::ifstream(path, std::ios::binary).rdbuf();
        return text.str();
    }

    std::size_t files() const
    {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(folder_), {}));
    }

    std::filesystem::path folder_;
};

TEST_F(HtmlReportTest, TheEventsStandInThePageAsTheyCame)
{
    const auto html =
        html_report(kPage, {{"a", {R"({"event":"start"})", R"({"event":"end"})"}, 3}}, "");
    EXPECT_EQ(html,
              "<style>body {}</style><script type=json>"
              "{\"runs\":[{\"label\":\"a\",\"missing\":3,\"events\":[\n"
              "{\"event\":\"start\"},\n{\"event\":\"end\"}\n]}]}"
              "</script>draw({{data}})<!-- end -->");
}

TEST_F(HtmlReportTest, TextOfThePeerDoesNotLeaveTheScript)
{
    const auto html =
        html_report(kPage,
                    {{"</script><b>",
                      {R"({"event":"end","reason":"</script><!-- {{styles}}{{scripts}}"})"},
                      0}},
                    "");
    EXPECT_EQ(html.find("</script><b>"), std::string::npos);
    EXPECT_EQ(html.find("</script>"), html.rfind("</script>"));
    EXPECT_EQ(html.find("<!--"), html.rfind("<!--"));
    EXPECT_NE(html.find(R"("reason":"\u003c/script>\u003c!-- {{styles}}{{scripts}}")"),
              std::string::npos);
}

TEST_F(HtmlReportTest, TwoRunsStandBesideOneAnother)
{
    const auto html = html_report(kPage, {{"a", {"{}"}, 0}, {"b", {"{}"}, 0}}, "");
    EXPECT_NE(html.find("\n]},{\"label\":\"b\""), std::string::npos);
}

TEST_F(HtmlReportTest, APictureIsPartOfIt)
{
    const auto with = [&](const std::string &bytes) {
        return html_report(kPage, {}, file("x.png", "\x89PNG" + bytes));
    };
    EXPECT_NE(with("").find("\"snapshot\":\"data:image/png;base64,iVBORw==\""), std::string::npos);
    EXPECT_NE(with("a").find(",iVBOR2E=\""), std::string::npos);
    EXPECT_NE(with("ab").find(",iVBOR2Fi\""), std::string::npos);
    EXPECT_EQ(html_report(kPage, {}, path("none.png")).find("snapshot"), std::string::npos);
    EXPECT_EQ(html_report(kPage, {}, file("text.png", "<b>")).find("snapshot"), std::string::npos);
}

TEST_F(HtmlReportTest, ItReplacesWhatIsThereAndLeavesNothingElse)
{
    const auto name = file("r.html", "old");
    ASSERT_TRUE(check_report(name));
    EXPECT_EQ(contents(name), "old");
    ASSERT_TRUE(write_report(name, "new"));
    EXPECT_EQ(contents(name), "new");
    EXPECT_EQ(files(), 1u);
    struct stat status {};
    ASSERT_EQ(stat(name.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0600u, 0600u);
}

TEST_F(HtmlReportTest, APlaceThatCannotBeWrittenIsNamed)
{
    for (const auto &name : {path("none/r.html"), path("")}) {
        const auto checked = check_report(name);
        ASSERT_FALSE(checked) << name;
        EXPECT_TRUE(checked.error().starts_with("--report: cannot write to '" + name + "': "));
        EXPECT_NE(checked.error().find("; give a file"), std::string::npos);
    }
    EXPECT_FALSE(write_report(path("none/r.html"), "x"));
    std::filesystem::create_directory(path("d.html"));
    EXPECT_FALSE(check_report(path("d.html")));
    EXPECT_FALSE(write_report(path("d.html"), "x"));
    EXPECT_EQ(files(), 1u);
}

TEST_F(HtmlReportTest, WhatIsNoEventIsLeftOutAndCounted)
{
    const auto run = read_run(file("a.ndjson",
                                   "{\"event\":\"start\"}\n"
                                   "\n"
                                   "[\"event\"]\n"
                                   "{\"event\":7}\n"
                                   "{\"t\":1}\n"
                                   "{\"event\":\"\xff\"}\n"
                                   "{\"event\":\"end\"}</script>\n"
                                   "{\"event\":\"end\"}\r\n"
                                   "{\"event\":\"st"));
    ASSERT_TRUE(run) << run.error();
    EXPECT_EQ(run->label, "a.ndjson");
    EXPECT_EQ(run->lines,
              (std::vector<std::string>{"{\"event\":\"start\"}", "{\"event\":\"end\"}\r"}));
    EXPECT_EQ(run->missing, 6u);
}

TEST_F(HtmlReportTest, AFileWithoutEventsIsRefused)
{
    for (const auto &name : {file("empty", ""), file("other", "a\nb\n"), path("none"), path("")}) {
        const auto run = read_run(name);
        ASSERT_FALSE(run) << name;
        EXPECT_TRUE(run.error().starts_with("--from: cannot read '" + name + "': "));
    }
}

TEST(HistoryTest, KeepsEveryLine)
{
    History history;
    history.add("{\"event\":\"start\"}\n");
    history.add("{\"event\":\"end\"}\n");
    EXPECT_EQ(history.run().lines,
              (std::vector<std::string>{"{\"event\":\"start\"}", "{\"event\":\"end\"}"}));
    EXPECT_EQ(history.run().missing, 0u);
}

TEST(HistoryTest, StatisticsGetFewerFirst)
{
    History history(10'000);
    history.add("{\"event\":\"start\"}");
    for (int i = 0; i < 10'000; ++i)
        history.add("{\"event\":\"stats\",\"n\":" + std::to_string(i) + "}");
    const auto run = history.run();
    EXPECT_EQ(run.lines.front(), "{\"event\":\"start\"}");
    EXPECT_EQ(run.missing, 0u);
    EXPECT_LT(run.lines.size(), 500u);
    EXPECT_GT(run.lines.size(), 150u);
}

TEST(HistoryTest, ThenTheOldestLinesGoAndAreCounted)
{
    History history(10'000);
    for (int i = 0; i < 10'000; ++i)
        history.add("{\"event\":\"peer\"}");
    const auto run = history.run();
    EXPECT_EQ(run.lines.size() + run.missing, 10'000u);
    EXPECT_GT(run.lines.size(), 200u);
    EXPECT_LE(run.lines.size(), 700u);
}

}  // namespace
}  // namespace callagent::report
