#include "media/handshake.h"

#include "media/timeline.h"

namespace callagent::media {

void send_handshake_twice(GstPad *pad)
{
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad *from, GstPadProbeInfo *info, gpointer) -> GstPadProbeReturn {
            // RFC 6347, 4.1: the content type comes first.
            constexpr guint8 kChangeCipherSpec = 20, kHandshake = 22;
            guint8 type = 0;
            GstBuffer *datagram = GST_PAD_PROBE_INFO_BUFFER(info);
            gst_buffer_extract(datagram, 0, &type, 1);
            const auto into = glib::adopt(gst_pad_get_peer(from));
            if (into && type >= kChangeCipherSpec && type <= kHandshake)
                gst_pad_chain(into.get(), gst_buffer_copy(datagram));
            return GST_PAD_PROBE_OK;
        },
        nullptr, nullptr);
}

}  // namespace callagent::media
