#include "media/handshake.h"

#include <array>

#include "media/rtp_count.h"
#include "media/timeline.h"

namespace callagent::media {
namespace {

// RFC 6347, 4.1: the content type comes first.
bool is_handshake(GstBuffer *datagram)
{
    constexpr guint8 kChangeCipherSpec = 20, kHandshake = 22;
    guint8 type = 0;
    gst_buffer_extract(datagram, 0, &type, 1);
    return type >= kChangeCipherSpec && type <= kHandshake;
}

}  // namespace

void Handshake::send_twice(GstPad *pad, const std::shared_ptr<Handshake> &self)
{
    using Kept = std::shared_ptr<Handshake>;
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad *from, GstPadProbeInfo *info, gpointer kept) -> GstPadProbeReturn {
            GstBuffer *datagram = GST_PAD_PROBE_INFO_BUFFER(info);
            const auto into = glib::adopt(gst_pad_get_peer(from));
            if (into && is_handshake(datagram)) {
                (*static_cast<Kept *>(kept))->note(datagram, &HandshakeTrip::sent);
                gst_pad_chain(into.get(), gst_buffer_copy(datagram));
            }
            return GST_PAD_PROBE_OK;
        },
        new Kept(self), [](gpointer kept) { delete static_cast<Kept *>(kept); });
}

void Handshake::watch(GstPad *pad, const std::shared_ptr<Handshake> &self)
{
    on_buffer(pad, [self](GstBuffer *datagram) {
        if (is_handshake(datagram))
            self->note(datagram, &HandshakeTrip::received);
    });
}

double Handshake::round_trip() const
{
    const std::lock_guard lock(mutex_);
    return trip_.value();
}

void Handshake::note(GstBuffer *datagram, Passed passed)
{
    constexpr gsize kEnough = 32;  // its first message is told by
    std::array<guint8, kEnough> bytes{};
    const gsize size = gst_buffer_extract(datagram, 0, bytes.data(), bytes.size());
    const std::lock_guard lock(mutex_);
    (trip_.*passed)({bytes.data(), size}, network_time());
}

}  // namespace callagent::media
