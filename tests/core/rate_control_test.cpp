#include "core/rate_control.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace callagent {
namespace {

// A path with one narrow place, whose queue is bounded, and a sender of 30 pictures a second that
// sends what it may; feedback ten times a second.
class Path {
public:
    double rate = 1e6;      // bit/s
    double queue = 0.2;     // s, at that rate
    double way = 0.01;      // s, each way, without the queue
    double loss = 0;        // of what gets through the queue
    double others = 0;      // bit/s of somebody else's, who keeps the queue full while it may
    double clock = 4711.5;  // the peer's, ahead of ours
    double sends_at_most = 1e9;
    bool is_there = true;

    explicit Path(RateControl &control) : control_(control) {}

    void run(double seconds)
    {
        const double end = now_ + seconds;
        while (now_ < end - 1e-9) {
            picture();
            if (++pictures_ % 3 == 0)
                feedback();
            control_.tick(now_);
            highest_queue = std::max(highest_queue, backlog_ / rate);
            if (backlog_ / rate > 0.1)
                ++long_queues;
            now_ += 1.0 / 30;
        }
    }

    double now() const { return now_; }
    double highest_queue = 0;
    int long_queues = 0;
    bool answers = true;
    double feedback_loss = 0;
    int probes = 0;
    int held_pictures = 0;
    int lost = 0;  // by a queue that was full

private:
    static constexpr int kPacket = 1200;

    void send(int bytes, double at)
    {
        backlog_ = std::max(0.0, backlog_ - (at - drained_) * (rate - others));
        if (others > 0)
            backlog_ = std::max(backlog_, rate * queue * 0.7);
        drained_ = at;
        SentPacket packet{at, {}, bytes, number_++};
        if (is_there && backlog_ + bytes * 8 <= rate * queue) {
            backlog_ += bytes * 8;
            if (std::uniform_real_distribution<>(0, 1)(random_) >= loss)
                packet.arrived = at + backlog_ / rate + way + clock;
        } else {
            ++lost;
        }
        under_way_.push_back(packet);
    }

    void picture()
    {
        if (const auto probe = control_.probe(now_)) {
            ++probes;
            const double apart = kPacket * 8.0 / probe->rate;
            for (int i = 0; i * apart < probe->seconds; ++i)
                probe_.push_back(now_ + i * apart);
        }
        held_pictures += control_.is_held(now_) ? 1 : 0;
        int left =
            control_.is_held(now_)
                ? 0
                : static_cast<int>(std::min<double>(control_.target(), sends_at_most) / 8 / 30);
        for (; left > 0; left -= kPacket)
            send(std::min(left, kPacket), now_);
        while (!probe_.empty() && probe_.front() < now_ + 1.0 / 30) {
            send(kPacket, probe_.front());
            probe_.pop_front();
        }
    }

    void feedback()
    {
        std::stable_sort(under_way_.begin(), under_way_.end(),
                         [](const auto &a, const auto &b) { return a.sent < b.sent; });
        // What got lost shows by what came behind it.
        auto known = under_way_.begin();
        for (auto it = known; it != under_way_.end(); ++it)
            if (it->arrived && *it->arrived - clock + way <= now_)
                known = it + 1;
        const std::vector<SentPacket> told(under_way_.begin(), known);
        under_way_.erase(under_way_.begin(), known);
        if (is_there && answers && std::uniform_real_distribution<>(0, 1)(random_) >= feedback_loss)
            control_.feedback(told, now_);
    }

    RateControl &control_;
    double now_ = 1000;
    double drained_ = 1000;
    double backlog_ = 0;  // bits
    int pictures_ = 0;
    std::uint16_t number_ = 65'000;
    std::deque<double> probe_;  // when its packets leave
    std::vector<SentPacket> under_way_;
    std::minstd_rand random_{1};
};

constexpr RateControl::Range kRange{50'000, 300'000, 2'000'000};

}  // namespace

TEST(RateControlTest, StartsWhereItIsTold)
{
    RateControl control(kRange);
    EXPECT_EQ(control.target(), 300'000);
    EXPECT_EQ(control.why(), RateControl::Why::Start);
}

TEST(RateControlTest, AClearPathIsUsedWithinThreeSeconds)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 10e6;
    path.run(3);
    EXPECT_EQ(control.target(), 2'000'000);
    EXPECT_GT(path.probes, 1);
}

TEST(RateControlTest, ANarrowPathIsUsedWithAShortQueue)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 500e3;
    path.run(5);
    path.highest_queue = 0;
    path.long_queues = 0;
    double sum = 0;
    for (int i = 0; i < 250; ++i) {
        path.run(0.1);
        sum += control.target();
    }
    EXPECT_GT(sum / 250, 0.8 * 500e3);
    EXPECT_LT(sum / 250, 1.0 * 500e3);
    EXPECT_LT(path.highest_queue, 0.15);
    EXPECT_LT(path.long_queues, 75);  // of 750 pictures
}

