#include "core/fec_gaps.h"

#include <algorithm>
#include <iterator>

namespace callagent {
namespace {

constexpr int kShortNumbers = 1 << 7, kLongNumbers = 1 << 15;

void read_picture(rtp::View payload, std::size_t at, PicturePart &part)
{
    if (payload.size() <= at)
        return;
    part.picture = payload[at] & 0x7f;
    part.numbers = kShortNumbers;
    if ((payload[at] & 0x80U) == 0)
        return;
    part.numbers = kLongNumbers;
    if (payload.size() > at + 1)
        part.picture = rtp::read16(payload, at) & 0x7fff;
    else
        part.picture.reset();
}

// X R N S R PID, then, with X: I L T K …, then, with I: the number.
PicturePart vp8_part(rtp::View payload)
{
    PicturePart part;
    part.begins = (payload[0] & 0x10U) != 0 && (payload[0] & 0x07U) == 0;
    if ((payload[0] & 0x80U) != 0 && payload.size() > 1 && (payload[1] & 0x80U) != 0)
        read_picture(payload, 2, part);
    return part;
}

// I P L F B E V Z, then, with I: the number, then, with L: T T T U S S S D, where S is the layer.
PicturePart vp9_part(rtp::View payload)
{
    PicturePart part;
    std::size_t at = 1;
    if ((payload[0] & 0x80U) != 0) {
        read_picture(payload, at, part);
        at += part.numbers == kLongNumbers ? 2 : 1;
    }
    const bool has_layers = (payload[0] & 0x20U) != 0;
    const bool is_base = !has_layers || (payload.size() > at && (payload[at] & 0x0eU) == 0);
    part.begins = (payload[0] & 0x08U) != 0 && is_base;
    return part;
}

bool follows(const PicturePart &before, const PicturePart &after)
{
    return before.ends && after.begins && before.picture && after.picture &&
           before.numbers == after.numbers &&
           (*before.picture + 1) % before.numbers == *after.picture;
}

}  // namespace

PicturePart picture_part(rtp::View packet, VideoCodec codec)
{
    const auto header = rtp::header_size(packet);
    if (header == 0 || packet.size() == header)
        return {};
    const auto payload = packet.subspan(header);
    PicturePart part;
    if (codec == VideoCodec::Vp8)
        part = vp8_part(payload);
    else if (codec == VideoCodec::Vp9)
        part = vp9_part(payload);
    part.ends = rtp::has_marker(packet);
    return part;
}

FecGaps::Numbers::const_iterator FecGaps::see(std::uint16_t number, const Seen &seen)
{
    const auto at = rtp::unwrapped(number, newest_);
    newest_ = std::max(newest_, at);
    while (!seen_.empty() && seen_.begin()->first < newest_ - kRemembered)
        seen_.erase(seen_.begin());
    if (at < newest_ - kRemembered)
        return seen_.end();
    const auto [here, is_new] = seen_.emplace(at, seen);
    return is_new ? here : seen_.end();
}

void FecGaps::add_fec(std::uint16_t number)
{
    see(number, {{}, true});
}

std::vector<std::uint16_t> FecGaps::add(std::uint16_t number, const PicturePart &part)
{
    std::vector<std::uint16_t> filled;
    const auto here = see(number, {part, false});
    if (here == seen_.end())
        return filled;
    auto before = here;
    while (before != seen_.begin())
        if (!(--before)->second.fec)
            break;
    auto after = std::next(here);
    while (after != seen_.end() && after->second.fec)
        ++after;
    const auto last = after == seen_.end() ? 0 : after->first;
    const bool begins_next = last > 0 && follows(part, after->second.part);
    if (before != here && follows(before->second.part, part))
        fill(before->first, here->first, filled);
    if (begins_next)
        fill(here->first, last, filled);
    return filled;
}

void FecGaps::fill(std::int64_t before, std::int64_t after, std::vector<std::uint16_t> &filled)
{
    if (after - before - 1 > kLongest)
        return;
    for (auto at = before + 1; at < after; ++at)
        if (seen_.emplace(at, Seen{{}, true}).second)
            filled.push_back(static_cast<std::uint16_t>(at));
}

}  // namespace callagent
