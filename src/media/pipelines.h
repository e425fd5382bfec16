// Pipeline files: gst-launch text with $(name) placeholders, found at run time, so that a user can
// replace every capture, encode, decode and sink chain without compiling.
//
// A chain is named by its stage and name ("encode/vp8") and lies in <dir>/<stage>/<name>.launch.
// Lines that begin with # are comments. The placeholders and their defaults stand in the header:
//
//     # encode/vp8: raw video in, RTP out.
//     # $(bitrate) bit/s = 500000
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "media/timeline.h"

namespace callagent::media {

using Values = std::map<std::string, std::string>;

class Pipelines {
public:
    // `extra`: --pipelines, or empty. Searched, first hit wins: extra, $CALLAGENT_PIPELINES,
    // $XDG_DATA_HOME/callagent/pipelines, the XDG data directories, the installed directory, beside
    // the program.
    explicit Pipelines(std::string extra = {});

    // Where "encode/vp8" is read from; the error lists where it was looked for and what there is.
    Result<std::string> find(const std::string &chain) const;

    // The names there are in a stage, sorted.
    std::vector<std::string> list(const std::string &stage) const;

    // The text with its placeholders filled. An unknown or unfilled placeholder is an error with
    // file and line. Values are quoted: they cannot add elements.
    Result<std::string> text(const std::string &chain, const Values &values) const;

    // A bin with one ghost pad for each unlinked pad. `name`: the bin's name in messages.
    Result<glib::Ptr<GstElement>> make(const std::string &chain, const Values &values) const;

private:
    std::vector<std::string> directories_;
};

// The same from a gst-launch fragment that a user gave (contains " ! "). `what` names it in the
// error.
Result<glib::Ptr<GstElement>> make_fragment(const std::string &what, const std::string &text);

}  // namespace callagent::media
