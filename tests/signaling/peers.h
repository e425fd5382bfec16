// Peers and servers that do not behave, for the tests of signaling.
#pragma once

#include "tests/signaling/testing.h"

namespace callagent::signaling {

// A WebSocket that says exactly what it is told to.
struct Raw {
    explicit Raw(const std::string &url, const std::string &token = "")
    {
        session = glib::adopt(soup_session_new());
        const auto message = glib::adopt(soup_message_new("GET", url.c_str()));
        if (!token.empty())
            soup_message_headers_append(soup_message_get_request_headers(message.get()),
                                        "Authorization", ("Bearer " + token).c_str());
        soup_session_websocket_connect_async(
            session.get(), message.get(), nullptr, nullptr, G_PRIORITY_DEFAULT, nullptr,
            [](GObject *object, GAsyncResult *result, gpointer data) {
                auto connection = glib::adopt(
                    soup_session_websocket_connect_finish(SOUP_SESSION(object), result, nullptr));
                const std::unique_ptr<std::weak_ptr<Raw *>> self(
                    static_cast<std::weak_ptr<Raw *> *>(data));
                if (const auto there = self->lock())  // it may have given up
                    (*there)->opened(std::move(connection));
            },
            new std::weak_ptr<Raw *>(self));
        run_until([this] { return finished; });
        status = soup_message_get_status(message.get());
    }
    Raw(const Raw &) = delete;
    Raw &operator=(const Raw &) = delete;

    void opened(glib::Ptr<SoupWebsocketConnection> c)
    {
        finished = true;
        if (!c)
            return;
        connection = glib::retain(c.get());
        WebSocket::Handlers handlers;
        handlers.text = [this](std::string_view text) { texts.emplace_back(text); };
        handlers.closed = [this](const std::string &) { closed = true; };
        socket = std::make_unique<WebSocket>(std::move(c), 64 * 1024 * 1024, std::move(handlers));
    }

    void say(const std::string &text) const { socket->send(text); }

    // The next text that comes; empty: none within the time.
    std::string next(std::chrono::milliseconds limit = std::chrono::seconds(10))
    {
        if (!run_until([this] { return taken < texts.size(); }, limit))
            return "";
        return texts[taken++];
    }

    // Skips what comes before a text that begins like this.
    std::string next_like(const std::string &beginning)
    {
        for (;;)
            if (auto text = next(); text.empty() || text.starts_with(beginning))
                return text;
    }

    std::shared_ptr<Raw *> self = std::make_shared<Raw *>(this);
    bool finished = false;
    bool closed = false;
    unsigned status = 0;
    std::vector<std::string> texts;
    std::size_t taken = 0;
    glib::Ptr<SoupSession> session;
    glib::Ptr<SoupWebsocketConnection> connection;
    std::unique_ptr<WebSocket> socket;
};

// A TCP connection that the test writes bytes to; the relay in the same process answers meanwhile.
struct Tcp {
    explicit Tcp(int port)
    {
        const auto client = g_socket_client_new();
        connection = glib::adopt(g_socket_client_connect_to_host(
            client, "127.0.0.1", static_cast<guint16>(port), nullptr, nullptr));
        g_object_unref(client);
        EXPECT_TRUE(connection);
        socket = g_socket_connection_get_socket(connection.get());
        g_socket_set_blocking(socket, FALSE);
    }

    // Everything, or until the other side hangs up (false).
    bool write(std::string_view bytes) const
    {
        while (!bytes.empty()) {
            GError *raw = nullptr;
            const auto sent = g_socket_send(socket, bytes.data(), bytes.size(), nullptr, &raw);
            const auto error = glib::adopt(raw);
            if (error && error->code != G_IO_ERROR_WOULD_BLOCK)
                return false;
            if (sent > 0)
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            else
                run_for(std::chrono::milliseconds(1));
        }
        return true;
    }

    // What has come so far.
    const std::string &read()
    {
        char buffer[65536];
        for (;;) {
            const auto got = g_socket_receive(socket, buffer, sizeof buffer, nullptr, nullptr);
            if (got <= 0) {
                gone = gone || got == 0;
                return received;
            }
            received.append(buffer, static_cast<std::size_t>(got));
        }
    }

    bool hung_up()
    {
        return run_until([this] {
            read();
            return gone || !g_socket_is_connected(socket) ||
                   (g_socket_condition_check(socket, G_IO_HUP) & G_IO_HUP);
        });
    }

