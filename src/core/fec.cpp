#include "core/fec.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace callagent::fec {
namespace {

// RFC 5109, 7.3 and 7.4: E L P X CC, M PT, SN base, TS, length; then protection length and mask.
constexpr std::size_t kHeader = 10;
constexpr std::size_t kShortMask = 2, kLongMask = 6;  // bytes
constexpr unsigned kLongMaskFlag = 0x40;
constexpr unsigned kFlagsOfPacket = 0x3f;  // P X CC

constexpr std::size_t kMostPacket = 1600;  // bytes; more than any path of ours carries
constexpr std::int64_t kMedia = 256;       // packets that are kept: many round trips' worth
constexpr std::size_t kWaiting = 48;       // FEC packets likewise

void xor_into(std::span<std::uint8_t> into, rtp::View bytes)
{
    for (std::size_t i = 0; i < std::min(into.size(), bytes.size()); ++i)
        into[i] = static_cast<std::uint8_t>(into[i] ^ bytes[i]);
}

// What of a packet's fixed header is protected, in the places that it has in a FEC packet.
void xor_header(std::span<std::uint8_t> fec, rtp::View packet)
{
    fec[0] = static_cast<std::uint8_t>(fec[0] ^ (packet[0] & kFlagsOfPacket));
    fec[1] = static_cast<std::uint8_t>(fec[1] ^ packet[1]);
    xor_into(fec.subspan(4, 4), packet.subspan(4, 4));  // timestamp
    rtp::write16(fec, 8,
                 rtp::read16(fec, 8) ^ static_cast<unsigned>(packet.size() - rtp::kFixedHeader));
}

// Which of `count` FEC packets protect each of the packets of a group. Two that are lost can be
// worked out where they are not in the same ones; so there are as many different sets as possible,
// those with few in them first.
std::vector<std::set<std::size_t>> protectors_of(std::size_t packets, std::size_t count)
{
    std::vector<std::set<std::size_t>> sets;
    for (std::size_t a = 0; a < count; ++a)
        sets.push_back({a});
    for (std::size_t apart = 1; apart < count; ++apart)
        for (std::size_t a = 0; a + apart < count; ++a)
            sets.push_back({a, a + apart});
    const std::size_t different = std::min(packets, sets.size());
    std::vector<std::set<std::size_t>> all;
    for (std::size_t i = 0; i < packets; ++i)
        all.push_back(sets[i % different]);
    return all;
}

bool is_protectable(rtp::View packet)
{
    return rtp::header_size(packet) > 0 && packet.size() <= kMostPacket;
}

}  // namespace

void Encoder::set_share(double share)
{
    constexpr double kMost = 0.5;
    share_ = std::clamp(share, 0.0, kMost);
    if (share_ == 0) {
        group_.clear();
        pictures_ = 0;
        due_ = 0;
    }
}

std::vector<rtp::Bytes> Encoder::add(rtp::Bytes packet)
{
    // What is worked out from the FEC packet of more pictures comes later than what is sent again.
    constexpr int kMostPictures = 3;
    std::vector<rtp::Bytes> payloads;
    if (share_ == 0 || !is_protectable(packet))
        return payloads;
    const bool ends_picture = rtp::has_marker(packet);
    due_ += share_ / (1 - share_);
    group_.push_back(std::move(packet));
    if (!ends_picture || (++pictures_ < kMostPictures && due_ < 1))
        return payloads;
    for (std::size_t from = 0; from < group_.size(); from += kMostProtected)
        for (auto &payload : protect(
                 std::span(group_).subspan(from, std::min(kMostProtected, group_.size() - from))))
            payloads.push_back(std::move(payload));
    group_.clear();
    pictures_ = 0;
    return payloads;
}

std::vector<rtp::Bytes> Encoder::protect(std::span<const rtp::Bytes> group)
{
    const auto whole = static_cast<std::size_t>(std::max(due_, 1.0));
    const std::size_t count = std::min(whole, group.size());
    due_ = std::max(due_ - static_cast<double>(count), -1.0);
    const auto protectors = protectors_of(group.size(), count);
    const std::size_t mask = group.size() > 16 ? kLongMask : kShortMask;
    const std::size_t header = kHeader + 2 + mask;
    std::vector<rtp::Bytes> payloads;
    for (std::size_t one = 0; one < count; ++one) {
        std::size_t longest = 0;
        for (std::size_t i = 0; i < group.size(); ++i)
            if (protectors[i].contains(one))
                longest = std::max(longest, group[i].size() - rtp::kFixedHeader);
        rtp::Bytes fec(header + longest);
        for (std::size_t i = 0; i < group.size(); ++i) {
            if (!protectors[i].contains(one))
                continue;
            xor_header(fec, group[i]);
            xor_into(std::span(fec).subspan(header),
                     rtp::View(group[i]).subspan(rtp::kFixedHeader));
            auto &byte = fec[kHeader + 2 + i / 8];
            byte = static_cast<std::uint8_t>(byte | 0x80U >> i % 8);
        }
        if (mask == kLongMask)
            fec[0] = static_cast<std::uint8_t>(fec[0] | kLongMaskFlag);
        rtp::write16(fec, 2, rtp::sequence_number(group.front()));
        rtp::write16(fec, kHeader, static_cast<unsigned>(longest));
        payloads.push_back(std::move(fec));
    }
    return payloads;
}

