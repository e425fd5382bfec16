#include "doctor.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gst/gst.h>
#include <gtest/gtest.h>

namespace callagent {
namespace {

Findings healthy()
{
    Findings findings;
    findings.version = "GStreamer 1.22.0";
    findings.has_element = [](const char *) { return true; };
    findings.devices.cameras.resize(2);
    findings.devices.microphones.resize(1);
    findings.devices.speakers.resize(1);
    findings.devices.sound_server = findings.devices.display = true;
    findings.servers = {{"stun://h:3478", true, "sees us as 192.0.2.1:1 (after 12 ms)"}};
    return findings;
}

Findings without(const std::set<std::string> &elements)
{
    auto findings = healthy();
    findings.has_element = [elements](const char *name) { return !elements.contains(name); };
    return findings;
}

bool contains(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

// The first words of a chain's parts; "name=value" and caps are none.
std::set<std::string> elements_of(const std::filesystem::path &file)
{
    std::ifstream lines(file);
    std::string line, word;
    std::set<std::string> elements;
    bool begins = true;
    while (std::getline(lines, line)) {
        if (line.starts_with('#'))
            continue;
        std::istringstream words(line);
        while (words >> word) {
            if (begins && word.find_first_of("=/.") == std::string::npos)
                elements.insert(word);
            begins = word == "!";
        }
    }
    return elements;
}

}  // namespace

TEST(DoctorTest, AHealthyMachine)
{
    const auto diagnosis = diagnose(healthy());
    EXPECT_TRUE(diagnosis.headless);
    EXPECT_FALSE(contains(diagnosis.text, "missing  ")) << diagnosis.text;
    EXPECT_TRUE(contains(diagnosis.text, "ok       a camera         2 found")) << diagnosis.text;
    EXPECT_TRUE(contains(diagnosis.text, "Headless calls can work here"));
}

TEST(DoctorTest, MissingElementsAreNamedWithTheirPackages)
{
    const auto diagnosis = diagnose(without({"webrtcbin", "dtlsdec", "nicesrc"}));
    EXPECT_FALSE(diagnosis.headless);
    EXPECT_TRUE(contains(diagnosis.text, "missing  calls")) << diagnosis.text;
    EXPECT_TRUE(contains(diagnosis.text,
                         "nicesrc, webrtcbin, dtlsdec: apt install gstreamer1.0-nice "
                         "gstreamer1.0-plugins-bad\n"))
        << diagnosis.text;
    EXPECT_TRUE(contains(diagnosis.text, "No call can work here"));
}

TEST(DoctorTest, ACodecOfThreeMayBeMissing)
{
    const auto diagnosis = diagnose(without({"x264enc"}));
    EXPECT_TRUE(diagnosis.headless);
    EXPECT_TRUE(contains(
        diagnosis.text, "missing  H264             x264enc: apt install gstreamer1.0-plugins-ugly"))
        << diagnosis.text;
}

TEST(DoctorTest, AMachineWithoutDevicesStillCallsHeadless)
{
    auto findings = healthy();
    findings.devices = {};
    findings.servers = {{"stun://h:3478", false, "no answer (after 2000 ms)"}};
    const auto diagnosis = diagnose(findings);
    EXPECT_TRUE(diagnosis.headless);
    for (const char *part :
         {"missing  a camera", "missing  a sound server", "missing  a microphone",
          "missing  a loudspeaker", "missing  a display", "missing  stun://h:3478",
          "use --video test", "--stun none"})
        EXPECT_TRUE(contains(diagnosis.text, part)) << part << "\n" << diagnosis.text;
}

TEST(DoctorTest, MissingPipelineFilesAreFatal)
{
    auto findings = healthy();
    findings.missing_pipelines = {"no encode/vp8.launch in /nowhere"};
    const auto diagnosis = diagnose(findings);
    EXPECT_FALSE(diagnosis.headless);
    EXPECT_TRUE(contains(diagnosis.text, "no encode/vp8.launch in /nowhere"));
}

TEST(DoctorTest, AsksForEveryElementOfThePipelineFiles)
{
    std::set<std::string> asked;
    auto findings = healthy();
    findings.has_element = [&](const char *name) { return asked.insert(name), true; };
    diagnose(findings);

    int files = 0;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(PIPELINES)) {
        if (entry.path().extension() != ".launch")
            continue;
        ++files;
        for (const auto &element : elements_of(entry.path()))
            EXPECT_TRUE(asked.contains(element)) << element << " of " << entry.path();
    }
    EXPECT_GT(files, 10);
}

TEST(DoctorTest, ThisMachine)
{
    gst_init(nullptr, nullptr);
    Options options;
    options.stun.clear();
    const auto findings = examine(options, {});
    EXPECT_TRUE(findings.has_element("webrtcbin"));
    EXPECT_FALSE(findings.has_element("webrtcbinn"));
    EXPECT_TRUE(findings.missing_pipelines.empty());
    EXPECT_TRUE(findings.servers.empty());
    const auto diagnosis = diagnose(findings);
    EXPECT_TRUE(diagnosis.headless) << diagnosis.text;

    options.pipelines = "/nonexistent";  // the others are found all the same
    EXPECT_TRUE(examine(options, {}).missing_pipelines.empty());
}

}  // namespace callagent