    // Becomes a WebSocket.
    void upgrade(const std::string &path)
    {
        write("GET " + path +
              " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
        run_until([this] { return read().find("\r\n\r\n") != std::string::npos; });
        EXPECT_NE(received.find(" 101 "), std::string::npos) << received;
    }

    // A frame as a client sends it, masked with zeros (RFC 6455, section 5.2).
    static std::string frame(int opcode, std::string_view payload, bool final = true)
    {
        std::string bytes;
        const auto put = [&bytes](std::size_t value) { bytes += static_cast<char>(value & 0xFF); };
        put(static_cast<std::size_t>(opcode) | (final ? 0x80U : 0U));
        if (payload.size() < 126) {
            put(0x80 | payload.size());
        } else {
            put(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8)
                put(payload.size() >> shift);
        }
        return bytes + std::string(4, '\0') + std::string(payload);
    }

    glib::Ptr<GSocketConnection> connection;
    GSocket *socket = nullptr;
    std::string received;
    bool gone = false;
};

// A TCP server that does with each connection what it is told.
class Listening {
public:
    explicit Listening(std::string answer, bool hang_up = true)
        : answer_(std::move(answer)), hang_up_(hang_up), service_(g_socket_service_new())
    {
        port_ = g_socket_listener_add_any_inet_port(G_SOCKET_LISTENER(service_), nullptr, nullptr);
        g_signal_connect(service_, "incoming", G_CALLBACK(on_incoming), this);
    }
    ~Listening()
    {
        g_socket_service_stop(service_);
        g_socket_listener_close(G_SOCKET_LISTENER(service_));
        g_object_unref(service_);
    }
    Listening(const Listening &) = delete;
    Listening &operator=(const Listening &) = delete;

    std::string at(const std::string &scheme) const
    {
        return scheme + "://127.0.0.1:" + std::to_string(port_);
    }

private:
    static gboolean on_incoming(GSocketService *, GSocketConnection *connection, GObject *,
                                gpointer data)
    {
        auto *self = static_cast<Listening *>(data);
        if (!self->answer_.empty())
            g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)),
                                      self->answer_.data(), self->answer_.size(), nullptr, nullptr,
                                      nullptr);
        if (!self->hang_up_)
            self->open_.push_back(glib::retain(connection));
        return TRUE;
    }

    std::string answer_;
    bool hang_up_;
    GSocketService *service_;
    guint16 port_ = 0;
    std::vector<glib::Ptr<GSocketConnection>> open_;
};

// A server that speaks WebSocket and says `first`, then whatever the test wants.
class Speaking {
public:
    explicit Speaking(std::vector<std::string> first)
        : first_(std::move(first)), server_(glib::adopt(soup_server_new(nullptr, nullptr)))
    {
        soup_server_remove_websocket_extension(server_.get(),
                                               SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
        soup_server_add_websocket_handler(server_.get(), nullptr, nullptr, nullptr, on_open, this,
                                          nullptr);
        soup_server_listen_local(server_.get(), 0, SOUP_SERVER_LISTEN_IPV4_ONLY, nullptr);
        auto *uris = soup_server_get_uris(server_.get());
        port_ = g_uri_get_port(static_cast<GUri *>(uris->data));
        g_slist_free_full(uris, [](gpointer uri) { g_uri_unref(static_cast<GUri *>(uri)); });
    }
    Speaking(const Speaking &) = delete;
    Speaking &operator=(const Speaking &) = delete;

    std::string at(const std::string &scheme) const
    {
        return scheme + "://127.0.0.1:" + std::to_string(port_);
    }

    std::size_t connections = 0;
    std::vector<std::string> heard;
    std::unique_ptr<WebSocket> socket;  // the last
    glib::Ptr<SoupWebsocketConnection> connection;

private:
    static void on_open(SoupServer *, SoupServerMessage *, const char *, SoupWebsocketConnection *c,
                        gpointer data)
    {
        auto *self = static_cast<Speaking *>(data);
        ++self->connections;
        WebSocket::Handlers handlers;
        handlers.text = [self](std::string_view text) { self->heard.emplace_back(text); };
        self->connection = glib::retain(c);
        self->socket = std::make_unique<WebSocket>(glib::retain(c), 1 << 20, std::move(handlers));
        for (const auto &text : self->first_)
            self->socket->send(text);
    }

    std::vector<std::string> first_;
    glib::Ptr<SoupServer> server_;
    int port_ = 0;
};

}  // namespace callagent::signaling
