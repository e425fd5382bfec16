#include "media/rtp_count.h"

#include <utility>

#include <gst/rtp/rtp.h>

namespace callagent::media {
namespace {

using Seen = std::function<void(GstBuffer *)>;

GstPadProbeReturn probe(GstPad *, GstPadProbeInfo *info, gpointer data) noexcept
{
    auto &seen = *static_cast<Seen *>(data);
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
        seen(GST_PAD_PROBE_INFO_BUFFER(info));
    } else if (GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST(info)) {
        for (guint i = 0; i < gst_buffer_list_length(list); ++i)
            seen(gst_buffer_list_get(list, i));
    }
    return GST_PAD_PROBE_OK;
}

}  // namespace

void on_buffer(GstPad *pad, Seen seen)
{
    constexpr auto kBuffers =
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
    gst_pad_add_probe(pad, kBuffers, probe, new Seen(std::move(seen)),
                      [](gpointer data) { delete static_cast<Seen *>(data); });
}

void on_rtp(GstPad *pad, std::function<void(gsize, gsize)> seen)
{
    on_buffer(pad, [seen = std::move(seen)](GstBuffer *buffer) {
        GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
        if (!gst_rtp_buffer_map(buffer, GST_MAP_READ, &rtp))
            return;
        seen(gst_rtp_buffer_get_header_len(&rtp), gst_rtp_buffer_get_payload_len(&rtp));
        gst_rtp_buffer_unmap(&rtp);
    });
}

}  // namespace callagent::media
