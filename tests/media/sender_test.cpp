// Video on its way out: pictures in, RTP packets out, in real time.
#include "media/sender.h"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "media/fec.h"
#include "media/rtp_count.h"
#include "tests/media/support.h"
#include "tests/media/test_source.h"

namespace callagent::media {
namespace {

constexpr char kSnow[] =
    "videotestsrc is-live=true pattern=snow ! "
    "video/x-raw,format=I420,width=1280,height=720,framerate=30/1 ! appsink name=out sync=false";

class SenderTest : public testing::Test {
protected:
    SenderTest() : pipeline_(glib::sink(gst_pipeline_new(nullptr)))
    {
        timeline_.apply(pipeline_.get());
        Sender::Config config;
        config.chain = "encode/vp8";
        config.codec = "VP8";
        config.fec = std::make_shared<FecSender>();
        auto made = Sender::make(config, GST_BIN(pipeline_.get()), Pipelines(), timeline_);
        EXPECT_TRUE(made) << made.error();
        sender_ = std::move(*made);
        GstElement *sink = gst_element_factory_make("fakesink", nullptr);
        g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
        gst_bin_add(GST_BIN(pipeline_.get()), sink);
        const auto into = glib::adopt(gst_element_get_static_pad(sink, "sink"));
        EXPECT_EQ(gst_pad_link(sender_->pad(), into.get()), GST_PAD_LINK_OK);
        on_rtp(into.get(), [this](const RtpPacket &packet) { pictures_ += packet.marker ? 1 : 0; });
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }

    void TearDown() override
    {
        source_.reset();
        gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    }

    void begin()
    {
        sender_->open();
        source_ = std::make_unique<TestSource>(
            timeline_, kSnow, [this](GstSample *sample) { sender_->feed(sample); });
    }

    OutboundRtp stats() { return sender_->stats(0); }
    bool encodes(std::uint64_t more)
    {
        const auto before = stats().frames_encoded;
        return run_until([&] { return stats().frames_encoded >= before + more; });
    }

    Timeline timeline_;
    glib::Ptr<GstElement> pipeline_;
    std::unique_ptr<Sender> sender_;
    std::unique_ptr<TestSource> source_;
    std::atomic<int> pictures_{0};  // that have left
    std::atomic<bool> is_next_{false};
    std::future<void> asked_;
};

TEST_F(SenderTest, WhatWaitsForItsTurnDoesNotStopTheEncoder)
{
    // Snow: the first picture alone takes longer than the test.
    sender_->outgoing().set_rate(10'000);
    begin();
    EXPECT_TRUE(encodes(3));
    EXPECT_EQ(pictures_, 0);
}

TEST_F(SenderTest, AfterAPauseThereIsOneKeyframeWhoeverAsks)
{
    begin();
    ASSERT_TRUE(encodes(12));  // the first keyframe is long ago
    sender_->set_held(true);
    const auto before = stats().key_frames_encoded;
    sender_->force_keyframe();
    // A request while it is being made, which takes some milliseconds, is the worst one.
    const auto encoder = glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "encoder"));
    on_buffer(glib::adopt(gst_element_get_static_pad(encoder.get(), "sink")).get(),
              [this](GstBuffer *) {
                  if (is_next_.exchange(false))
                      asked_ = std::async(std::launch::async, [this] {
                          std::this_thread::sleep_for(std::chrono::milliseconds(2));
                          sender_->force_keyframe();
                      });
              });
    sender_->set_held(false);
    is_next_ = true;
    ASSERT_TRUE(encodes(5));
    EXPECT_EQ(stats().key_frames_encoded, before + 1);
}

}  // namespace
}  // namespace callagent::media
