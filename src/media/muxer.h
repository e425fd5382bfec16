// The pipeline that writes a recording: an appsrc for each track → muxer → file.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/media.h"
#include "core/result.h"
#include "media/runner.h"
#include "media/timeline.h"

namespace callagent::media {

class Muxer {
public:
    struct Track {
        Medium medium;
        GstCaps *caps;  // of its first sample
    };

    // Main loop. The file's format follows from its name. `failed` is called there too, once.
    static Result<std::unique_ptr<Muxer>> make(const std::string &path, const Timeline &,
                                               const std::vector<Track> &,
                                               std::function<void(const std::string &)> failed);

    // Never blocks. False: the disk does not keep up, and the buffer was dropped. Any thread.
    bool push(Medium, GstBuffer *);

    // Nothing more of this medium will come: the other need not wait for it. Any thread.
    void end(Medium);

    // Writes what is queued, the index and the duration. Main loop; waits, but at most that long.
    Status close(std::chrono::milliseconds at_most);

private:
    Muxer() = default;
    Status add(const Track &, GstElement *muxer);
    GstElement *input(Medium medium) const
    {
        return (medium == Medium::Audio ? audio_ : video_).get();
    }

    std::string path_;
    std::unique_ptr<Runner> runner_;
    glib::Ptr<GstElement> audio_, video_;  // appsrc
};

}  // namespace callagent::media
