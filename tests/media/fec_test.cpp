#include "media/fec.h"

#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "core/rtp.h"
#include "media/outgoing.h"
#include "media/rtp_count.h"
#include "media/support.h"

namespace callagent::media {
namespace {

constexpr int kRed = 118, kUlpfec = 120, kVp8 = 96;

sdp::VideoChoice agreed()
{
    sdp::VideoChoice video;
    video.codec = VideoCodec::Vp8;
    video.payload_type = kVp8;
    video.rtx_payload_type = 97;
    video.fec = sdp::FecTypes{kRed, 119, kUlpfec};
    return video;
}

// The packets of an encoder, over a path that loses some, into a jitter buffer that has much
// patience: what it waits for does not come within the test.
class Path {
public:
    // Whether the packet that passes as this one, counted from 0, gets lost.
    using Loses = std::function<bool(int, const RtpPacket &)>;

    explicit Path(
        double share, Loses loses = [](int, const RtpPacket &) { return false; })
        : loses_(std::move(loses))
    {
        sender_->agree(agreed());
        sender_->set_share(share);
        receiver_->agree(agreed());
        pipeline_ = glib::sink(gst_parse_launch(
            "videotestsrc is-live=true pattern=snow ! "
            "video/x-raw,width=160,height=120,framerate=30/1 "
            "! vp8enc deadline=1 cpu-used=8 target-bitrate=500000 keyframe-max-dist=1000 "
            "! rtpvp8pay name=pay pt=96 mtu=600 picture-id-mode=15-bit "
            "! identity name=session ! identity name=path "
            "! rtpjitterbuffer name=buffer latency=30000 faststart-min-packets=1 ! rtpvp8depay "
            "name=depay "
            "! fakesink sync=false",
            nullptr));
        outgoing_.watch(pad("pay", "src").get(), kVp8);
        FecSender::watch(pad("session", "sink").get(), sender_);
        lose(pad("session", "src").get());
        FecReceiver::watch_session(pad("path", "sink").get(), receiver_);
        FecReceiver::watch_jitterbuffer(pad("buffer", "sink").get(), receiver_);
        FecReceiver::close_gaps(pad("depay", "sink").get());
        on_rtp(pad("depay", "sink").get(), [this](const RtpPacket &packet) {
            const int next = packet.sequence_number;
            gaps_ += expected_ >= 0 && next != expected_ ? 1 : 0;
            expected_ = (next + 1) % 65'536;
        });
        on_buffer(pad("depay", "src").get(), [this](GstBuffer *) { ++frames_; });
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }
    ~Path() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    Path(const Path &) = delete;
    Path &operator=(const Path &) = delete;

    bool shows(int frames, std::chrono::milliseconds at_most = std::chrono::seconds(10)) const
    {
        return run_until([&] { return frames_ >= frames; }, at_most);
    }

    int lost() const { return lost_; }
    int gaps() const { return gaps_; }  // in the numbers that the depayloader sees
    int passed(int type) const { return type == kRed ? red_ : plain_; }
    FecReceiver::Counts counts() const { return receiver_->counts(ssrc_); }

private:
    glib::Ptr<GstPad> pad(const char *element, const char *name) const
    {
        const auto found = glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), element));
        return glib::adopt(gst_element_get_static_pad(found.get(), name));
    }

    void lose(GstPad *sent)
    {
        gst_pad_add_probe(
            sent, GST_PAD_PROBE_TYPE_BUFFER,
            [](GstPad *, GstPadProbeInfo *info, gpointer data) -> GstPadProbeReturn {
                auto &self = *static_cast<Path *>(data);
                bool is_lost = false;
                look_at_rtp(GST_PAD_PROBE_INFO_BUFFER(info), [&](const RtpPacket &packet) {
                    self.ssrc_ = packet.ssrc;
                    ++(packet.payload_type == kRed ? self.red_ : self.plain_);
                    is_lost = self.loses_(self.sent_++, packet);
                });
                self.lost_ += is_lost ? 1 : 0;
                return is_lost ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
            },
            this, nullptr);
    }

    const Loses loses_;
    const std::shared_ptr<FecSender> sender_ = std::make_shared<FecSender>();
    Outgoing outgoing_{sender_};
    const std::shared_ptr<FecReceiver> receiver_ = std::make_shared<FecReceiver>();
    std::atomic<std::uint32_t> ssrc_ = 0;
    std::atomic<int> sent_ = 0, lost_ = 0, red_ = 0, plain_ = 0, frames_ = 0;
    std::atomic<int> gaps_ = 0, expected_ = -1;
    glib::Ptr<GstElement> pipeline_;
};

}  // namespace

TEST(FecTest, WhatIsLostIsWorkedOutWithoutAWait)
{
    // No more than one of a picture, but for the first one, which is large.
    const Path path(0.4, [](int index, const RtpPacket &) { return index > 60 && index % 9 == 4; });
    EXPECT_TRUE(path.shows(60));
    EXPECT_GT(path.lost(), 10);
    EXPECT_EQ(path.gaps(), 0);
    EXPECT_EQ(path.passed(kVp8), 0);
    const auto counts = path.counts();
    EXPECT_GT(counts.packets, 20U);
    EXPECT_GT(counts.bytes, counts.packets * 20);
    EXPECT_GT(counts.packets - counts.discarded, 5U);
}

// They have numbers, which are not waited for.
TEST(FecTest, OfFecPacketsThatGetLostNothingIsSeen)
{
    std::atomic<int> last = -1;
    const Path path(0.4, [&last](int, const RtpPacket &packet) {
        // The marker is the last of a picture's; what follows with the same time is FEC.
        const bool is_fec = packet.timestamp == static_cast<std::uint32_t>(last.load());
        last = packet.marker ? static_cast<int>(packet.timestamp) : last.load();
        return is_fec;
    });
    EXPECT_TRUE(path.shows(60));
    EXPECT_GT(path.lost(), 20);
    EXPECT_EQ(path.gaps(), 0);
    EXPECT_EQ(path.counts().packets, 0U);
}

// Otherwise the two tests above would tell nothing.
TEST(FecTest, WithoutFecTheJitterBufferWaits)
{
    const Path path(0, [](int index, const RtpPacket &) { return index == 40; });
    EXPECT_FALSE(path.shows(60, std::chrono::seconds(4)));
    EXPECT_EQ(path.lost(), 1);
    EXPECT_EQ(path.passed(kRed), 0);
}

TEST(FecTest, WithoutALossNothingChanges)
{
    const Path path(0.3);
    EXPECT_TRUE(path.shows(40));
    const auto counts = path.counts();
    EXPECT_GT(counts.packets, 10U);
    EXPECT_EQ(counts.discarded, counts.packets);
}

}  // namespace callagent::media
