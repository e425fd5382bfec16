// Windows of an X display, as a window manager deals with them.
#pragma once

#include <string>

namespace callagent::media {

// Titles are told by how they begin.
bool has_window(const std::string &title);

// What a window manager sends when the user closes the window of that title. False: none is shown.
// GStreamer's GL windows exist before they heed it, and one that was told to close by then never
// does any more.
bool close_window(const std::string &title);

}  // namespace callagent::media
