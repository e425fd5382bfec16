// Requests for lost packets (generic NACK, RFC 4585, 6.2.1), many in one packet: where a queue
// overflows, dozens are missing at once, and one packet for each of them takes as much of the way
// back as a stream does. The first few go at once; what is found to be missing right behind them,
// together. Pure; times in seconds, any clock; one thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace callagent {

class NackBatch {
public:
    // A packet, and a bit for each of the 16 behind it: the lowest is the next one.
    struct Item {
        std::uint16_t packet = 0, behind = 0;
        bool operator==(const Item &) const = default;
    };

    // One more. How long until take() is to be called.
    double add(std::uint16_t sequence_number, double now)
    {
        missing_.push_back(sequence_number);
        if (now >= begun_ + kSoon) {
            begun_ = now;
            times_ = 0;
        }
        return times_ < kFew ? 0 : std::max(0.0, taken_ + kTogether - now);
    }

    std::vector<Item> take(double now)
    {
        taken_ = now;
        ++times_;
        auto missing = std::exchange(missing_, {});
        if (missing.empty())
            return {};
        // In their order, also across the wrap.
        const auto before = [zero = missing.front()](std::uint16_t a, std::uint16_t b) {
            const auto from = [zero](std::uint16_t number) {
                return static_cast<std::int16_t>(static_cast<std::uint16_t>(number - zero));
            };
            return from(a) < from(b);
        };
        std::sort(missing.begin(), missing.end(), before);
        std::vector<Item> items;
        for (const auto number : missing) {
            const auto distance =
                static_cast<std::uint16_t>(items.empty() ? 0 : number - items.back().packet);
            if (items.empty() || distance > 16)
                items.push_back({number, 0});
            else if (distance > 0)
                items.back().behind |= static_cast<std::uint16_t>(1 << (distance - 1));
        }
        return items;
    }

private:
    static constexpr int kFew = 3;
    static constexpr double kSoon = 0.05, kTogether = 0.01;

    std::vector<std::uint16_t> missing_;
    double taken_ = -1;
    double begun_ = -1;  // when the first of those came that are counted
    int times_ = 0;
};

}  // namespace callagent
