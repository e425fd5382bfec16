#include <algorithm>
#include <functional>
#include <set>

#include "core/sdp_section.h"

namespace callagent::sdp {
namespace {

// The codecs of a video m-line that have no RTX stream yet (RFC 4588).
std::vector<int> without_rtx(const Media &media)
{
    std::set<int> repaired;
    std::vector<int> bare;
    for (const auto &codec : media.codecs)
        if (same(codec.encoding, "rtx") && codec.fmtp.starts_with("apt="))
            if (const auto type = number(std::string_view(codec.fmtp).substr(4), 0, 127))
                repaired.insert(static_cast<int>(*type));
    for (const auto &codec : media.codecs)
        if (!same(codec.encoding, "rtx") && !repaired.contains(codec.payload_type))
            bare.push_back(codec.payload_type);
    // An m-line without any RTX does not want it.
    return repaired.empty() ? std::vector<int>() : bare;
}

class FreePayloadTypes {
public:
    explicit FreePayloadTypes(const Description &description)
    {
        for (const auto &media : description.media)
            for (const auto &codec : media.codecs)
                taken_.insert(codec.payload_type);
    }

    // Of the dynamic range; -1 when it is used up.
    int next()
    {
        for (int type = 96; type <= 127; ++type)
            if (taken_.insert(type).second)
                return type;
        return -1;
    }

private:
    std::set<int> taken_;
};

// What an m-line gets at its end.
struct More {
    std::string types, attributes;

    void add(int type, const std::string &encoding)
    {
        types += " " + std::to_string(type);
        attributes += "a=rtpmap:" + std::to_string(type) + " " + encoding + "/90000\r\n";
    }

    void add_rtx(int type, int repaired)
    {
        add(type, "rtx");
        attributes +=
            "a=fmtp:" + std::to_string(type) + " apt=" + std::to_string(repaired) + "\r\n";
    }

    void add(const FecTypes &fec)
    {
        add(fec.red, "red");
        if (fec.red_rtx >= 0)
            add_rtx(fec.red_rtx, fec.red);
        add(fec.ulpfec, "ulpfec");
    }
};

// `more` is asked about each m-line.
std::string with_more(std::string_view text, const Description &description,
                      const std::function<More(const Media &)> &more)
{
    const auto sections = split(text);
    if (!sections)
        return std::string(text);
    std::string out;
    for (std::size_t i = 0; i < sections->size(); ++i) {
        const More end = i > 0 ? more(description.media[i - 1]) : More();
        for (const auto &line : (*sections)[i]) {
            out.append(1, line.type).append("=").append(line.value);
            out.append(line.type == 'm' ? end.types : std::string()).append("\r\n");
        }
        out += end.attributes;
    }
    return out;
}

}  // namespace

std::string with_rtx(std::string_view offer)
{
    const auto description = parse(offer);
    if (!description)
        return std::string(offer);
    FreePayloadTypes free(*description);
    return with_more(offer, *description, [&free](const Media &media) {
        More more;
        if (media.kind != "video")
            return more;
        for (const int codec : without_rtx(media))
            if (const int rtx = free.next(); rtx >= 0)
                more.add_rtx(rtx, codec);
        return more;
    });
}

std::string with_fec(std::string_view offer)
{
    const auto description = parse(offer);
    if (!description)
        return std::string(offer);
    FreePayloadTypes free(*description);
    return with_more(offer, *description, [&free](const Media &media) {
        More more;
        const bool repaired =
            std::any_of(media.codecs.begin(), media.codecs.end(),
                        [](const Codec &codec) { return same(codec.encoding, "rtx"); });
        if (media.kind != "video" || !repaired)
            return more;
        const FecTypes fec{free.next(), free.next(), free.next()};
        if (fec.ulpfec >= 0)
            more.add(fec);
        return more;
    });
}

std::string with_fec(std::string_view answer, const VideoChoice &choice)
{
    const auto description = parse(answer);
    if (!description || !choice.fec)
        return std::string(answer);
    return with_more(answer, *description, [&](const Media &media) {
        More more;
        if (media.mid == choice.mid && !media.rejected())
            more.add(*choice.fec);
        return more;
    });
}

}  // namespace callagent::sdp
