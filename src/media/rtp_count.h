// Counting RTP packets where they pass a pad.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include <gst/gst.h>

namespace callagent::media {

// What W3C webrtc-stats counts of a packet.
struct RtpPacket {
    std::uint32_t ssrc = 0;
    int payload_type = -1;
    std::uint16_t sequence_number = 0;
    std::uint32_t timestamp = 0;
    GstClockTime pts = GST_CLOCK_TIME_NONE;
    std::uint64_t header_bytes = 0;  // with extensions and padding
    std::uint64_t payload_bytes = 0;
    bool marker = false;
};

struct RtpTotals {
    std::uint64_t packets = 0;
    std::uint64_t header_bytes = 0;
    std::uint64_t payload_bytes = 0;

    void operator+=(const RtpTotals &more)
    {
        packets += more.packets;
        header_bytes += more.header_bytes;
        payload_bytes += more.payload_bytes;
    }
};

// Totals of each SSRC that passes. Any thread.
class RtpTally {
public:
    void add(const RtpPacket &packet);
    RtpTotals of(std::uint32_t ssrc) const;

    // Of all SSRCs whose payload type is one that `types` holds as a value: the payload-type-map of
    // an rtprtxsend or rtprtxreceive, from those that are sent to those they are sent again with.
    RtpTotals of_values(const GstStructure *types) const;

private:
    static constexpr std::size_t kMaxSources = 64;  // a peer may invent them

    using Source = std::pair<std::uint32_t, int>;  // SSRC, payload type
    mutable std::mutex mutex_;
    std::map<Source, RtpTotals> sources_;
};

// `seen`, at once, where this is an RTP packet.
void look_at_rtp(GstBuffer *packet, const std::function<void(const RtpPacket &)> &seen);

// `seen` for each packet, on the streaming thread, buffer lists included.
void on_rtp(GstPad *pad, std::function<void(const RtpPacket &)> seen);

// `seen` for each buffer, on the streaming thread.
void on_buffer(GstPad *pad, std::function<void(GstBuffer *)> seen);

}  // namespace callagent::media