TEST(RateControlTest, APathNarrowerThanTheStartIsFoundAtOnce)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 150e3;
    path.run(3);
    EXPECT_LT(control.target(), 150'000);
    EXPECT_GT(control.target(), 75'000);
}

TEST(RateControlTest, ThePathBecomesNarrowAndWideAgain)
{
    RateControl control({50'000, 300'000, 3'000'000});
    Path path(control);
    path.rate = 2e6;
    path.run(15);
    EXPECT_GT(control.target(), 1'500'000);
    path.rate = 500e3;
    path.run(1.5);
    EXPECT_LT(control.target(), 500'000);
    EXPECT_GT(control.target(), 250'000);
    path.run(13.5);
    EXPECT_GT(control.target(), 380'000);
    path.rate = 2e6;
    const double wide = path.now();
    while (control.target() < 730'000 && path.now() < wide + 20)
        path.run(0.1);
    EXPECT_LT(path.now() - wide, 5);
    while (control.target() < 1'500'000 && path.now() < wide + 20)
        path.run(0.1);
    EXPECT_LT(path.now() - wide, 9);
}

TEST(RateControlTest, WhereItBecomesNarrowAtOnceNothingIsSentUntilTheQueueIsEmpty)
{
    RateControl control({50'000, 300'000, 3'000'000});
    Path path(control);
    path.rate = 2e6;
    path.run(15);
    path.rate = 500e3;
    path.held_pictures = 0;
    path.run(0.7);
    EXPECT_GT(path.held_pictures, 4);
    EXPECT_LT(path.held_pictures, 11);
    EXPECT_LT(control.target(), 500'000);
    EXPECT_GT(control.target(), 300'000);
    path.held_pictures = path.lost = 0;
    path.run(14);
    EXPECT_EQ(path.held_pictures, 0);
    EXPECT_LT(path.lost, 3);
    EXPECT_GT(control.target(), 380'000);
}

TEST(RateControlTest, ALargePictureLeavesQuicklyWhereNothingStandsInTheQueue)
{
    RateControl control(kRange);
    EXPECT_EQ(control.pace(), 450'000);
    Path path(control);
    path.rate = 10e6;
    path.run(3);
    EXPECT_EQ(control.pace(), 3'000'000);

    path.rate = 500'000;
    bool was_full = false, was_known = false;
    for (int i = 0; i < 150; ++i) {
        path.run(1.0 / 30);
        if (control.queue_delay() > 0.1) {
            was_full = true;
            EXPECT_EQ(control.pace(), control.target());
        } else if (control.queue_delay() > 0.02) {
            was_known = true;
            EXPECT_LE(control.pace(), std::max(460'000, control.target()));
        }
    }
    EXPECT_TRUE(was_full && was_known);
    // And what is known of the path does not slow it down where there is room.
    path.rate = 10e6;
    path.run(0.5);
    EXPECT_EQ(control.pace(), control.target() / 2 * 3);
}

TEST(RateControlTest, FewLossesAtRandomDoNotSlowItDown)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 10e6;
    path.loss = 0.05;
    path.run(10);
    EXPECT_GT(control.target(), 1'900'000);
}

TEST(RateControlTest, ManyLossesThatGoingSlowerDoesNotMendAreBorne)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 10e6;
    path.loss = 0.15;
    path.run(60);
    EXPECT_GT(control.target(), 500'000);
}

TEST(RateControlTest, AQueueTooShortToBeSeenShowsInItsLosses)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 500e3;
    path.queue = 0.025;
    path.run(20);
    EXPECT_LT(control.target(), 600'000);
    EXPECT_GT(control.target(), 150'000);
}

TEST(RateControlTest, WhereAnotherKeepsTheQueueFullOursDoesNotStarve)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 2e6;
    path.run(5);
    path.others = 1e6;
    path.run(30);
    EXPECT_GT(control.target(), 300'000);
    EXPECT_LT(control.target(), 1'300'000);
}

TEST(RateControlTest, FeedbackThatGetsLostIsNoReasonToStop)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 500e3;
    path.feedback_loss = 0.5;
    path.run(5);
    int least = 2'000'000;
    for (int i = 0; i < 200; ++i) {
        path.run(0.1);
        least = std::min(least, control.target());
    }
    EXPECT_GT(least, 200'000);
    EXPECT_LT(path.highest_queue, 0.2);
}

TEST(RateControlTest, APeerThatTellsNothingMoreIsSentLess)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 10e6;
    path.run(5);
    path.answers = false;
    path.run(5);
    EXPECT_EQ(control.target(), 300'000);
    EXPECT_EQ(control.why(), RateControl::Why::Silence);
    // What was lost meanwhile is not held against the path that is back.
    path.answers = true;
    path.run(0.5);
    EXPECT_GE(control.target(), 300'000);
    path.run(3.5);
    EXPECT_GT(control.target(), 1'500'000);
}

TEST(RateControlTest, APathThatWasGoneIsUsedAsBefore)
{
    for (const double seconds : {0.5, 1.2, 5.0, 20.0}) {
        RateControl control(kRange);
        Path path(control);
        path.rate = 1.8e6;
        path.run(15);
        const int before = control.target();
        EXPECT_GT(before, 1'400'000);
        path.is_there = false;
        path.run(seconds);
        EXPECT_EQ(control.target() < before, seconds > 1);
        path.is_there = true;
        path.highest_queue = 0;
        path.run(1.5);
        EXPECT_GT(control.target(), 0.7 * before) << seconds;
        path.run(5);
        EXPECT_GT(control.target(), 0.7 * before) << seconds;
        EXPECT_LT(path.highest_queue, 0.1) << seconds;
    }
}

TEST(RateControlTest, APathThatComesBackThinnerIsNotFlooded)
{
    for (const double rate : {1e6, 400e3, 200e3}) {
        RateControl control(kRange);
        Path path(control);
        path.rate = 1.8e6;
        path.run(15);
        path.is_there = false;
        path.run(5);
        path.rate = rate;
        path.is_there = true;
        path.highest_queue = 0;
        path.long_queues = 0;
        path.run(2);
        EXPECT_LT(control.target(), 1.1 * rate);
        EXPECT_GT(control.target(), 0.7 * rate);
        path.run(3);
        EXPECT_LT(path.highest_queue, 0.2);
        EXPECT_LT(path.long_queues, 30) << rate;  // of 150 pictures
    }
}

TEST(RateControlTest, WhatIsNotSentProvesNothing)
{
    RateControl control({50'000, 300'000, 10'000'000});
    Path path(control);
    path.rate = 100e6;
    path.sends_at_most = 100e3;
    path.run(2);
    const int at_first = control.target();
    path.run(20);
    EXPECT_LT(control.target(), std::max(at_first, 700'000));
}

TEST(RateControlTest, TheRangeIsKept)
{
    RateControl control({200'000, 300'000, 400'000});
    Path path(control);
    path.rate = 10e6;
    path.run(3);
    EXPECT_EQ(control.target(), 400'000);
    path.rate = 100e3;
    path.run(5);
    EXPECT_EQ(control.target(), 200'000);
    control.set_range({10'000, 20'000, 30'000});
    EXPECT_EQ(control.target(), 30'000);
}

TEST(RateControlTest, ThePeersOwnEstimateIsALimit)
{
    RateControl control(kRange);
    control.remb(120'000);
    EXPECT_EQ(control.target(), 120'000);
    EXPECT_EQ(control.why(), RateControl::Why::Peer);
    for (int i = 1; i < 100; ++i)
        control.report(0, 0.02, i);
    EXPECT_EQ(control.target(), 120'000);
    control.remb(5'000'000);
    for (int i = 100; i < 200; ++i)
        control.report(0, 0.02, i);
    EXPECT_EQ(control.target(), 2'000'000);
}

TEST(RateControlTest, ReceiverReportsCountWhereThereIsNothingElse)
{
    RateControl control(kRange);
    double now = 0;
    const auto report = [&](int times, double loss, double round_trip) {
        for (int i = 0; i < times; ++i)
            control.report(loss, round_trip, ++now);
    };
    report(60, 0.02, 0.02);
    EXPECT_GT(control.target(), 1'000'000);
    report(3, 0.02, 0.2);
    EXPECT_LT(control.target(), 1'500'000);
    EXPECT_EQ(control.why(), RateControl::Why::Queue);
    report(27, 0.02, 0.02);
    const int before = control.target();
    control.report(0.3, 0.02, now + 1);
    EXPECT_LT(control.target(), before);
    EXPECT_EQ(control.why(), RateControl::Why::Loss);
}

TEST(RateControlTest, AbsurdTimesDoNoHarm)
{
    RateControl control(kRange);
    Path path(control);
    path.rate = 10e6;
    path.run(2);
    const std::vector<SentPacket> wrapped{
        {-1e9, 1e12, 1200, 1}, {1e12, -1e9, 1200, 9}, {0, {}, 0, 5}};
    control.feedback(wrapped, path.now());
    control.feedback(wrapped, path.now() + 0.1);
    EXPECT_GE(control.target(), 50'000);
    EXPECT_LE(control.target(), 2'000'000);
    path.run(45);
    EXPECT_EQ(control.target(), 2'000'000);
}

}  // namespace callagent
