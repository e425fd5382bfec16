// One timeline for all pipelines of an agent: they share a clock and a base time, so that a
// buffer's running time means the same moment in each of them, and timestamps survive the way from
// a source's pipeline through a call's to a sink's.
#pragma once

#include <gst/gst.h>

#include "glib/ptr.h"

namespace callagent::glib {

template <>
struct Release<GstClock> : ReleaseObject {
};
template <>
struct Release<GstElement> : ReleaseObject {
};
template <>
struct Release<GstPad> : ReleaseObject {
};
template <>
struct Release<GstBus> : ReleaseObject {
};
template <>
struct Release<GstCaps> {
    void operator()(GstCaps *p) const noexcept { gst_caps_unref(p); }
};
template <>
struct Release<GstSample> {
    void operator()(GstSample *p) const noexcept { gst_sample_unref(p); }
};
template <>
struct Release<GstBuffer> {
    void operator()(GstBuffer *p) const noexcept { gst_buffer_unref(p); }
};
template <>
struct Release<GstBufferList> {
    void operator()(GstBufferList *p) const noexcept { gst_buffer_list_unref(p); }
};
template <>
struct Release<GstEvent> {
    void operator()(GstEvent *p) const noexcept { gst_event_unref(p); }
};
template <>
struct Release<GstMessage> {
    void operator()(GstMessage *p) const noexcept { gst_message_unref(p); }
};
template <>
struct Release<GstStructure> {
    void operator()(GstStructure *p) const noexcept { gst_structure_free(p); }
};

}  // namespace callagent::glib

namespace callagent::media {

class Timeline {
public:
    Timeline()
        : clock_(glib::adopt(gst_system_clock_obtain())), base_(gst_clock_get_time(clock_.get()))
    {
    }

    // Puts a pipeline on this timeline; before it goes to PLAYING. `zero`: the moment on the
    // timeline that is the pipeline's own running time 0 (what plays a file starts it at now()).
    void apply(GstElement *pipeline, GstClockTime zero = 0) const
    {
        gst_pipeline_use_clock(GST_PIPELINE(pipeline), clock_.get());
        gst_element_set_base_time(pipeline, base_ + zero);
        gst_element_set_start_time(pipeline, GST_CLOCK_TIME_NONE);  // or PLAYING sets another base
    }

    // The running time now.
    GstClockTime now() const { return gst_clock_get_time(clock_.get()) - base_; }

private:
    glib::Ptr<GstClock> clock_;
    GstClockTime base_;
};

// Seconds on the clock by which a session tells when it sent a packet. Any thread.
inline double network_time()
{
    return static_cast<double>(gst_util_get_timestamp()) / GST_SECOND;
}

}  // namespace callagent::media
