#include "report/verdict.h"

#include <gtest/gtest.h>

#include "report/json.h"
#include "report/junit.h"

namespace callagent::report {
namespace {

std::vector<Verdict> verdicts()
{
    Measurements measurements;
    measurements["video.fps"].add(3, 12.5);
    return judge({*parse_expectation("video.fps>=25"), *parse_expectation("rtt<80ms"),
                  *parse_expectation("video.fps<30")},
                 measurements);
}

TEST(VerdictJsonTest, AsInTheEvent)
{
    EXPECT_EQ(to_json(Value(to_array(verdicts()))),
              R"([{"expect":"video.fps>=25","met":false,"measured":12.5,"unit":"fps","t":3},)"
              R"({"expect":"rtt<80ms","met":false,"unit":"ms"},)"
              R"({"expect":"video.fps<30","met":true,"measured":12.5,"unit":"fps"}])");
}

TEST(VerdictJsonTest, TheReasonNamesWhatBroke)
{
    EXPECT_EQ(broken_sentence(verdicts()),
              "2 of 3 expectations broken: video.fps>=25 (measured 12.5 fps), rtt<80ms (nothing "
              "measured)");
    EXPECT_EQ(broken_sentence({}), "");
}

TEST(JunitTest, ACaseForTheCallAndForEachExpectation)
{
    EXPECT_EQ(junit({{"id", Exit::Expect, "broken", 1.5, verdicts()}}),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
              "  <testsuite name=\"callagent.id\" tests=\"4\" failures=\"2\" time=\"1.500\">\n"
              "    <testcase classname=\"callagent.id\" name=\"call\" time=\"1.500\"/>\n"
              "    <testcase classname=\"callagent.id\" name=\"video.fps&gt;=25\" time=\"0.000\">\n"
              "      <failure message=\"video.fps&gt;=25: broken: 12.5 fps, first at 3 s\"/>\n"
              "    </testcase>\n"
              "    <testcase classname=\"callagent.id\" name=\"rtt&lt;80ms\" time=\"0.000\">\n"
              "      <failure message=\"rtt&lt;80ms: broken: nothing was measured\"/>\n"
              "    </testcase>\n"
              "    <testcase classname=\"callagent.id\" name=\"video.fps&lt;30\" time=\"0.000\"/>\n"
              "  </testsuite>\n</testsuites>\n");
}

TEST(JunitTest, ACallThatFailedIsAFailureAndWhatThePeerSaidCannotBreakTheFile)
{
    const auto text = junit({{"", Exit::Refused, "number 1: \"<&\x01\uFFFE\uFFFF\"", 0, {}}});
    EXPECT_NE(text.find("<failure message=\"number 1: &quot;&lt;&amp;???&quot;\"/>"),
              std::string::npos)
        << text;
}

}  // namespace
}  // namespace callagent::report
