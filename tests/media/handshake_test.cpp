#include "media/handshake.h"

#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

#include "media/rtp_count.h"
#include "media/support.h"
#include "media/timeline.h"

namespace callagent::media {

TEST(HandshakeTest, ItIsSentTwiceAndDataOnce)
{
    const auto pipeline = glib::sink(gst_parse_launch(
        "appsrc name=in ! identity name=out ! fakesink name=sink sync=false", nullptr));
    const auto element = [&](const char *name) {
        return glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
    };
    const auto out = glib::adopt(gst_element_get_static_pad(element("out").get(), "src"));
    const auto sink = glib::adopt(gst_element_get_static_pad(element("sink").get(), "sink"));
    send_handshake_twice(out.get());
    std::mutex mutex;
    std::vector<int> types;
    on_buffer(sink.get(), [&](GstBuffer *datagram) {
        guint8 type = 0;
        gst_buffer_extract(datagram, 0, &type, 1);
        const std::lock_guard lock(mutex);
        types.push_back(type);
    });
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    for (const int type : {22, 20, 21, 23, 128, 1}) {
        const guint8 bytes[] = {static_cast<guint8>(type), 0xfe, 0xfd};
        gst_app_src_push_buffer(GST_APP_SRC(element("in").get()),
                                gst_buffer_new_memdup(bytes, sizeof bytes));
    }
    EXPECT_TRUE(run_until([&] {
        const std::lock_guard lock(mutex);
        return !types.empty() && types.back() == 1;
    }));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    EXPECT_EQ(types, (std::vector<int>{22, 22, 20, 20, 21, 21, 23, 128, 1}));
}

}  // namespace callagent::media
