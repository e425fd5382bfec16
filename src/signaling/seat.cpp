#include "signaling/seat.h"

#include <utility>

#include "glib/loop.h"
#include "signaling/codec.h"

namespace callagent::signaling {

void Seat::start()
{
    later([this] {
        if (handlers.state)
            handlers.state(State::Connected, "");
    });
    hooks_.join();
}

void Seat::send(const Message &message)
{
    hooks_.say(encode(message));
}

void Seat::close(std::function<void()> done)
{
    leave();
    later(std::move(done));
}

void Seat::deliver(const std::string &text)
{
    later([this, text] { receive(text); });
}

void Seat::later(std::function<void()> work)
{
    glib::post([life = std::weak_ptr<int>(life_), work = std::move(work)] {
        if (!life.expired() && work)
            work();
    });
}

void Seat::receive(const std::string &text)
{
    const auto message = decode(text);
    if (message) {
        if (const auto handler = handlers.message)
            handler(*message);
    } else if (const auto handler = handlers.warning) {
        handler({"signaling-message",
                 "signaling: a client's message is ignored: it is " + message.error()});
    }
}

void Seat::leave()
{
    if (const auto hook = std::exchange(hooks_.leave, nullptr))
        hook();
}

}  // namespace callagent::signaling
