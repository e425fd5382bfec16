// Video's packets on their way from the payloader to webrtcbin: protected by FEC, counted, and
// spread over time. On a streaming thread of their own: the next pictures are encoded meanwhile, as
// many as the queue before it takes.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "core/pacer.h"
#include "media/fec.h"
#include "media/rtp_count.h"

namespace callagent::media {

class Outgoing {
public:
    // `fec`: null where there is nothing to be protected (sound), and nothing to be spread.
    explicit Outgoing(std::shared_ptr<FecSender> fec) : fec_(std::move(fec)) {}
    Outgoing(const Outgoing &) = delete;
    Outgoing &operator=(const Outgoing &) = delete;

    // The pad on which the packets come, of this payload type; once. It must not stream any more
    // when we go.
    void watch(GstPad *pad, int payload_type);

    // How quickly a large picture leaves, in bit/s. Any thread.
    void set_rate(int rate);
    int rate() const { return rate_; }

    // Nothing may pass at once before it is due. Any thread.
    void spend();

    // One of the last packets that were about as large as they get, another one each time. Any
    // thread.
    struct Packet {
        std::uint16_t sequence_number = 0;
        int bytes = 0;  // of payload
    };
    std::optional<Packet> recent();

    // Of the packet that comes next. Any thread.
    std::uint16_t next_sequence_number() const { return next_sequence_number_; }

    RtpTotals totals() const;  // any thread

private:
    // What passes at once: the queue of a path for 500 kbit/s that holds 130 ms.
    static constexpr int kBurst = 8000;  // bytes

    bool send(GstPad *into, glib::Ptr<GstBuffer> packet);
    bool pace(GstPad *into, glib::Ptr<GstBuffer> packet);
    void count(const RtpPacket &packet);
    void remember(const Packet &packet);

    const std::shared_ptr<FecSender> fec_;
    int payload_type_ = -1;
    std::atomic<int> rate_{10'000'000};
    std::atomic<std::uint16_t> next_sequence_number_{0};

    mutable std::mutex mutex_;  // over what follows
    Pacer pacer_{kBurst};
    std::deque<Packet> recent_;
    std::size_t next_recent_ = 0;
    RtpTotals totals_;
};

}  // namespace callagent::media
