// How often keyframes are asked for, and how often one is made when asked (RFC 4585, 6.3.1, and
// RFC 5104, 4.3.1, ask both ends to hold back): a keyframe is several times as large as another
// picture, and on the path that has just lost something, the next loss. Pure; the caller has the
// clock, and one thread at a time.
#pragma once

#include <algorithm>
#include <chrono>

namespace callagent {

// Of one who needs a keyframe: the first request at once, and others until one comes, since a
// request, or the keyframe itself, can get lost. Between them twice as long each time: where
// keyframes get lost because they are too large for the path, more of them do not help.
class KeyframeWish {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit KeyframeWish(std::chrono::milliseconds again) : again_(again), pause_(again) {}

    // What was asked for cannot have come sooner.
    void set_round_trip(std::chrono::milliseconds round_trip) { round_trip_ = round_trip; }

    // Something is missing. Is the request to go out now?
    bool ask(Time now)
    {
        wanted_ = true;
        return due(now);
    }

    // Time has passed. Is it to go out once more?
    bool due(Time now)
    {
        const auto least = round_trip_ + round_trip_ / 2;
        if (!wanted_ ||
            (asked_ != Time{} && now < asked_ + std::max<Time::duration>(pause_, least)))
            return false;
        // Long after the last one it is a new beginning.
        const bool again = asked_ != Time{} && now < asked_ + 2 * kLongest * again_;
        pause_ = again ? std::min(2 * pause_, kLongest * again_) : again_;
        asked_ = now;
        return true;
    }

    void came() { wanted_ = false; }
    bool is_wanted() const { return wanted_; }

private:
    static constexpr int kLongest = 4;

    const std::chrono::milliseconds again_;
    std::chrono::milliseconds pause_, round_trip_{0};
    bool wanted_ = false;
    Time asked_{};
};

// Of one who makes them: never two sooner than so long after each other. A request that comes too
// soon is not forgotten, since not every peer repeats it; but one that was on its way when a
// keyframe was made is met by that.
class KeyframePace {
public:
    using Time = KeyframeWish::Time;

    explicit KeyframePace(std::chrono::milliseconds apart) : apart_(apart) {}

    void set_round_trip(std::chrono::milliseconds round_trip) { round_trip_ = round_trip; }

    // Asked for. Is it to be made now?
    bool ask(Time now)
    {
        if (made_ != Time{} && now < made_ + leaves_ + round_trip_)
            return false;  // it may be about to arrive
        wanted_ = true;
        return due(now);
    }

    // A picture is about to be encoded. Is it to be a keyframe?
    bool due(Time now)
    {
        if (!wanted_ || (made_ != Time{} && now < made_ + apart_))
            return false;
        wanted_ = false;
        made_ = now;
        return true;
    }

    // One was made, for whatever reason, and takes so long to leave.
    void made(Time now, std::chrono::milliseconds leaves = {})
    {
        wanted_ = false;
        made_ = now;
        leaves_ = leaves;
    }

private:
    const std::chrono::milliseconds apart_;
    std::chrono::milliseconds round_trip_{0}, leaves_{0};
    bool wanted_ = false;
    Time made_{};
};

}  // namespace callagent
