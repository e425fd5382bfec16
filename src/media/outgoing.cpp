#include "media/outgoing.h"

#include <chrono>
#include <thread>
#include <utility>

#include "media/timeline.h"

namespace callagent::media {

void Outgoing::watch(GstPad *pad, int payload_type)
{
    payload_type_ = payload_type;
    if (!fec_)
        return on_rtp(pad, [this](const RtpPacket &packet) { count(packet); });
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST),
        [](GstPad *from, GstPadProbeInfo *info, gpointer data) -> GstPadProbeReturn {
            auto *self = static_cast<Outgoing *>(data);
            const auto into = glib::adopt(gst_pad_get_peer(from));
            if (!into)
                return GST_PAD_PROBE_OK;
            if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
                self->send(into.get(), glib::adopt(GST_PAD_PROBE_INFO_BUFFER(info)));
                return GST_PAD_PROBE_HANDLED;
            }
            const auto packets = glib::adopt(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
            for (guint i = 0; i < gst_buffer_list_length(packets.get()); ++i)
                if (!self->send(into.get(),
                                glib::adopt(gst_buffer_ref(gst_buffer_list_get(packets.get(), i)))))
                    break;
            return GST_PAD_PROBE_HANDLED;
        },
        this, nullptr);
}

// The packet, and those that protect it.
bool Outgoing::send(GstPad *into, glib::Ptr<GstBuffer> packet)
{
    bool sent = true;
    for (auto &one : fec_->protect(std::move(packet))) {
        look_at_rtp(one.get(), [this](const RtpPacket &rtp) {
            count(rtp);
            next_sequence_number_ = static_cast<std::uint16_t>(rtp.sequence_number + 1);
            if (rtp.payload_type == payload_type_)
                remember({rtp.sequence_number, static_cast<int>(rtp.payload_bytes)});
        });
        sent = pace(into, std::move(one)) && sent;
    }
    return sent;
}

bool Outgoing::pace(GstPad *into, glib::Ptr<GstBuffer> packet)
{
    const auto size = static_cast<int>(gst_buffer_get_size(packet.get()));
    double wait = 0;
    {
        const std::lock_guard lock(mutex_);
        wait = pacer_.wait(network_time(), size);
    }
    if (wait > 0)
        std::this_thread::sleep_for(std::chrono::duration<double>(wait));
    return gst_pad_chain(into, packet.release()) == GST_FLOW_OK;
}

void Outgoing::set_rate(int rate)
{
    rate_ = rate;
    const std::lock_guard lock(mutex_);
    pacer_.set_rate(rate);
}

void Outgoing::spend()
{
    const std::lock_guard lock(mutex_);
    pacer_.spend(network_time());
}

void Outgoing::count(const RtpPacket &packet)
{
    const std::lock_guard lock(mutex_);
    ++totals_.packets;
    totals_.header_bytes += packet.header_bytes;
    totals_.payload_bytes += packet.payload_bytes;
}

void Outgoing::remember(const Packet &packet)
{
    constexpr int kLarge = 500;          // bytes; smaller ones would make a probe of too many
    constexpr std::size_t kRecent = 16;  // fewer than are kept for sending again
    if (packet.bytes < kLarge)
        return;
    const std::lock_guard lock(mutex_);
    recent_.push_back(packet);
    if (recent_.size() > kRecent)
        recent_.pop_front();
}

std::optional<Outgoing::Packet> Outgoing::recent()
{
    const std::lock_guard lock(mutex_);
    if (recent_.empty())
        return std::nullopt;
    return recent_[++next_recent_ % recent_.size()];
}

RtpTotals Outgoing::totals() const
{
    const std::lock_guard lock(mutex_);
    return totals_;
}

}  // namespace callagent::media
