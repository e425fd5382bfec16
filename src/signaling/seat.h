// The agent's own place in its relay's room: a channel without a socket.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "signaling/channel.h"

namespace callagent::signaling {

// What the room says to it arrives later, never while it is calling us.
class Seat final : public Channel {
public:
    struct Hooks {
        std::function<void()> join;
        std::function<void(std::string_view text)> say;
        std::function<void()> leave;
    };

    Seat(std::string url, Hooks hooks) : url_(std::move(url)), hooks_(std::move(hooks)) {}
    ~Seat() override { leave(); }

    void start() override;
    void send(const Message &message) override;
    void close(std::function<void()> done) override;
    std::string url() const override { return url_; }

    // From the room.
    void deliver(const std::string &text);

private:
    void later(std::function<void()> work);
    void receive(const std::string &text);
    void leave();

    std::string url_;
    Hooks hooks_;
    std::shared_ptr<int> life_ = std::make_shared<int>();
};

}  // namespace callagent::signaling
