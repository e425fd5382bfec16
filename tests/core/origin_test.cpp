#include "core/origin.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

using Verdict = OriginRules::Verdict;

TEST(OriginTest, IsSchemeHostAndPort)
{
    EXPECT_EQ(parse_origin("https://Example.ORG"), (Origin{"https", "example.org", 443}));
    EXPECT_EQ(parse_origin("http://[::1]:3000"), (Origin{"http", "::1", 3000}));
    EXPECT_EQ(parse_origin("http://localhost.:80"), (Origin{"http", "localhost", 80}));
    for (const char *text :
         {"", "null", "example.org", "://example.org", "https://", "https://a/b", "https://u@a",
          "https://a:70000", "https://a:b", "https://[::1", "https://a b", "https://a, https://b"})
        EXPECT_FALSE(parse_origin(text)) << text;
}

TEST(OriginTest, KnowsLoopbackByName)
{
    for (const char *host : {"localhost", "a.localhost", "127.0.0.1", "127.1.2.3", "::1"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const char *host :
         {"", "localhost.evil.example", "evillocalhost", "127.0.0.1.evil.example", "127.0.0",
          "127.0.0.0.1", "127.0.0.256", "128.0.0.1", "127.0.0.", "::2"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(OriginTest, APageOfOursOrOfLoopbackIsWelcome)
{
    const OriginRules rules({}, false);
    EXPECT_EQ(rules.judge(nullptr, "studio.local:3000"), Verdict::Welcome);  // a program
    EXPECT_EQ(rules.judge(nullptr, nullptr), Verdict::Welcome);
    EXPECT_EQ(rules.judge("https://studio.local:3000", "studio.local:3000"), Verdict::Welcome);
    EXPECT_EQ(rules.judge("http://STUDIO.local:8080", "studio.local"), Verdict::Welcome);
    EXPECT_EQ(rules.judge("http://localhost:8080", "studio.local"), Verdict::Welcome);
    EXPECT_EQ(rules.judge("http://127.0.0.1", "[::1]:3000"), Verdict::Welcome);
}

TEST(OriginTest, APageOfSomebodyElseIsNot)
{
    const OriginRules rules({}, false);
    for (const char *origin :
         {"https://evil.example", "null", "", "file://", "http://studio.local.evil.example",
          "http://evil.example:3000", "https://studio.local, https://evil.example"})
        EXPECT_EQ(rules.judge(origin, "studio.local:3000"), Verdict::StrangeOrigin) << origin;
    EXPECT_EQ(rules.judge("http://evil.example", nullptr), Verdict::StrangeOrigin);
}

TEST(OriginTest, OneThatIsAllowedIsWelcomeAsItIsWritten)
{
    const OriginRules rules({"https://calls.example.org", "http://b.example:8080"}, false);
    EXPECT_EQ(rules.judge("https://calls.example.org:443", "x"), Verdict::Welcome);
    EXPECT_EQ(rules.judge("http://b.example:8080", "x"), Verdict::Welcome);
    EXPECT_EQ(rules.judge("http://calls.example.org", "x"), Verdict::StrangeOrigin);
    EXPECT_EQ(rules.judge("http://b.example", "x"), Verdict::StrangeOrigin);
    const OriginRules all({"*"}, false);
    EXPECT_EQ(all.judge("https://evil.example", "x"), Verdict::Welcome);
    EXPECT_EQ(all.judge("null", "x"), Verdict::StrangeOrigin);
}

TEST(OriginTest, ALoopbackRelayIsAskedForUnderALoopbackName)
{
    const OriginRules rules({}, true);
    EXPECT_EQ(rules.judge(nullptr, "localhost:3000"), Verdict::Welcome);
    EXPECT_EQ(rules.judge(nullptr, "[::1]:3000"), Verdict::Welcome);
    EXPECT_EQ(rules.judge(nullptr, nullptr), Verdict::Welcome);
    for (const char *host :
         {"evil.example", "evil.example:3000", "192.168.1.7", "", "localhost@evil"})
        EXPECT_EQ(rules.judge(nullptr, host), Verdict::StrangeHost) << host;
    // A name that leads here makes a page of its own origin no page of ours.
    EXPECT_EQ(rules.judge("http://evil.example:3000", "evil.example:3000"), Verdict::StrangeHost);
}

TEST(OriginTest, ALoopbackRelayBehindAProxyIsAskedForAsThat)
{
    const OriginRules rules({"https://calls.example.org"}, true);
    EXPECT_EQ(rules.judge("https://calls.example.org", "calls.example.org"), Verdict::Welcome);
    EXPECT_EQ(rules.judge(nullptr, "calls.example.org"), Verdict::Welcome);
    EXPECT_EQ(rules.judge(nullptr, "evil.example"), Verdict::StrangeHost);
    EXPECT_EQ(OriginRules({"*"}, true).judge(nullptr, "evil.example"), Verdict::Welcome);
}

}  // namespace
}  // namespace callagent
