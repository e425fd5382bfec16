#include "media/pipelines.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/media/support.h"

namespace callagent::media {
namespace {

// How many pads of that direction a bin has open.
int pads(GstElement *bin, GstPadDirection direction)
{
    int count = 0;
    GST_OBJECT_LOCK(bin);
    for (auto *at = GST_ELEMENT_PADS(bin); at; at = at->next)
        count += GST_PAD_DIRECTION(static_cast<GstPad *>(at->data)) == direction;
    GST_OBJECT_UNLOCK(bin);
    return count;
}

class PipelinesTest : public testing::Test {
protected:
    void write(const std::string &chain, const std::string &text)
    {
        const std::filesystem::path path = folder / (chain + ".launch");
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }

    Folder folder;
    Pipelines mine{folder / "."};
};

std::string test_name(const testing::TestParamInfo<std::string> &chain)
{
    auto name = chain.param;
    for (char &c : name)
        if (!g_ascii_isalnum(c))
            c = '_';
    return name;
}

// A file is tested by being there.
class EveryPipeline : public testing::TestWithParam<std::string> {};

std::vector<std::string> all_chains()
{
    std::vector<std::string> chains;
    const Pipelines pipelines;
    for (const char *stage : {"source", "convert", "encode", "decode", "sink"})
        for (const auto &name : pipelines.list(stage))
            chains.push_back(std::string(stage) + "/" + name);
    return chains;
}

TEST_P(EveryPipeline, FillsWithItsDefaultsAndHasThePadsOfItsStage)
{
    const auto chain = Pipelines().make(GetParam(), {});
    ASSERT_TRUE(chain) << chain.error();
    const auto stage = GetParam().substr(0, GetParam().find('/'));
    const bool decodes = GetParam() == "source/file";  // its outputs come while it runs
    EXPECT_EQ(pads(chain->get(), GST_PAD_SINK), stage == "source" ? 0 : 1);
    EXPECT_EQ(pads(chain->get(), GST_PAD_SRC), stage == "sink" || decodes ? 0 : 1);
}

INSTANTIATE_TEST_SUITE_P(Files, EveryPipeline, testing::ValuesIn(all_chains()), test_name);

// All but those that need a device or a file.
class EverySource : public testing::TestWithParam<std::string> {};

std::vector<std::string> all_sources()
{
    std::vector<std::string> sources;
    for (const auto &name : Pipelines().list("source"))
        if (!name.starts_with("camera") && !name.starts_with("microphone") && name != "file")
            sources.push_back(name);
    return sources;
}

TEST_P(EverySource, GivesTenBuffers)
{
    auto chain = Pipelines().make("source/" + GetParam(), {});
    ASSERT_TRUE(chain) << chain.error();
    const auto pipeline = glib::sink(gst_pipeline_new(nullptr));
    auto *sink = gst_element_factory_make("fakesink", nullptr);
    g_object_set(sink, "num-buffers", 10, nullptr);
    gst_bin_add_many(GST_BIN(pipeline.get()), chain->get(), sink, nullptr);
    ASSERT_TRUE(gst_element_link(chain->get(), sink));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const auto bus = glib::adopt(gst_element_get_bus(pipeline.get()));
    const auto message = glib::adopt(gst_bus_timed_pop_filtered(
        bus.get(), 10 * GST_SECOND,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    ASSERT_TRUE(message);
    EXPECT_EQ(GST_MESSAGE_TYPE(message.get()), GST_MESSAGE_EOS);
}

INSTANTIATE_TEST_SUITE_P(Files, EverySource, testing::ValuesIn(all_sources()), test_name);

TEST_F(PipelinesTest, ADirectoryGivenComesBeforeTheOthers)
{
    write("sink/video-none", "# ours\nfakesink name=mine\n");
    EXPECT_EQ(*mine.text("sink/video-none", {}), "fakesink name=mine");
    EXPECT_TRUE(mine.find("sink/audio-none")) << "the others are still found";
    write("sink/zebra", "fakesink");
    const auto names = mine.list("sink");
    EXPECT_NE(std::find(names.begin(), names.end(), "zebra"), names.end());
    EXPECT_NE(std::find(names.begin(), names.end(), "audio-auto"), names.end());
}

TEST_F(PipelinesTest, WhatIsNotFoundIsNamedWithWhatThereIs)
{
    const auto found = mine.find("source/nonsense");
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().find("source/nonsense"), std::string::npos) << found.error();
    EXPECT_NE(found.error().find("video-test"), std::string::npos) << found.error();
    for (const char *bad :
         {"../../etc/passwd", "source/../x", "source", "/x", "source/", "a/b/c", ""})
        EXPECT_FALSE(mine.find(bad)) << bad;
}

TEST_F(PipelinesTest, ABrokenFileIsNamedWithWhatGStreamerSaysAndThePackage)
{
    write("source/broken", "videotestsrc ! ! fakesink");
    auto chain = mine.make("source/broken", {});
    ASSERT_FALSE(chain);
    EXPECT_NE(chain.error().find("source/broken.launch: "), std::string::npos) << chain.error();

    write("source/missing", "x264nonsense ! identity");
    chain = mine.make("source/missing", {});
    ASSERT_FALSE(chain);
    EXPECT_NE(chain.error().find("\"x264nonsense\""), std::string::npos) << chain.error();
    EXPECT_NE(chain.error().find("gstreamer1.0-plugins-ugly"), std::string::npos) << chain.error();

    write("source/property", "videotestsrc nonsense=1");
    chain = mine.make("source/property", {});
    ASSERT_FALSE(chain);
    EXPECT_NE(chain.error().find("nonsense"), std::string::npos) << chain.error();

    write("source/empty", "# nothing\n");
    EXPECT_FALSE(mine.make("source/empty", {}));
    write("source/binary", std::string("\0\1\2\xff", 4));
    EXPECT_FALSE(mine.make("source/binary", {}));
    write("source/huge", std::string(1 << 20, 'a'));
    EXPECT_FALSE(mine.make("source/huge", {}));
}

// GStreamer itself says what it makes of a quoted value.
TEST_F(PipelinesTest, ValuesArriveAsTheyAreAndAddNoElements)
{
    write("source/value", "# $(value) text = x\nfilesrc name=reader location=$(value) ! identity");
    for (const std::string value :
         {"a b", "a ! fakesink name=evil", "x\\y", "\\\\ ! ", "\\ ", "a'b", "a\"b",
          "{ } ( ) [ ] ; , = : $(x)", "ümläut", " leading", "trailing ", "#hash", "a.b!c",
          "/tmp/it's \"here\" ! & there"}) {
        const auto chain = mine.make("source/value", {{"value", value}});
        ASSERT_TRUE(chain) << value << ": " << chain.error();
        EXPECT_EQ(GST_BIN_NUMCHILDREN(chain->get()), 2) << value;
        const auto reader = glib::adopt(gst_bin_get_by_name(GST_BIN(chain->get()), "reader"));
        char *location = nullptr;
        g_object_get(reader.get(), "location", &location, nullptr);
        const auto owned = glib::adopt(location);
        EXPECT_STREQ(location, value.c_str());
    }
    write("source/caps", "# $(f) format = I420\nvideotestsrc ! video/x-raw,format=$(f) ! identity");
    for (const std::string value :
         {"I420 ! fakesink name=evil ! video/x-raw", "I420;video/x-raw ! fakesink"}) {
        const auto chain = mine.make("source/caps", {{"f", value}});
        EXPECT_TRUE(!chain || GST_BIN_NUMCHILDREN(chain->get()) <= 3) << value;
    }
}

TEST_F(PipelinesTest, AFragmentMayBeginAndEndWithBareCaps)
{
    const auto fragment =
        make_fragment("--video", "video/x-raw,width=320 ! identity ! video/x-raw, format=I420");
    ASSERT_TRUE(fragment) << fragment.error();
    EXPECT_EQ(pads(fragment->get(), GST_PAD_SINK), 1);
    EXPECT_EQ(pads(fragment->get(), GST_PAD_SRC), 1);
    const auto broken = make_fragment("--video", "videotestsrc ! nonsense");
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().find("--video 'videotestsrc ! nonsense'"), std::string::npos);
}

}  // namespace
}  // namespace callagent::media
