#include "media/fec.h"

#include <functional>
#include <utility>

#include "core/red.h"
#include "media/rtp_count.h"

namespace callagent::media {
namespace {

constexpr std::size_t kOriginalNumber = 2;  // bytes, before the payload of what is sent again

rtp::Bytes bytes_of(GstBuffer *buffer)
{
    rtp::Bytes bytes(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
    return bytes;
}

// With the times and flags of another one.
glib::Ptr<GstBuffer> buffer_of(const rtp::Bytes &bytes, GstBuffer *like)
{
    auto buffer = glib::adopt(gst_buffer_new_memdup(bytes.data(), bytes.size()));
    gst_buffer_copy_into(
        buffer.get(), like,
        static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS), 0,
        G_MAXSIZE);
    return buffer;
}

int payload_type_of(GstBuffer *buffer)
{
    guint8 header[rtp::kFixedHeader] = {};
    gst_buffer_extract(buffer, 0, header, sizeof header);
    return rtp::payload_type(header);
}

// Nothing but a number: the payload, the padding and the marker are gone.
rtp::Bytes emptied(rtp::Bytes packet, int type)
{
    packet.resize(rtp::header_size(packet));
    packet[0] = static_cast<std::uint8_t>(packet[0] & ~0x20U);
    packet[1] = static_cast<std::uint8_t>(type);
    return packet;
}

rtp::View payload_of(rtp::View packet)
{
    const auto header = rtp::header_size(packet);
    const auto payload = packet.subspan(header);
    const bool is_padded = (packet[0] & 0x20U) != 0 && !payload.empty();
    const std::size_t padding = is_padded ? payload.back() : 0;
    return padding <= payload.size() ? payload.first(payload.size() - padding) : rtp::View();
}

using Replace = std::function<glib::Ptr<GstBuffer>(glib::Ptr<GstBuffer>)>;

// `replace` is asked for each packet that passes.
void replace_buffers(GstPad *pad, Replace replace)
{
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        [](GstPad *, GstPadProbeInfo *info, gpointer data) -> GstPadProbeReturn {
            auto &with = *static_cast<Replace *>(data);
            if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
                info->data = with(glib::adopt(GST_PAD_PROBE_INFO_BUFFER(info))).release();
                return GST_PAD_PROBE_OK;
            }
            auto *list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
            info->data = list;
            gst_buffer_list_foreach(
                list,
                [](GstBuffer **buffer, guint, gpointer each) -> gboolean {
                    *buffer = (*static_cast<Replace *>(each))(glib::adopt(*buffer)).release();
                    return TRUE;
                },
                &with);
            return GST_PAD_PROBE_OK;
        },
        new Replace(std::move(replace)),
        [](gpointer data) { delete static_cast<Replace *>(data); });
}

}  // namespace

void FecSender::agree(const sdp::VideoChoice &video)
{
    video_ = video;
    agreed_ = video.fec.has_value();
}

std::vector<glib::Ptr<GstBuffer>> FecSender::protect(glib::Ptr<GstBuffer> packet)
{
    std::vector<glib::Ptr<GstBuffer>> all;
    const double share = agreed_ ? share_.load() : 0;
    if (share == 0 && inserted_ == 0) {
        all.push_back(std::move(packet));
        return all;
    }
    auto bytes = bytes_of(packet.get());
    if (rtp::header_size(bytes) == 0)
        return all;
    auto number = static_cast<std::uint16_t>(rtp::sequence_number(bytes) + inserted_);
    rtp::write16(bytes, 2, number);
    all.push_back(buffer_of(bytes, packet.get()));

    auto header = emptied(bytes, video_.fec->red);
    rtp::zero_extension(bytes, video_.twcc_id);
    encoder_.set_share(share);
    for (const auto &payload : encoder_.add(std::move(bytes))) {
        ++inserted_;
        rtp::write16(header, 2, ++number);
        auto fec = header;
        fec.push_back(static_cast<std::uint8_t>(video_.fec->ulpfec));
        fec.insert(fec.end(), payload.begin(), payload.end());
        all.push_back(buffer_of(fec, packet.get()));
    }
    return all;
}

void FecSender::watch(GstPad *session, const std::shared_ptr<FecSender> &self)
{
    replace_buffers(
        session, [self](glib::Ptr<GstBuffer> packet) { return self->wrapped(std::move(packet)); });
}

// Who works out lost packets from FEC looks at those in RED only.
glib::Ptr<GstBuffer> FecSender::wrapped(glib::Ptr<GstBuffer> packet) const
{
    if (!agreed_ || share_ == 0 || payload_type_of(packet.get()) != video_.payload_type)
        return packet;
    const auto bytes = bytes_of(packet.get());
    if (rtp::header_size(bytes) == 0)
        return packet;
    return buffer_of(red::wrapped(bytes, video_.fec->red), packet.get());
}

void FecReceiver::agree(const sdp::VideoChoice &video)
{
    video_ = video;
    agreed_ = video.fec.has_value();
}

