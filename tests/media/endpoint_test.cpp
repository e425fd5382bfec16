// Two endpoints in one process, in a real call over loopback.
#include "media/endpoint.h"

#include <atomic>
#include <map>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "glib/loop.h"
#include "media/fingerprint.h"
#include "media/own_certificate.h"
#include "tests/main_loop.h"
#include "tests/media/test_source.h"

namespace callagent::media {
namespace {

constexpr char kVideo[] =
    "videotestsrc is-live=true pattern=ball ! "
    "video/x-raw,format=I420,width=320,height=240,framerate=30/1 ! appsink name=out sync=false";
constexpr char kAudio[] =
    "audiotestsrc is-live=true samplesperbuffer=480 ! "
    "audio/x-raw,format=S16LE,rate=48000,channels=1 ! appsink name=out sync=false";

// What one end saw.
struct Seen {
    bool verified = false;
    bool left = false;
    int first_audio = 0, first_video = 0;
    std::vector<std::string> texts;
    std::optional<Failure> failure;
    std::vector<Candidate> early;  // the other end was not there yet
};

class EndpointTest : public testing::Test {
protected:
    EndpointTest() { gst_init(nullptr, nullptr); }
    void TearDown() override { close_all(); }

    void close_all()
    {
        close(caller_);
        close(callee_);
        caller_saw_ = callee_saw_ = {};
    }

    void close(std::unique_ptr<Endpoint> &endpoint,
               Endpoint::Farewell farewell = Endpoint::Farewell::None)
    {
        if (!endpoint)
            return;
        sources_.erase(endpoint.get());
        bool closed = false;
        endpoint->close(farewell, std::chrono::seconds(5), [&closed](bool in_time) {
            EXPECT_TRUE(in_time);
            closed = true;
        });
        EXPECT_TRUE(run_until([&] { return closed; }));
        endpoint.reset();
    }

    static Endpoint::Handlers handlers(Seen &seen, std::unique_ptr<Endpoint> &other)
    {
        Endpoint::Handlers handlers;
        handlers.candidate = [&seen, &other](const Candidate &candidate) {
            if (other)
                other->add_candidate(candidate);
            else
                seen.early.push_back(candidate);
        };
        handlers.ice_state = [](const std::string &) {};
        handlers.dtls_state = [](const std::string &) {};
        handlers.verified = [&seen] { seen.verified = true; };
        handlers.failed = [&seen](const Failure &failure) { seen.failure = failure; };
        handlers.left = [&seen] { seen.left = true; };
        handlers.text = [&seen](const std::string &text) { seen.texts.push_back(text); };
        handlers.first_packet = [](Medium) {};
        handlers.first_frame = [&seen](Medium medium) {
            ++(medium == Medium::Audio ? seen.first_audio : seen.first_video);
        };
        return handlers;
    }

    void make(std::unique_ptr<Endpoint> &endpoint, Seen &seen, std::unique_ptr<Endpoint> &other,
              const std::vector<VideoCodec> &codecs)
    {
        Endpoint::Config config;
        config.video_codecs = codecs;
        if (&endpoint == &caller_)
            config.certificate = certificate_;
        auto made = Endpoint::make(config, timeline_, pipelines_, handlers(seen, other));
        ASSERT_TRUE(made) << made.error();
        endpoint = std::move(*made);
    }

    void feed(Endpoint &endpoint)
    {
        for (const auto &[medium, description] :
             {std::pair{Medium::Video, kVideo}, {Medium::Audio, kAudio}})
            sources_[&endpoint].push_back(std::make_unique<TestSource>(
                timeline_, description, [&endpoint, medium = medium](GstSample *sample) {
                    endpoint.feed(medium, sample);
                }));
    }

    // Both ends up to the answer's acceptance; `bend` may change the offer on its way.
    using Bend = std::function<std::string(const std::string &)>;
    void call(
        const std::vector<VideoCodec> &caller, const std::vector<VideoCodec> &callee,
        const Bend &bend = [](const std::string &text) { return text; })
    {
        answer_error_ = "not answered";
        accept_error_ = "not accepted";
        make(caller_, caller_saw_, callee_, caller);
        caller_->offer([this, callee, bend](Result<Sdp> offer) {
            ASSERT_TRUE(offer) << offer.error();
            offer->sdp = bend(offer->sdp);
            make(callee_, callee_saw_, caller_, callee);
            callee_->answer(*offer, [this](const Result<Sdp> &answer) { answered(answer); });
        });
    }

