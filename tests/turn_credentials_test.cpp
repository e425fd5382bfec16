#include "turn_credentials.h"

#include <gtest/gtest.h>

namespace callagent {
namespace {

// 2023-11-13 22:13:20 UTC: a day later is 1700000000.
const auto kNow = std::chrono::system_clock::from_time_t(1'700'000'000 - 86'400);

}  // namespace

TEST(TurnCredentialsTest, AreMadeOfTheSecret)
{
    // printf %s 1700000000 | openssl dgst -sha1 -hmac north -binary | base64
    const auto made = with_credentials(
        {"turn://h:3478?transport=tcp", "turns://al%40ice@[::1]:5349"}, "north", kNow);
    EXPECT_EQ(made,
              (std::vector<std::string>{
                  "turn://1700000000:CWyHi3zCeWqXBir9thl4m%2BiZPRY%3D@h:3478?transport=tcp",
                  "turns://1700000000%3Aal%40ice:c43sR4qTjWFDDnKeEwzAGWhQxI4%3D@[::1]:5349"}));
}

TEST(TurnCredentialsTest, APasswordThatIsGivenStays)
{
    const std::vector<std::string> given{"turn://alice:p%40ss@h:3478"};
    EXPECT_EQ(with_credentials(given, "north", kNow), given);
    EXPECT_EQ(with_credentials(given, "", kNow), given);
}

}  // namespace callagent