void FecReceiver::watch_session(GstPad *session, const std::shared_ptr<FecReceiver> &self)
{
    replace_buffers(session, [self](glib::Ptr<GstBuffer> packet) {
        return self->unwrapped(std::move(packet));
    });
}

glib::Ptr<GstBuffer> FecReceiver::unwrapped(glib::Ptr<GstBuffer> packet)
{
    if (!agreed_)
        return packet;
    const int type = payload_type_of(packet.get());
    const bool is_repeat = type == video_.fec->red_rtx;
    if (type != video_.fec->red && !is_repeat)
        return packet;
    seen_ = true;
    const auto bytes = bytes_of(packet.get());
    auto block = red::unwrapped(bytes, is_repeat ? kOriginalNumber : 0);
    if (!block)
        return packet;
    const bool is_fec = block->type == video_.fec->ulpfec;
    if (is_repeat) {
        rtp::set_payload_type(block->packet, video_.rtx_payload_type);
        if (is_fec)  // too late to be of use
            block->packet.resize(rtp::header_size(bytes) + kOriginalNumber);
    } else if (is_fec) {
        const auto payload = payload_of(block->packet);
        const std::lock_guard lock(mutex_);
        auto &stream = this->stream(rtp::read32(bytes, 8));
        stream.decoder.add_fec(stream.ssrc, payload);
        stream.bytes += payload.size() + 1;
        block->packet = emptied(std::move(block->packet), video_.payload_type);
    } else {
        rtp::set_payload_type(block->packet, block->type);
    }
    return buffer_of(block->packet, packet.get());
}

// In place of what passes: it, after what is known through it. On the thread that brings it, which
// comes through here again with each of these.
void FecReceiver::watch_jitterbuffer(GstPad *buffer, const std::shared_ptr<FecReceiver> &self)
{
    on_buffer(buffer, [self, buffer](GstBuffer *packet) {
        for (auto &more : self->found_with(packet))
            gst_pad_chain(buffer, more.release());
    });
}

void FecReceiver::close_gaps(GstPad *pad)
{
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad *, GstPadProbeInfo *info, gpointer data) -> GstPadProbeReturn {
            auto &empty = *static_cast<std::uint16_t *>(data);
            GstBuffer *packet = GST_PAD_PROBE_INFO_BUFFER(info);
            GstMapInfo map;
            if (!gst_buffer_map(packet, &map, GST_MAP_READ))
                return GST_PAD_PROBE_OK;
            const rtp::View bytes(map.data, map.size);
            const auto header = rtp::header_size(bytes);
            const bool is_empty = header > 0 && payload_of(bytes).empty();
            gst_buffer_unmap(packet, &map);
            if (is_empty) {
                ++empty;
                return GST_PAD_PROBE_DROP;
            }
            if (empty == 0 || header == 0)
                return GST_PAD_PROBE_OK;
            packet = gst_buffer_make_writable(packet);
            info->data = packet;
            if (gst_buffer_map(packet, &map, GST_MAP_READWRITE)) {
                const std::span writable(map.data, map.size);
                rtp::write16(writable, 2,
                             static_cast<std::uint16_t>(rtp::sequence_number(writable) - empty));
                gst_buffer_unmap(packet, &map);
            }
            return GST_PAD_PROBE_OK;
        },
        new std::uint16_t(0), [](gpointer data) { delete static_cast<std::uint16_t *>(data); });
}

std::vector<glib::Ptr<GstBuffer>> FecReceiver::found_with(GstBuffer *packet)
{
    std::vector<glib::Ptr<GstBuffer>> found;
    if (!seen_ || payload_type_of(packet) != video_.payload_type)
        return found;
    auto bytes = bytes_of(packet);
    const auto header = rtp::header_size(bytes);
    if (header == 0)
        return found;
    const auto number = rtp::sequence_number(bytes);
    const bool is_empty = payload_of(bytes).empty();
    rtp::zero_extension(bytes, video_.twcc_id);

    const std::lock_guard lock(mutex_);
    auto &stream = this->stream(rtp::read32(bytes, 8));
    if (is_empty) {
        stream.gaps.add_fec(number);
    } else {
        const auto filled = stream.gaps.add(number, picture_part(bytes, video_.codec));
        auto filler = emptied(bytes, video_.payload_type);
        for (const auto one : filled) {
            rtp::write16(filler, 2, one);
            found.push_back(buffer_of(filler, packet));
        }
        stream.decoder.add_media(std::move(bytes));
    }
    for (const auto &recovered : stream.decoder.recover())
        if (rtp::payload_type(recovered) == video_.payload_type)
            found.push_back(buffer_of(recovered, packet));
    return found;
}

FecReceiver::Stream &FecReceiver::stream(std::uint32_t ssrc)
{
    if (stream_.ssrc != ssrc)
        stream_ = {ssrc, {}, {}, 0};
    return stream_;
}

FecReceiver::Counts FecReceiver::counts(std::uint32_t ssrc) const
{
    const std::lock_guard lock(mutex_);
    if (stream_.ssrc != ssrc)
        return {};
    const auto counts = stream_.decoder.counts();
    return {counts.received, stream_.bytes, counts.discarded};
}

}  // namespace callagent::media
