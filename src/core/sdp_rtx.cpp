#include <algorithm>
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

}  // namespace

std::string with_rtx(std::string_view offer)
{
    const auto sections = split(offer);
    const auto description = parse(offer);
    if (!sections || !description)
        return std::string(offer);

    FreePayloadTypes free(*description);
    std::string out;
    for (std::size_t i = 0; i < sections->size(); ++i) {
        const bool video = i > 0 && description->media[i - 1].kind == "video";
        std::string types, attributes;
        if (video)
            for (const int codec : without_rtx(description->media[i - 1]))
                if (const int rtx = free.next(); rtx >= 0) {
                    types += " " + std::to_string(rtx);
                    attributes += "a=rtpmap:" + std::to_string(rtx) + " rtx/90000\r\n" +
                                  "a=fmtp:" + std::to_string(rtx) +
                                  " apt=" + std::to_string(codec) + "\r\n";
                }
        for (const auto &line : (*sections)[i]) {
            out.append(1, line.type).append("=").append(line.value);
            out.append(line.type == 'm' ? types : std::string()).append("\r\n");
        }
        out += attributes;
    }
    return out;
}

}  // namespace callagent::sdp
