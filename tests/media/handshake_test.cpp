#include "media/handshake.h"

#include <vector>

#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

#include "media/rtp_count.h"
#include "media/support.h"
#include "media/timeline.h"

namespace callagent::media {
namespace {

constexpr int kData = 23;

// What passes an element between two others, as a datagram.
class HandshakeTest : public ::testing::Test {
protected:
    HandshakeTest()
    {
        note("sink", sent_);
        note("end", come_);
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }
    void TearDown() override { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

    void note(const char *sink, std::vector<int> &types)
    {
        on_buffer(pad(sink, "sink").get(), [this, &types](GstBuffer *datagram) {
            guint8 type = 0;
            gst_buffer_extract(datagram, 0, &type, 1);
            const std::lock_guard lock(mutex_);
            types.push_back(type);
        });
    }
    glib::Ptr<GstElement> element(const char *name)
    {
        return glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
    }
    glib::Ptr<GstPad> pad(const char *of, const char *name)
    {
        return glib::adopt(gst_element_get_static_pad(element(of).get(), name));
    }
    // A record of that content type with a message of that number in it.
    void send(const char *into, int type, int number = 0)
    {
        guint8 bytes[25] = {static_cast<guint8>(type), 0xfe, 0xfd};
        bytes[18] = static_cast<guint8>(number);
        gst_app_src_push_buffer(GST_APP_SRC(element(into).get()),
                                gst_buffer_new_memdup(bytes, sizeof bytes));
    }
    std::vector<int> sent()
    {
        const std::lock_guard lock(mutex_);
        return sent_;
    }
    bool have_come(std::size_t datagrams)
    {
        return run_until([&] {
            const std::lock_guard lock(mutex_);
            return come_.size() == datagrams;
        });
    }

    const std::shared_ptr<Handshake> handshake_ = std::make_shared<Handshake>();
    const glib::Ptr<GstElement> pipeline_ = glib::sink(gst_parse_launch(
        "appsrc name=ours ! identity name=out ! fakesink name=sink sync=false async=false "
        "appsrc name=theirs ! identity name=in ! fakesink name=end sync=false async=false",
        nullptr));
    std::mutex mutex_;
    std::vector<int> sent_, come_;
};

}  // namespace

TEST_F(HandshakeTest, ItIsSentTwiceAndDataOnce)
{
    Handshake::send_twice(pad("out", "src").get(), handshake_);
    for (const int type : {22, 20, 21, 23, 128, 1})
        send("ours", type);
    EXPECT_TRUE(run_until([&] { return !sent().empty() && sent().back() == 1; }));
    EXPECT_EQ(sent(), (std::vector<int>{22, 22, 20, 20, 21, 21, 23, 128, 1}));
}

TEST_F(HandshakeTest, ItTellsHowLongARoundTripIs)
{
    Handshake::send_twice(pad("out", "src").get(), handshake_);
    Handshake::watch(pad("in", "sink").get(), handshake_);
    send("theirs", 22, 1);
    EXPECT_TRUE(have_come(1));
    send("ours", 22, 1);
    EXPECT_TRUE(run_until([&] { return sent().size() == 2; }));
    send("theirs", kData, 2);
    send("theirs", 22, 1);  // once more
    EXPECT_TRUE(have_come(3));
    EXPECT_EQ(handshake_->round_trip(), 0);

    send("theirs", 22, 2);
    EXPECT_TRUE(have_come(4));
    EXPECT_GT(handshake_->round_trip(), 0);
    EXPECT_LT(handshake_->round_trip(), 5);
}

}  // namespace callagent::media
