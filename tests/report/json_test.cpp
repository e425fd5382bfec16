#include "report/json.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace callagent::report {

TEST(ReportJsonTest, KeepsTheOrderAndTheKinds)
{
    EXPECT_EQ(to_json(Object{{"b", 1},
                             {"a", Array{true, Value(), "x", 0.5}},
                             {"o", Object{}},
                             {"big", std::int64_t{9007199254740993}}}),
              R"({"b":1,"a":[true,null,"x",0.5],"o":{},"big":9007199254740993})");
}

TEST(ReportJsonTest, NumbersHaveAtMostSixDecimals)
{
    const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "0"},
                 {1, "1"},
                 {0.1, "0.1"},
                 {1.0 / 3, "0.333333"},
                 {0.0000001, "0"},
                 {-0.0000001, "0"},
                 {1500000, "1500000"},
                 {-12.25, "-12.25"},
                 {100.10, "100.1"},
                 {1e20, "1e+20"},
                 {std::numeric_limits<double>::quiet_NaN(), "null"},
                 {std::numeric_limits<double>::infinity(), "null"}};
    for (const auto &one : cases)
        EXPECT_EQ(to_json(Value(one.value)), one.text);
}

TEST(ReportJsonTest, TextFromAnywhereStaysOneLineOfUtf8)
{
    EXPECT_EQ(to_json(Value("a\"b\\c\nd\te\x01")), R"("a\"b\\c\nd\te\u0001")");
    EXPECT_EQ(to_json(Value("\xff")), "\"\xef\xbf\xbd\"");
    EXPECT_EQ(to_json(Value("\xc3\xa4")), "\"\xc3\xa4\"");
}

}  // namespace callagent::report
