// What a call came to, for end.summary: fed with what happens, asked once. Main loop.
//
//     {"duration_s":10.02,"setup_ms":84,"rtt_mean_ms":0.4,"rtt_max_ms":1.1,"warnings":0,"stalls":0,
//      "pair":{"local":{…},"remote":{…}},
//      "video":{"received":{"codec":"VP8","first_frame_ms":110,"fps_mean":30,"bitrate_mean":812000,
//                           "loss_fraction":0,"framesDecoded":300,…},"sent":{…}},"audio":{…}}
//
// `snapshot` names the file with the call's last picture, where one was written. `simulated` says
// what became of the packets of both directions, where a network was simulated.
//
// Members in camelCase are the totals of the W3C's statistics, over all of a medium's SSRCs; those
// in snake_case are ours. Bitrates are bit/s. What is not known is absent; so is `quality` in
// `received` where the peer's source is no test source (quality_json.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/quality.h"
#include "core/simulated_link.h"
#include "core/stats.h"
#include "core/value.h"

namespace callagent::report {

class Summary {
public:
    // Seconds since the process started, as in Stats; `setup_ms` as in the event `connected`.
    void connected(double t, double setup_ms);
    void first_frame(Medium medium, double ms);
    void sample(
        const Stats &stats);  // the more of them, the better the means; the last one has the totals
    void sample(const Quality &quality) { quality_.add(quality); }
    void warned() { ++warnings_; }
    void stalled() { ++stalls_; }
    void snapshot(std::string file) { snapshot_ = std::move(file); }  // with the last picture
    void simulated(const SimulatedLink::Counts &in, const SimulatedLink::Counts &out)
    {
        simulated_ = {in, out};
    }

    // `t`: when the call ended.
    Object object(double t) const;

    // The same for a person, in a few words: "10.0 s, 300 frames at 30.0 a second, 0 packets lost,
    // round trip 1.1 ms"; empty where nothing was connected.
    std::string sentence(double t) const;

private:
    // The last state of each stream, in the order of their SSRCs; and when frames and bytes were
    // first seen, for the means.
    template <typename Stream>
    struct Tracked {
        Stream last;
        double first_t = 0;
        double last_t = 0;
        std::uint64_t first_frames = 0;
        std::uint64_t first_bytes = 0;
    };
    struct RoundTrips {
        double sum = 0;
        double max = 0;
        std::size_t count = 0;
        void add(double seconds);
    };

    Object received(Medium medium) const;
    Object sent(Medium medium) const;

    std::optional<double> connected_;
    std::optional<double> setup_ms_;
    std::map<Medium, double> first_frame_ms_;
    std::map<std::uint32_t, Tracked<InboundRtp>> inbound_;
    std::map<std::uint32_t, Tracked<OutboundRtp>> outbound_;
    std::map<std::uint32_t, RemoteInboundRtp> remote_;
    std::optional<CandidatePair> pair_;
    RoundTrips rtcp_;  // measured on the media, what counts
    RoundTrips ice_;   // where there is nothing else
    QualityTotals quality_;
    int warnings_ = 0;
    int stalls_ = 0;
    std::string snapshot_;
    std::optional<std::pair<SimulatedLink::Counts, SimulatedLink::Counts>> simulated_;  // in, out
};

}  // namespace callagent::report
