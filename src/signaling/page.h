// The page that the relay serves: src/web/, compiled into the program. Nothing else is served.
#pragma once

#include <string_view>

#include "signaling/soup.h"

namespace callagent::signaling {

// Is this one of the page's files? "/" is the page itself.
bool is_page(std::string_view path);
inline bool is_page_itself(std::string_view path)
{
    return path == "/" || path == "/index.html";
}

// Answers a request for a file of the page, with headers that let it load nothing from elsewhere.
void serve_page(SoupServerMessage *message);

}  // namespace callagent::signaling