    void answered(const Result<Sdp> &answer)
    {
        answer_error_ = answer ? "" : answer.error();
        if (!answer)
            return;
        feed(*callee_);
        caller_->accept(*answer, [this](const Status &accepted) {
            accept_error_ = accepted ? "" : accepted.error();
            feed(*caller_);
        });
        for (const auto &candidate : caller_saw_.early)
            callee_->add_candidate(candidate);
    }

    bool media_both_ways() const
    {
        return caller_saw_.first_audio && caller_saw_.first_video && callee_saw_.first_audio &&
               callee_saw_.first_video;
    }

    std::string errors() const { return answer_error_ + " / " + accept_error_; }

    Timeline timeline_;
    Pipelines pipelines_;
    Seen caller_saw_, callee_saw_;
    std::unique_ptr<Endpoint> caller_, callee_;
    std::map<const Endpoint *, std::vector<std::unique_ptr<TestSource>>> sources_;
    std::string certificate_;  // the caller's
    std::string answer_error_, accept_error_;
};

TEST_F(EndpointTest, CarriesSoundAndPictureBothWays)
{
    call({VideoCodec::Vp8, VideoCodec::H264, VideoCodec::Vp9}, {VideoCodec::Vp8});
    EXPECT_TRUE(run_until([this] { return media_both_ways(); })) << errors();
    EXPECT_TRUE(caller_saw_.verified && callee_saw_.verified);
    EXPECT_EQ(caller_->negotiated().video->codec, "VP8");
    EXPECT_EQ(caller_->negotiated().video->direction, sdp::Direction::SendRecv);
    const auto stats = caller_->stats();
    EXPECT_EQ(stats.inbound.size(), 2U);
    EXPECT_EQ(stats.outbound.size(), 2U);
    ASSERT_TRUE(stats.pair);
    EXPECT_EQ(stats.pair->local.type, "host");
}

TEST_F(EndpointTest, ShowsACertificateOfItsOwnWhereItIsGivenOne)
{
    std::vector<std::string> offers;
    const auto note = [&offers](const std::string &offer) {
        offers.push_back(offer);
        return offer;
    };
    const auto made = make_certificate();
    ASSERT_TRUE(made) << made.error();
    certificate_ = *made;
    call({VideoCodec::Vp8}, {VideoCodec::Vp8}, note);
    EXPECT_TRUE(run_until([this] { return media_both_ways(); })) << errors();
    ASSERT_EQ(offers.size(), 1U);
    EXPECT_NE(offers[0].find(certificate_digest(certificate_, "sha-256")), std::string::npos);
}

TEST_F(EndpointTest, TheCalleesCodecDecidesAmongTheOffered)
{
    for (const auto codec : {VideoCodec::H264, VideoCodec::Vp9}) {
        call({VideoCodec::Vp8, VideoCodec::H264, VideoCodec::Vp9}, {codec});
        EXPECT_TRUE(run_until([this] { return media_both_ways(); })) << name(codec) << errors();
        EXPECT_EQ(caller_->negotiated().video->codec, name(codec));
        close_all();
    }
}

TEST_F(EndpointTest, WithoutACommonCodecTheAnswerSaysSo)
{
    call({VideoCodec::Vp8}, {VideoCodec::H264});
    EXPECT_TRUE(run_until([this] { return answer_error_ != "not answered"; }));
    EXPECT_NE(answer_error_.find("H264"), std::string::npos) << answer_error_;
}

TEST_F(EndpointTest, AnotherCertificateThanThePromisedOneIsRefusedBeforeAnyFrame)
{
    call({VideoCodec::Vp8}, {VideoCodec::Vp8}, [](const std::string &promised) {
        auto text = promised;
        const std::string mark = "fingerprint:sha-256 ";
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
            char &digit = text[at + mark.size()];
            digit = digit == 'A' ? 'B' : 'A';
        }
        return text;
    });
    EXPECT_TRUE(run_until([this] { return callee_saw_.failure.has_value(); })) << errors();
    EXPECT_EQ(callee_saw_.failure->exit, Exit::Dtls) << callee_saw_.failure->reason;
    EXPECT_EQ(callee_saw_.first_video + callee_saw_.first_audio, 0);
    EXPECT_EQ(callee_->stats().outbound.at(0).packets_sent, 0U);
}

TEST_F(EndpointTest, TextsGoBothWaysInTheirOrder)
{
    call({VideoCodec::Vp8}, {VideoCodec::Vp8});
    EXPECT_FALSE(caller_->say("too early"));
    ASSERT_TRUE(run_until([this] { return media_both_ways(); })) << errors();
    const auto look = glib::every(std::chrono::milliseconds(5), [] {});
    // The channel opens a little behind the media.
    bool caller_said = false, callee_said = false;
    ASSERT_TRUE(run_until([&] {
        caller_said = caller_said || caller_->say("first");
        callee_said = callee_said || callee_->say("Grüße");
        return caller_said && callee_said;
    }));
    EXPECT_TRUE(caller_->say("second"));
    EXPECT_TRUE(caller_->say(std::string(20'000, 'x')));
    EXPECT_TRUE(run_until(
        [this] { return callee_saw_.texts.size() == 3 && caller_saw_.texts.size() == 1; }));
    EXPECT_EQ(callee_saw_.texts,
              (std::vector<std::string>{"first", "second", std::string(16'000, 'x')}));
    EXPECT_EQ(caller_saw_.texts, std::vector<std::string>{"Grüße"});
}

TEST_F(EndpointTest, AKeyframeComesWhenItIsAskedFor)
{
    call({VideoCodec::Vp8}, {VideoCodec::Vp8});
    ASSERT_TRUE(run_until([this] { return media_both_ways(); })) << errors();
    const auto look = glib::every(std::chrono::milliseconds(5), [] {});
    const auto keyframes = [this] {
        for (const auto &stream : callee_->stats().inbound)
            if (stream.kind == Medium::Video)
                return stream.key_frames_decoded;
        return std::uint64_t{0};
    };
    auto before = keyframes();
    caller_->send_keyframe();
    EXPECT_TRUE(run_until([&] { return keyframes() > before; }));
    before = keyframes();
    callee_->request_keyframe();
    EXPECT_TRUE(run_until([&] { return keyframes() > before; }));
}

// What GStreamer says of its sessions' sources, instead of where it says it.
class SourceLog {
public:
    SourceLog()
    {
        // In parentheses: not the macros, which compare functions with objects. Null: the default.
        (gst_debug_remove_log_function)(nullptr);
        (gst_debug_add_log_function)(log, this, nullptr);
        gst_debug_set_threshold_for_name("rtpsource", GST_LEVEL_DEBUG);
    }
    ~SourceLog()
    {
        gst_debug_unset_threshold_for_name("rtpsource");
        gst_debug_remove_log_function_by_data(this);
        (gst_debug_add_log_function)(nullptr, nullptr, nullptr);
    }
    SourceLog(const SourceLog &) = delete;
    SourceLog &operator=(const SourceLog &) = delete;

    int sender_reports() const { return sender_reports_; }
    int asked() const { return asked_; }  // for a clock rate

private:
    static void log(GstDebugCategory *category, GstDebugLevel, const gchar *, const gchar *, gint,
                    GObject *, GstDebugMessage *message, gpointer data) noexcept
    {
        auto *self = static_cast<SourceLog *>(data);
        const std::string_view text = gst_debug_message_get(message);
        if (gst_debug_category_get_name(category) != std::string_view("rtpsource"))
            return;
        self->sender_reports_ += text.starts_with("NTP ") ? 1 : 0;
        self->asked_ += text.starts_with("no clock-rate") ? 1 : 0;
    }

    std::atomic<int> sender_reports_{0}, asked_{0};
};

// It would do so without its lock, in the middle of its table of sources.
TEST_F(EndpointTest, SessionsKnowTheClockRatesOfWhatIsSent)
{
    const SourceLog log;
    call({VideoCodec::Vp8}, {VideoCodec::Vp8});
    const auto reported = [](const std::unique_ptr<Endpoint> &endpoint) {
        const auto &reports = endpoint->stats().remote_inbound;
        return reports.size() == 2 && reports[0].round_trip_time && reports[1].round_trip_time;
    };
    EXPECT_TRUE(run_until([&] {
        return media_both_ways() && reported(caller_) && reported(callee_);
    })) << errors();
    EXPECT_GE(log.sender_reports(), 4);
    EXPECT_EQ(log.asked(), 0);
}

// There is no signaling here: the media path alone tells.
TEST_F(EndpointTest, AGoodbyeReachesThePeer)
{
    call({VideoCodec::Vp8}, {VideoCodec::Vp8});
    ASSERT_TRUE(run_until([this] { return media_both_ways(); })) << errors();
    EXPECT_FALSE(callee_saw_.left);
    close(caller_, Endpoint::Farewell::Goodbye);
    EXPECT_TRUE(run_until([this] { return callee_saw_.left; }));
    EXPECT_FALSE(callee_saw_.failure) << callee_saw_.failure->reason;
}

}  // namespace
}  // namespace callagent::media
