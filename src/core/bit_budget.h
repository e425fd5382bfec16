// How what may be sent is shared: sound first, which needs little and is missed most; then the
// picture. And in which size and at how many pictures a second the picture is worth its bits. Pure;
// times in seconds, rates in bit/s.
#pragma once

#include "core/media.h"

namespace callagent {

struct BitBudget {
    int video = 0, audio = 0;  // for the encoders
};

struct BitDemand {
    bool video = true, audio = true;  // whether it is sent
    int audio_bitrate = 48'000;       // at most
    double pictures = 30;             // a second
    double loss = 0;                  // what is lost is sent again
    double fec = 0;                   // share of video that is FEC
};

// On the wire each packet has the headers of RTP with our extension, SRTP, UDP and IPv4 (RFC 3550,
// 3711, 768, 791) on top.
constexpr int kPacketOverhead = 12 + 8 + 10 + 8 + 20;  // bytes

BitBudget divide(int total, const BitDemand &demand);

// The other way: what the wire carries when video is encoded with so much.
int on_the_wire(int video, const BitDemand &demand);

// A blocky picture in full size is worse than a smaller one. Down when the bitrate has been too
// low for a while, up when it has been enough for a longer one.
class PictureSteps {
public:
    struct Step {
        int numerator = 1, denominator = 1;  // of width and height
        int every = 1;                       // only each such picture is sent
        bool operator==(const Step &) const = default;
    };

    // The source gives pictures of `width` by `height`, so many a second.
    Step at(double now, int bitrate, int width, int height, double pictures);

    static Step step(int level);

private:
    int level_ = 0;
    double since_ = -1;  // when another level began to be wanted
    int direction_ = 0;
};

}  // namespace callagent
