#include "media/simulated_network.h"

namespace callagent::media {

void SimulatedNetwork::take(GstElement *element)
{
    const auto *factory = gst_element_get_factory(element);
    const std::string_view kind = factory ? GST_OBJECT_NAME(factory) : "";
    const std::lock_guard lock(mutex_);
    if (kind == "nicesink") {
        out_.push_back(
            std::make_unique<SimulatedPad>(glib::adopt(gst_element_get_static_pad(element, "sink")),
                                           simulation_.out, simulation_.seed));
    } else if (kind == "nicesrc") {
        const auto source = glib::adopt(gst_element_get_static_pad(element, "src"));
        constexpr std::uint64_t kOther = std::uint64_t{1} << 32;  // not the losses of `out` again
        if (auto sink = glib::adopt(gst_pad_get_peer(source.get())))
            in_.push_back(std::make_unique<SimulatedPad>(std::move(sink), simulation_.in,
                                                         simulation_.seed | kOther));
    }
}

bool SimulatedNetwork::is_between() const
{
    const std::lock_guard lock(mutex_);
    return !in_.empty() && !out_.empty();
}

SimulatedNetwork::Counts SimulatedNetwork::counts() const
{
    const std::lock_guard lock(mutex_);
    Counts counts;
    for (const auto &pad : in_)
        counts.in += pad->counts();
    for (const auto &pad : out_)
        counts.out += pad->counts();
    return counts;
}

void SimulatedNetwork::drain(std::chrono::milliseconds at_most)
{
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    std::vector<SimulatedPad *> pads;  // they stay; and nobody else is to wait with us
    {
        const std::lock_guard lock(mutex_);
        for (const auto &pad : out_)
            pads.push_back(pad.get());
    }
    for (auto *pad : pads)
        pad->drain(deadline);
}

void SimulatedNetwork::stop()
{
    const std::lock_guard lock(mutex_);
    for (auto *pads : {&in_, &out_})
        for (const auto &pad : *pads)
            pad->stop();
}

}  // namespace callagent::media
