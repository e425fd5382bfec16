#include "media/playback.h"

#include <utility>

#include "media/outlet.h"

namespace callagent::media {
namespace {

class Played final : public Playback {
public:
    explicit Played(Handlers handlers) : handlers_(std::move(handlers)) {}

    Status open(const Config &config, const Timeline &timeline, const Pipelines &pipelines)
    {
        auto audio =
            Outlet::open({Medium::Audio, config.audio_sink, {}}, timeline, pipelines, handlers());
        if (!audio)
            return Error{audio.error()};
        audio_ = std::move(*audio);
        auto video = Outlet::open({Medium::Video, config.video_sink, config.window_title}, timeline,
                                  pipelines, handlers());
        if (!video)
            return Error{video.error()};
        video_ = std::move(*video);
        return Done{};
    }

    void push(Medium medium, GstSample *sample) override
    {
        (medium == Medium::Audio ? audio_ : video_)->push(sample);
    }

    void set_delay(GstClockTime delay) override
    {
        audio_->set_delay(delay);
        video_->set_delay(delay);
    }

    std::optional<GstClockTime> delay(Medium medium) const override
    {
        return (medium == Medium::Audio ? audio_ : video_)->delay();
    }

private:
    // Both outlets' reports, of which the first that ends things counts. Copies are called: a
    // handler may destroy us.
    Outlet::Handlers handlers()
    {
        return {
            [this](const Failure &failure) {
                if (const auto handler = handlers_.failed; handler && !std::exchange(over_, true))
                    handler(failure);
            },
            [this] {
                if (const auto handler = handlers_.closed; handler && !std::exchange(over_, true))
                    handler();
            },
            handlers_.warning};
    }

    const Handlers handlers_;
    bool over_ = false;
    std::unique_ptr<Outlet> audio_, video_;
};

}  // namespace

Result<std::unique_ptr<Playback>> Playback::open(const Config &config, const Timeline &timeline,
                                                 const Pipelines &pipelines, Handlers handlers)
{
    auto playback = std::make_unique<Played>(std::move(handlers));
    if (const auto opened = playback->open(config, timeline, pipelines); !opened)
        return Error{opened.error()};
    return std::unique_ptr<Playback>(std::move(playback));
}

}  // namespace callagent::media
