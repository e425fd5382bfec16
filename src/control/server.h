// Where commands come from: standard input, or a Unix socket for several clients. Lines in, lines
// out; what they mean, the handler knows. Main loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/client.h"
#include "core/result.h"
#include "glib/loop.h"

namespace callagent::control {

class Server {
public:
    static constexpr std::size_t kMaxClients = 16;
    static constexpr std::chrono::milliseconds kFlush{300};

    struct Config {
        std::string path;             // "-": standard input
        bool reply_to_stdout = true;  // with "-"; otherwise the handler's replies are nowhere
        std::size_t max_line = 65536;
    };
    struct Handlers {
        OnLine line;
        std::function<void(const std::string &)> dropped;  // a client, and why
    };

    // The error says what is at that path, or why there can be no socket. A socket that nobody
    // listens at any more is replaced. Only its owner may connect (mode 0600), and whoever sees it
    // can.
    static Result<std::unique_ptr<Server>> open(Config config, Handlers handlers);

    // Sends what is queued, at most for kFlush; removes the socket.
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

private:
    Server(Config config, Handlers handlers);
    Status listen();
    bool listen_at(const std::string &path);
    void accept();
    void add(int in, int out);

    Config config_;
    Handlers handlers_;
    int socket_ = -1;
    unsigned long long device_ = 0, inode_ = 0;  // of the socket we made
    glib::Source accepting_;
    std::vector<std::shared_ptr<Client>> clients_;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // for what is posted
};

}  // namespace callagent::control
