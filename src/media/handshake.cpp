#include "media/handshake.h"

#include <array>
#include <optional>

#include "media/rtp_count.h"
#include "media/timeline.h"

namespace callagent::media {
namespace {

using Header = std::array<guint8, 11>;

// RFC 6347, 4.1: content type, version, epoch and number. Nothing where it is data, or not DTLS.
std::optional<Header> handshake_header(GstBuffer *datagram)
{
    constexpr guint8 kChangeCipherSpec = 20, kHandshake = 22;
    Header header{};
    if (gst_buffer_extract(datagram, 0, header.data(), header.size()) < header.size() ||
        header[0] < kChangeCipherSpec || header[0] > kHandshake)
        return std::nullopt;
    return header;
}

double now()
{
    return static_cast<double>(gst_util_get_timestamp()) / GST_SECOND;
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
            if (into && handshake_header(datagram)) {
                (*static_cast<Kept *>(kept))->sent();
                gst_pad_chain(into.get(), gst_buffer_copy(datagram));
            }
            return GST_PAD_PROBE_OK;
        },
        new Kept(self), [](gpointer kept) { delete static_cast<Kept *>(kept); });
}

void Handshake::watch(GstPad *pad, const std::shared_ptr<Handshake> &self)
{
    on_buffer(pad, [self](GstBuffer *datagram) { self->received(datagram); });
}

double Handshake::round_trip() const
{
    const std::lock_guard lock(mutex_);
    return trip_.value();
}

void Handshake::sent()
{
    const std::lock_guard lock(mutex_);
    trip_.sent(now());
}

void Handshake::received(GstBuffer *datagram)
{
    const auto header = handshake_header(datagram);
    if (!header)
        return;
    std::uint64_t record = 0;
    for (std::size_t i = 3; i < header->size(); ++i)
        record = record << 8 | (*header)[i];
    const std::lock_guard lock(mutex_);
    trip_.received(record, now());
}

}  // namespace callagent::media
