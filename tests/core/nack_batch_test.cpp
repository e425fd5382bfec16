#include "core/nack_batch.h"

#include <array>

#include <gtest/gtest.h>

namespace callagent {

using Items = std::vector<NackBatch::Item>;

TEST(NackBatchTest, AFewAreAskedForAtOnceAndTheNextOnesTogether)
{
    NackBatch batch;
    for (const auto number : std::to_array<std::uint16_t>({7, 9, 20})) {
        EXPECT_EQ(batch.add(number, 10), 0);
        EXPECT_EQ(batch.take(10), (Items{{number, 0}}));
    }
    EXPECT_NEAR(batch.add(21, 10.002), 0.008, 1e-9);
    EXPECT_NEAR(batch.add(23, 10.004), 0.006, 1e-9);
    EXPECT_EQ(batch.take(10.01), (Items{{21, 0b10}}));
    EXPECT_EQ(batch.take(10.02), Items{});
    EXPECT_EQ(batch.add(24, 11), 0);
}

TEST(NackBatchTest, SeventeenInARowAreOneItem)
{
    NackBatch batch;
    for (std::uint16_t i = 0; i < 18; ++i)
        batch.add(static_cast<std::uint16_t>(100 + i), 10);
    EXPECT_EQ(batch.take(10), (Items{{100, 0xffff}, {117, 0}}));
}

TEST(NackBatchTest, OrderRepetitionAndTheWrapDoNotMatter)
{
    NackBatch batch;
    for (const int number : {1, 65'535, 0, 1, 300})
        batch.add(static_cast<std::uint16_t>(number), 10);
    EXPECT_EQ(batch.take(10), (Items{{65'535, 0b11}, {300, 0}}));
}

}  // namespace callagent
