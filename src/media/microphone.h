// The sound server moves a stream whose microphone was removed to another source, silently, even to
// what a loudspeaker plays, which the peer then hears as its own echo. Somebody has to say so.
#pragma once

#include <functional>
#include <string>

#include "glib/ptr.h"
#include "media/timeline.h"

namespace callagent::media {

// Calls `moved` on the main loop with the name of the source that we are on now, each time that it
// is another than before. `pipeline` has the element named "source" of source/microphone; where it
// has none (a user's own file), nothing happens. Until the connection goes.
glib::Connection watch_microphone(GstElement *pipeline,
                                  std::function<void(const std::string &)> moved);

// The sentence for it.
std::string moved_sentence(const std::string &to);

}  // namespace callagent::media
