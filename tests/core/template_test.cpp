#include "core/template.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

TEST(TemplateTest, FillsValuesAndDefaultsAndStripsComments)
{
    const auto filled =
        fill_template("x.launch",
                      "# encode: $(bitrate) bit/s = 500000   $(pt) payload type = 96\n"
                      "vp8enc target-bitrate=$(bitrate)\n"
                      "  # in between\n"
                      "  ! rtpvp8pay pt=$(pt)\n",
                      {{"pt", "120"}, {"unused", "1"}});
    ASSERT_TRUE(filled) << filled.error();
    EXPECT_EQ(*filled, "vp8enc target-bitrate=500000\n  ! rtpvp8pay pt=120");
}

TEST(TemplateTest, AnUnfilledPlaceholderIsNamedWithFileAndLine)
{
    const auto filled =
        fill_template("a/x.launch", "# $(pt) payload type\n\nrtpvp8pay pt=$(pt)\n", {});
    ASSERT_FALSE(filled);
    EXPECT_TRUE(filled.error().starts_with("a/x.launch:3: ")) << filled.error();
    EXPECT_NE(filled.error().find("$(pt)"), std::string::npos);
}

TEST(TemplateTest, AMalformedPlaceholderIsAnErrorAndNotText)
{
    for (const char *text : {"a b=$(", "a b=$()", "a b=$(x y)", "a b=$(x;y)"})
        EXPECT_FALSE(fill_template("x", text, {{"x", "1"}})) << text;
}

TEST(TemplateTest, APlaceholderInQuotesIsRefusedBecauseItsValueIsQuotedAlready)
{
    EXPECT_FALSE(fill_template("x", "a b=\"$(x)\"", {{"x", "1"}}));
    EXPECT_FALSE(fill_template("x", "a b='$(x)'", {{"x", "1"}}));
    EXPECT_TRUE(fill_template("x", "a c=\"q\" b=$(x)", {{"x", "1"}}));
    EXPECT_TRUE(fill_template("x", "a c=\\\" b=$(x)", {{"x", "1"}}));
}

TEST(TemplateTest, AValueCannotLeaveItsPlace)
{
    EXPECT_EQ(*fill_template("x", "a b=$(x) ! c", {{"x", "1 ! filesink location=/etc/passwd"}}),
              "a b=1\\ \\!\\ filesink\\ location=/etc/passwd ! c");
    EXPECT_EQ(*fill_template("x", "a b=$(x) ! c", {{"x", ""}}), "a b=\"\" ! c");
    EXPECT_EQ(*fill_template("x", "a b=$(x) ! c", {{"x", "\"' \\x"}}), "a b=\\\"\\'\\ \\\\x ! c");
    EXPECT_EQ(*fill_template("x", "a b=$(x)", {{"x", "$(y)"}}), "a b=\\$\\(y\\)");
    EXPECT_FALSE(fill_template("x", "a b=$(x)", {{"x", "1\n! c"}}));
    EXPECT_FALSE(fill_template("x", "a b=$(x)", {{"x", "1\\"}}));
}

TEST(TemplateTest, BareCapsAtTheEndsBecomeFilters)
{
    EXPECT_EQ(with_closed_ends(" video/x-raw,width=3 ! vp8enc ! video/x-vp8 "),
              "capsfilter caps=video/x-raw,width=3 ! vp8enc ! capsfilter caps=video/x-vp8");
    EXPECT_EQ(with_closed_ends("a ! video/x-raw ! b"), "a ! video/x-raw ! b");
    EXPECT_EQ(with_closed_ends("a ! audio/x-raw, rate=8000"),
              "a ! capsfilter caps=audio/x-raw,\\ rate=8000");
    EXPECT_EQ(with_closed_ends("a b=\"x ! video/x-raw\""), "a b=\"x ! video/x-raw\"");
    EXPECT_EQ(with_closed_ends("filesrc location=a/b ! c"), "filesrc location=a/b ! c");
    EXPECT_EQ(with_closed_ends(""), "");
    EXPECT_EQ(with_closed_ends("!"), "!");
}

}  // namespace
}  // namespace callagent
