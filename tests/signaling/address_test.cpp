#include "signaling/address.h"

#include "tests/signaling/testing.h"

namespace callagent::signaling {

TEST(AddressTest, SocketIoListensBelowThePathAndPlainWebSocketAtIt)
{
    const auto asked = [](const char *url) {
        const auto address = parse_address(url);
        return address ? std::string(glib::adopt(g_uri_to_string(address->uri.get())).get())
                       : address.error();
    };
    const std::string query = "?EIO=4&transport=websocket";
    EXPECT_EQ(asked("http://localhost:3000"), "http://localhost:3000/socket.io/" + query);
    EXPECT_EQ(asked("http://localhost:3000/"), "http://localhost:3000/socket.io/" + query);
    EXPECT_EQ(asked("https://h/calls/"), "https://h/calls/socket.io/" + query);
    EXPECT_EQ(asked("https://h/socket.io/"), "https://h/socket.io/" + query);
    EXPECT_EQ(asked("http://h/?token=a%26b"),
              "http://h/socket.io/?token=a%26b&EIO=4&transport=websocket");
    EXPECT_EQ(asked("ws://h:8080"), "http://h:8080/");
    EXPECT_EQ(asked("wss://[::1]/a/b?c=d#e"), "https://[::1]/a/b?c=d");
    EXPECT_EQ(asked("HTTP://Example.org"), "http://Example.org/socket.io/" + query);
}

TEST(AddressTest, WhatIsShownHoldsNoSecrets)
{
    EXPECT_EQ(parse_address("http://me:pass@host:3000/?token=x")->shown, "http://host:3000");
    EXPECT_EQ(parse_address("wss://host/ws?token=x")->shown, "wss://host/ws");
    EXPECT_EQ(parse_address("http://[::1]:3000")->shown, "http://[::1]:3000");
}

TEST(AddressTest, WhatIsNoUrlIsRefusedWithAnExample)
{
    for (const auto *url :
         {"", "localhost:3000", "3000", "ftp://host", "http://", "http://host:99999",
          "http://host:x", "http://ho st", "//host", "http://host:0", "ws:host"}) {
        const auto channel = make_client({url, "", false, "", ""});
        ASSERT_FALSE(channel) << url;
        EXPECT_NE(channel.error().find("write for example http://"), std::string::npos)
            << channel.error();
        EXPECT_EQ(channel.error().find('\n'), std::string::npos);
    }
}

TEST(AddressTest, ANumberIsAskedForInTheQuery)
{
    const auto address = parse_address("ws://h/ws");
    const auto uri = with_number(address->uri.get(), "12&3");
    EXPECT_STREQ(g_uri_get_query(uri.get()), "number=12%263");
}

}  // namespace callagent::signaling
