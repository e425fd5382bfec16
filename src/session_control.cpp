// What somebody asks of a session while it runs: src/agent_control.cpp asks.
#include <thread>
#include <utility>

#include "report/stats_json.h"
#include "session.h"

namespace callagent {
namespace {

// What the media side says begins with the option that it knows, which was not given here.
Error without_option(std::string message)
{
    for (const std::string_view option : {"--record ", "--snapshot "})
        if (message.starts_with(option))
            message.erase(0, option.size());
    return Error{std::move(message)};
}

}  // namespace

std::optional<Error> Session::not_standing() const
{
    if (call_.stands() && endpoint_)
        return std::nullopt;
    return Error{std::string("the call does not stand yet: it is ") + name(call_.state())};
}

Result<Object> Session::send_keyframe()
{
    if (const auto no = not_standing())
        return *no;
    if (!shared_.capture.has(Medium::Video))
        return Error{"we send no video (--video none)"};
    endpoint_->send_keyframe();
    return Object{};
}

Result<Object> Session::set_video_bitrate(int bitrate)
{
    if (const auto no = not_standing())
        return *no;
    if (!shared_.capture.has(Medium::Video))
        return Error{"we send no video (--video none)"};
    endpoint_->set_video_bitrate(bitrate);
    chosen_bitrate_ = bitrate;
    shared_.log.info("video bitrate: " + std::to_string(bitrate) + " bit/s");
    return Object{};
}

Result<Object> Session::statistics()
{
    if (const auto no = not_standing())
        return *no;
    return Object{{"stats", report::to_array(statistics_now())}};
}

Result<Object> Session::say(const std::string &text)
{
    if (const auto no = not_standing())
        return *no;
    if (auto said = endpoint_->say(text); !said)
        return Error{said.error()};
    return Object{};
}

Result<Object> Session::start_recording(const std::string &path)
{
    if (const auto no = not_standing())
        return *no;
    if (recorder_)
        return Error{"recording to " + recording_ + " already: stop that first"};
    if (auto opened = record_to(path); !opened)
        return without_option(opened.error());
    expect_tracks();
    endpoint_->request_keyframe();  // what comes before one is left out
    shared_.log.info("recording to " + path);
    return Object{{"file", path}};
}

Result<Object> Session::stop_recording()
{
    if (!recorder_)
        return Error{R"(nothing is recorded: "action" start begins)"};
    std::unique_ptr<media::Recorder> stopped;
    {
        const std::lock_guard lock(recorder_mutex_);
        stopped = std::move(recorder_);
    }
    if (const auto finished = stopped->finish(); !finished)
        return without_option(finished.error());
    shared_.log.info("recorded " + recording_);
    return Object{{"file", recording_}};
}

void Session::take_snapshot(const std::string &path, Outcomes done)
{
    const std::lock_guard lock(picture_mutex_);
    if (!picture_)
        return done(Error{"no picture of the peer has come yet"});
    // A PNG takes its time, and the main loop has a call to look after.
    std::thread([path, done = std::move(done),
                 picture =
                     std::shared_ptr<GstSample>(gst_sample_ref(picture_.get()), gst_sample_unref)] {
        auto written = media::write_snapshot(path, picture.get());
        glib::post([path, done, written = std::move(written)] {
            if (written)
                done(Object{{"file", path}});
            else
                done(without_option(written.error()));
        });
    }).detach();
}

}  // namespace callagent
