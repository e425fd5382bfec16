// One who sends commands, a line each, and reads the replies: a connection to the socket, or
// standard input and output. Main loop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "glib/loop.h"

namespace callagent::control {

// Called once, now or later, with a line without its end; empty: there is nothing to say.
using Reply = std::function<void(const std::string &)>;

// What to do about a line. One that is longer than the limit comes as the bytes up to it and one
// more; the rest of it is passed over.
using OnLine = std::function<void(std::string_view line, Reply)>;

class Client : public std::enable_shared_from_this<Client> {
public:
    static constexpr std::size_t kMaxQueued = std::size_t{1} << 20;  // bytes of replies

    struct Handlers {
        OnLine line;
        std::function<void(Client &, const std::string &why)> gone;  // once; `why` may be empty
    };

    // Closes the descriptors at its end. `out`: -1 where replies go another way.
    Client(int in, int out, std::size_t max_line, Handlers handlers);
    ~Client();
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    void start();

    // What is queued, for at most so long.
    void flush(std::chrono::milliseconds at_most);

private:
    void read();
    void take(std::string_view bytes);
    void handle(std::string_view line);
    void send(const std::string &line);
    bool write_some();
    void write();
    void end_if_done();
    void drop(const std::string &why);

    const int in_, out_;
    const std::size_t max_line_;
    Handlers handlers_;
    glib::Source reading_, writing_;
    std::string line_;      // what has come of the next one
    bool passing_ = false;  // over the rest of one that is too long
    bool read_to_end_ = false;
    std::string queue_;
    int pending_ = 0;  // replies that are still to come
    bool gone_ = false;
};

}  // namespace callagent::control
