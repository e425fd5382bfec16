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

    // Something is missing. Is the request to go out now?
    bool ask(Time now)
    {
        wanted_ = true;
        return due(now);
    }

    // Time has passed. Is it to go out once more?
    bool due(Time now)
    {
        if (!wanted_ || (asked_ != Time{} && now < asked_ + pause_))
            return false;
        // Long after the last one it is a new beginning.
        const bool again = asked_ != Time{} && now < asked_ + 2 * kLongest * again_;
        pause_ = again ? std::min(2 * pause_, kLongest * again_) : again_;
        asked_ = now;
        return true;
    }

    void came() { wanted_ = false; }

private:
    static constexpr int kLongest = 4;

    const std::chrono::milliseconds again_;
    std::chrono::milliseconds pause_;
    bool wanted_ = false;
    Time asked_{};
};

// Of one who makes them: never two sooner than so long after each other. A request that comes too
// soon is not forgotten, since not every peer repeats it.
class KeyframePace {
public:
    using Time = KeyframeWish::Time;

    explicit KeyframePace(std::chrono::milliseconds apart) : apart_(apart) {}

    // Asked for. Is it to be made now?
    bool ask(Time now)
    {
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

    // One was made, for whatever reason.
    void made(Time now)
    {
        wanted_ = false;
        made_ = now;
    }

private:
    const std::chrono::milliseconds apart_;
    bool wanted_ = false;
    Time made_{};
};

}  // namespace callagent
