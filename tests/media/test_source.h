// A live source, as a capture is one for those that it feeds.
#pragma once

#include <functional>
#include <utility>

#include <gst/app/gstappsink.h>

#include "media/timeline.h"

namespace callagent::media {

class TestSource {
public:
    using Feed = std::function<void(GstSample *)>;  // its streaming thread

    // `description` ends in an appsink named "out".
    TestSource(const Timeline &timeline, const char *description, Feed feed)
        : pipeline_(glib::sink(gst_parse_launch(description, nullptr))), feed_(std::move(feed))
    {
        timeline.apply(pipeline_.get());
        const auto sink = glib::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "out"));
        GstAppSinkCallbacks callbacks = {};
        callbacks.new_sample = [](GstAppSink *from, gpointer self) -> GstFlowReturn {
            if (const auto sample = glib::adopt(gst_app_sink_pull_sample(from)))
                static_cast<TestSource *>(self)->feed_(sample.get());
            return GST_FLOW_OK;
        };
        gst_app_sink_set_callbacks(GST_APP_SINK(sink.get()), &callbacks, this, nullptr);
        gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    }
    ~TestSource() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }
    TestSource(const TestSource &) = delete;
    TestSource &operator=(const TestSource &) = delete;

private:
    glib::Ptr<GstElement> pipeline_;
    Feed feed_;
};

}  // namespace callagent::media
