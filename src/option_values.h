// What may stand behind an option: text → value, or the sentence that says what is wrong with it.
// The sentence begins with the value and ends with what to write instead; who reads it knows the
// option.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/media.h"
#include "core/result.h"
#include "core/simulated_link.h"
#include "options.h"

namespace callagent::option {

Result<bool> boolean(const std::string &text);  // true/false, yes/no, on/off, 1/0
Result<int> integer(const std::string &text, int min, int max);
Result<std::chrono::milliseconds> seconds(const std::string &text, double min, double max);
Result<int> bitrate(const std::string &text, int min, int max);  // bit/s; "1500k", "1.5M"
Result<PlayoutRange> playout_range(const std::string &text);     // auto, MS or MIN-MAX
Result<BitrateRange> bitrate_range(const std::string &text);     // MAX or MIN-START-MAX
Result<std::pair<int, int>> size(const std::string &text);       // "640x480"
Result<std::pair<std::uint16_t, std::uint16_t>> port_range(const std::string &text);  // "A-B"
Result<std::string> number(const std::string &text);   // a telephone number
Result<std::string> address(const std::string &text);  // IPv4 or IPv6
Result<std::string> token(const std::string &text);
Result<std::string> token_in_file(const std::string &path);   // its first line
Result<std::string> secret_in_file(const std::string &path);  // likewise
Result<std::vector<VideoCodec>> video_codecs(const std::string &text);
Result<std::string> source(const std::string &text, Medium medium);
Result<std::string> sink(const std::string &text);

// A path that ends with one of the extensions (regardless of case).
Result<std::string> path(const std::string &text, const std::vector<std::string_view> &extensions);
bool has_extension(std::string_view path, std::string_view extension);

// "NAME=VALUE" into one of the limits.
Result<Done> limit(const std::string &text, Limits &limits);

// KEY=VALUE,…: loss, delay, jitter, rate and queue, of both directions or behind in. or out., and
// seed.
Result<Simulation> simulation(const std::string &text);

// An expression, or the lines of @FILE (empty ones and those with # are none), added to the others.
Result<Done> expectations(const std::string &text, std::vector<Expectation> &all);

Result<Listen> listen(const std::string &text);       // PORT, :PORT, HOST:PORT, [IPV6]:PORT
Result<std::string> origin(const std::string &text);  // "https://example.org", or "*"
Result<std::string> signaling_url(const std::string &text);
Result<std::string> stun_uri(const std::string &text);  // "none" becomes empty; port filled in
Result<std::string> turn_uri(const std::string &text);  // escaped as webrtcbin wants it

}  // namespace callagent::option