void Decoder::add_media(rtp::Bytes packet)
{
    if (!is_protectable(packet))
        return;
    const auto number = rtp::unwrapped(rtp::sequence_number(packet), newest_);
    newest_ = std::max(newest_, number);
    media_[number] = std::move(packet);
    forget();
}

void Decoder::add_fec(std::uint32_t ssrc, rtp::View payload)
{
    const bool is_long = payload.size() > kHeader && (payload[0] & kLongMaskFlag) != 0;
    const std::size_t mask = is_long ? kLongMask : kShortMask;
    Fec fec;
    fec.ssrc = ssrc;
    fec.header = kHeader + 2 + mask;
    ++counts_.received;
    ++counts_.discarded;  // unless it is of use
    if (payload.size() <= fec.header || payload.size() > kMostPacket + fec.header || newest_ < 0)
        return;
    const std::size_t length = rtp::read16(payload, kHeader);
    if (length > payload.size() - fec.header)
        return;
    const auto base = rtp::unwrapped(rtp::read16(payload, 2), newest_);
    for (std::size_t i = 0; i < 8 * mask; ++i)
        if ((payload[kHeader + 2 + i / 8] & 0x80U >> i % 8) != 0)
            fec.covers.push_back(base + static_cast<std::int64_t>(i));
    if (fec.covers.empty() || fec.covers.front() < newest_ - kMedia)
        return;
    fec.payload.assign(payload.begin(),
                       payload.begin() + static_cast<std::ptrdiff_t>(fec.header + length));
    waiting_.push_back(std::move(fec));
    forget();
}

void Decoder::forget()
{
    while (!media_.empty() && media_.begin()->first < newest_ - kMedia)
        media_.erase(media_.begin());
    while (waiting_.size() > kWaiting ||
           (!waiting_.empty() && waiting_.front().covers.front() < newest_ - kMedia))
        waiting_.pop_front();
}

std::vector<rtp::Bytes> Decoder::recover()
{
    std::vector<rtp::Bytes> recovered;
    for (auto fec = waiting_.begin(); fec != waiting_.end();) {
        std::optional<std::int64_t> missing;
        int count = 0;
        for (const auto number : fec->covers)
            if (!media_.contains(number)) {
                missing = number;
                ++count;
            }
        if (count > 1) {
            ++fec;
            continue;
        }
        if (count == 0) {
            fec = waiting_.erase(fec);
            continue;
        }
        auto packet = worked_out(*fec, *missing);
        waiting_.erase(fec);
        if (!packet.empty()) {
            --counts_.discarded;
            media_[*missing] = packet;
            newest_ = std::max(newest_, *missing);
            recovered.push_back(std::move(packet));
        }
        fec = waiting_.begin();  // it may have been what another one needs
    }
    return recovered;
}

// Empty: the packets do not belong together, whoever made them.
rtp::Bytes Decoder::worked_out(const Fec &fec, std::int64_t missing) const
{
    rtp::Bytes sum = fec.payload;
    for (const auto number : fec.covers) {
        if (number == missing)
            continue;
        const auto &packet = media_.at(number);
        xor_header(sum, packet);
        xor_into(std::span(sum).subspan(fec.header), rtp::View(packet).subspan(rtp::kFixedHeader));
    }
    const std::size_t length = rtp::read16(sum, 8);
    if (length > sum.size() - fec.header)
        return {};
    rtp::Bytes packet(rtp::kFixedHeader);
    packet[0] = static_cast<std::uint8_t>(0x80U | (sum[0] & kFlagsOfPacket));
    packet[1] = sum[1];
    rtp::write16(packet, 2, static_cast<std::uint16_t>(missing));
    std::copy_n(sum.begin() + 4, 4, packet.begin() + 4);
    rtp::write32(packet, 8, fec.ssrc);
    const auto begin = sum.begin() + static_cast<std::ptrdiff_t>(fec.header);
    packet.insert(packet.end(), begin, begin + static_cast<std::ptrdiff_t>(length));
    return rtp::header_size(packet) > 0 ? packet : rtp::Bytes();
}

}  // namespace callagent::fec
