// A capture whose samples and reports are remembered.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "media/capture.h"
#include "tests/media/support.h"

namespace callagent::media {

// A feed that remembers.
struct Fed {
    struct Entry {
        GstClockTime pts;
        GstClockTime arrived;
        std::string caps;
        std::vector<guint8> data;
    };

    Capture::Feed feed(const Timeline &timeline)
    {
        return [this, &timeline](GstSample *sample) {
            auto *buffer = gst_sample_get_buffer(sample);
            Entry entry{GST_BUFFER_PTS(buffer), timeline.now(), {}, {}};
            if (const auto caps = glib::adopt(gst_caps_to_string(gst_sample_get_caps(sample))))
                entry.caps = caps.get();
            entry.data.resize(gst_buffer_get_size(buffer));
            gst_buffer_extract(buffer, 0, entry.data.data(), entry.data.size());
            const std::lock_guard lock(mutex);
            entries.push_back(std::move(entry));
        };
    }
    std::size_t size()
    {
        const std::lock_guard lock(mutex);
        return entries.size();
    }
    Entry back()
    {
        const std::lock_guard lock(mutex);
        return entries.back();
    }

    std::mutex mutex;
    std::vector<Entry> entries;
};

class CaptureTest : public testing::Test {
protected:
    std::unique_ptr<Capture> open(const std::string &video, const std::string &audio,
                                  VideoFormat format = {})
    {
        Capture::Handlers handlers;
        handlers.failed = [this](const Failure &failure) {
            ++failures;
            reason = failure.reason;
        };
        handlers.ended = [this] { ++ends; };
        handlers.stalled = [this](Medium medium) { stalled.push_back(medium); };
        handlers.resumed = [this](Medium medium) { resumed.push_back(medium); };
        auto capture =
            Capture::open({video, audio, format}, timeline, Pipelines(), std::move(handlers));
        if (!capture) {
            error = capture.error();
            return nullptr;
        }
        (*capture)->set_feed(Medium::Video, pictures.feed(timeline));
        (*capture)->set_feed(Medium::Audio, sound.feed(timeline));
        return std::move(*capture);
    }

    Timeline timeline;
    Fed pictures, sound;
    int failures = 0, ends = 0;
    std::string reason, error;
    std::vector<Medium> stalled, resumed;
};

}  // namespace callagent::media
