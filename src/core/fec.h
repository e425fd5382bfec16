// ULPFEC (RFC 5109): packets from which lost ones can be worked out, without asking for them. One
// level of protection, as browsers have it; the payloads of FEC packets, which travel in RED
// (RFC 2198). Pure; one thread at a time.
//
// What is protected are RTP packets as the peer has them before it looks into them: payload types
// of the medium, not of RED, and zeros in header extensions that change on the way.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "core/rtp.h"

namespace callagent::fec {

// The packets that one FEC packet can protect: what fits into its mask.
constexpr std::size_t kMostProtected = 48;

class Encoder {
public:
    // Of all that is sent, 0 … 0.5: how much may be FEC. 0: none is made.
    void set_share(double share);

    // A packet of the medium, with numbers that are one more each time, but for those of FEC
    // packets. After the last one of a picture (its marker says so): the FEC packets' payloads that
    // are due, to be sent at once with the next numbers. Small pictures share one.
    std::vector<rtp::Bytes> add(rtp::Bytes packet);

private:
    std::vector<rtp::Bytes> protect(std::span<const rtp::Bytes> group);

    double share_ = 0;
    double due_ = 0;  // FEC packets
    int pictures_ = 0;
    std::vector<rtp::Bytes> group_;
};

class Decoder {
public:
    struct Counts {
        // FEC packets. Discarded: there was nothing left to be worked out, or no sense in them.
        std::uint64_t received = 0, discarded = 0;
    };

    // A packet of the medium came, for the first time or again.
    void add_media(rtp::Bytes packet);

    // The payload of a FEC packet of the stream `ssrc`. What makes no sense is thrown away.
    void add_fec(std::uint32_t ssrc, rtp::View payload);

    // Packets that can be worked out now, each one once.
    std::vector<rtp::Bytes> recover();

    Counts counts() const { return {counts_.received, counts_.discarded - waiting_.size()}; }

private:
    struct Fec {
        std::uint32_t ssrc = 0;
        std::vector<std::int64_t> covers;  // numbers
        std::size_t header = 0;            // bytes before what is protected
        rtp::Bytes payload;
    };

    void forget();
    rtp::Bytes worked_out(const Fec &fec, std::int64_t missing) const;

    std::map<std::int64_t, rtp::Bytes> media_;
    std::deque<Fec> waiting_;
    std::int64_t newest_ = -1;
    Counts counts_;
};

}  // namespace callagent::fec
