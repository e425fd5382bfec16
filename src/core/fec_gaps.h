// Numbers of a stream that FEC packets had which are lost themselves. Who waits for packets in the
// order of their numbers would wait for these, too, and ask for them in vain. FEC packets stand
// between two pictures: where the last packet before a gap ends a picture and the first one after
// it begins the next, nothing else is missing. Pictures are numbered in VP8 (RFC 7741, 4.2) and VP9
// (RFC 9628, 4.2) only. Pure; one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/media.h"
#include "core/rtp.h"

namespace callagent {

// What a packet is to its picture.
struct PicturePart {
    bool begins = false, ends = false;
    std::optional<int> picture;  // its number
    int numbers = 0;             // how many there are: 2^7 or 2^15
};

// Of an RTP packet; nothing known of other codecs.
PicturePart picture_part(rtp::View packet, VideoCodec codec);

class FecGaps {
public:
    // This packet came, in any order. The missing numbers that are no packets of pictures, as is
    // clear now; each one once.
    std::vector<std::uint16_t> add(std::uint16_t number, const PicturePart &part);

    // This one is a FEC packet's.
    void add_fec(std::uint16_t number);

private:
    // Fewer FEC packets protect the largest picture.
    static constexpr int kLongest = 48;
    static constexpr std::int64_t kRemembered = 256;

    struct Seen {
        PicturePart part;
        bool fec = false;  // or taken for it
    };
    using Numbers = std::map<std::int64_t, Seen>;

    // seen_.end(): it was known already, or is too old.
    Numbers::const_iterator see(std::uint16_t number, const Seen &seen);
    void fill(std::int64_t before, std::int64_t after, std::vector<std::uint16_t> &filled);

    Numbers seen_;
    std::int64_t newest_ = -1;
};

}  // namespace callagent
