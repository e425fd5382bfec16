// The words for media that every area shares.
#pragma once

#include <string>

namespace callagent {

enum class Medium { Audio, Video };

inline const char *name(Medium medium)
{
    return medium == Medium::Audio ? "audio" : "video";
}

enum class VideoCodec { Vp8, Vp9, H264 };

// The encoding name of SDP and of GStreamer's RTP caps.
inline const char *name(VideoCodec codec)
{
    switch (codec) {
        case VideoCodec::Vp8:
            return "VP8";
        case VideoCodec::Vp9:
            return "VP9";
        case VideoCodec::H264:
            return "H264";
    }
    return "";
}

struct VideoFormat {
    int width = 640;
    int height = 480;
    int framerate = 30;  // frames a second

    bool operator==(const VideoFormat &) const = default;
};

// What an encoder may be told, in bit/s.
struct BitrateRange {
    int min = 50'000, start = 300'000, max = 1'500'000;

    bool operator==(const BitrateRange &) const = default;
};

// How long after its time a picture or a sound is rendered, in seconds; min and max the same:
// fixed.
struct PlayoutRange {
    double min = 0, max = 1;

    bool operator==(const PlayoutRange &) const = default;
};

}  // namespace callagent
