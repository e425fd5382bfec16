// Writes what the peer sent, as it was sent (no transcoding), to Matroska or WebM; and the last
// picture to a PNG. The file is playable at any moment, also when the process is killed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/exit.h"
#include "core/media.h"
#include "core/result.h"
#include "media/timeline.h"

namespace callagent::media {

class Recorder {
public:
    // Can a recording of that name be made there? Asked before anybody calls. Leaves what is there
    // as it is.
    static Status check(const std::string &path);

    // Creates the file at once, so that an unwritable one is known before the call. `.webm` holds
    // VP8, VP9 and Opus only.
    static Result<std::unique_ptr<Recorder>> open(const std::string &path, const Timeline &,
                                                  std::function<void(const Failure &)> failed);
    virtual ~Recorder() = default;

    // Which tracks there will be: before the first push(). Main loop.
    virtual void expect(bool audio, bool video) = 0;

    // An encoded sample (video/x-vp8, video/x-vp9, video/x-h264, audio/x-opus; PTS is the
    // timeline's running time). Never blocks. Any streaming thread. Video before its first keyframe
    // is left out; a change of picture size in mid-stream is kept (the codecs carry it themselves).
    virtual void push(Medium, GstSample *) = 0;

    // Writes what is queued and the index, which a disk may hold up for so long. The error is what
    // went wrong at any time (disk full, …): what was written until then stays playable.
    static constexpr std::chrono::milliseconds kPatience{3000};
    virtual Status finish(std::chrono::milliseconds at_most) = 0;
    Status finish() { return finish(kPatience); }
};

// Can a file of that name be made there? Asked before the call. Leaves nothing behind.
Status check_snapshot(const std::string &path);

// Writes a raw video sample (any video/x-raw) as PNG.
Status write_snapshot(const std::string &path, GstSample *sample);

}  // namespace callagent::media
