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
        html_report(kPage, {{"a", {R"({"event":"start"})", R"({"event":"end"})"}, 3}});
    EXPECT_EQ(html,
              "<style>body {}</style><script type=json>"
              "{\"runs\":[{\"label\":\"a\",\"missing\":3,\"events\":[\n"
              "{\"event\":\"start\"},\n{\"event\":\"end\"}\n]}]}"
              "</script>draw({{data}})<!-- end -->");
}

TEST_F(HtmlReportTest, TextOfThePeerDoesNotLeaveTheScript)
{
    const auto html =
        html_report(kPage, {{"</script><b>",
                             {R"({"event":"end","reason":"</script><!-- {{styles}}{{scripts}}"})"},
                             0}});
    EXPECT_EQ(html.find("</script><b>"), std::string::npos);
    EXPECT_EQ(html.find("</script>"), html.rfind("</script>"));
    EXPECT_EQ(html.find("<!--"), html.rfind("<!--"));
    EXPECT_NE(html.find(R"("reason":"\u003c/script>\u003c!-- {{styles}}{{scripts}}")"),
              std::string::npos);
}

TEST_F(HtmlReportTest, TwoRunsStandBesideOneAnother)
{
    const auto html = html_report(kPage, {{"a", {"{}"}, 0}, {"b", {"{}"}, 0}});
    EXPECT_NE(html.find("\n]},{\"label\":\"b\""), std::string::npos);
}

TEST_F(HtmlReportTest, PicturesArePartOfIt)
{
    const auto with = [&](const std::string &bytes) {
        return html_report(kPage, {{"", {}, 0, {*picture_at("a", file("a.png", bytes))}}});
    };
    EXPECT_NE(with("\x89PNG").find(R"("pictures":{"a":"data:image/png;base64,iVBORw=="})"),
              std::string::npos);
    EXPECT_NE(with("\x89PNGa").find(",iVBOR2E=\""), std::string::npos);
    EXPECT_NE(with("\x89PNGab").find(",iVBOR2Fi\""), std::string::npos);
    EXPECT_NE(with("<b>").find(R"("pictures":{})"), std::string::npos);
    EXPECT_EQ(html_report(kPage, {{}}).find("pictures"), std::string::npos);
    EXPECT_FALSE(picture_at("a", path("none.png")));
}

TEST_F(HtmlReportTest, APictureThatWasWrittenOverIsAnother)
{
    const std::vector pictures{*picture_at("a", file("a.png", "\x89PNGa"))};
    std::filesystem::rename(file("b.png", "\x89PNGb"), path("a.png"));
    EXPECT_EQ(to_json(pictures), "{}");
    std::filesystem::remove(path("a.png"));
    EXPECT_EQ(to_json(pictures), "{}");
}

TEST_F(HtmlReportTest, OfTooManyPicturesTheLastAreThere)
{
    std::vector<Picture> pictures;
    for (const std::string name : {"a", "b", "c"})
        pictures.push_back(*picture_at(name, file(name, "\x89PNG")));
    const auto text = to_json(pictures, 11);
    EXPECT_EQ(text.find("\"a\":"), std::string::npos);
    EXPECT_NE(text.find("\"b\":"), std::string::npos);
    EXPECT_NE(text.find("\"c\":"), std::string::npos);
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

TEST(PicturesTest, ACallsEndNamesItsOwn)
{
    const struct {
        const char *line, *name;
    } cases[] = {
        {R"({"event":"call-ended","summary":{"snapshot":"a \"b\".png"}})", "a \"b\".png"},
        {R"({"event":"end","summary":{"stalls":0,"snapshot":"x.png"}})", "x.png"},
        {R"({"event":"end","summary":{}})", ""},
        {R"({"event":"end","snapshot":"x.png"})", ""},
        {R"({"event":"end","summary":["snapshot"]})", ""},
        {R"({"event":"end","summary":{"snapshot":1}})", ""},
        {R"({"event":"text","text":"\"snapshot\"","summary":{"snapshot":"x.png"}})", ""},
        {R"({"event":"end","summary":{"snapshot":"x.png"})", ""},
    };
    for (const auto &[line, name] : cases)
        EXPECT_EQ(snapshot_of(line), name) << line;
}

TEST_F(HtmlReportTest, APictureIsThatOfWhenItsCallEnded)
{
    History history(1000);
    const auto end = [&](const std::string &name) {
        history.add(R"({"event":"call-ended","summary":{"snapshot":")" + name + "\"}}");
    };
    end(path("none.png"));
    const auto first = file("a.png", "\x89PNG");
    end(first);
    ASSERT_EQ(history.run().pictures.size(), 1u);
    EXPECT_EQ(history.run().pictures[0].name, first);
    EXPECT_EQ(history.run().pictures[0].file, first);
    for (int i = 0; i < 100; ++i)
        history.add("{\"event\":\"peer\"}");
    EXPECT_TRUE(history.run().pictures.empty());  // its call is forgotten
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
