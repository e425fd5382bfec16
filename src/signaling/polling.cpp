#include "signaling/polling.h"

#include <utility>

#include "core/engine_payload.h"
#include "signaling/request.h"

namespace callagent::signaling {
namespace {

const std::vector<std::string> kClose{"1"};
const std::vector<std::string> kNoop{"6"};

}  // namespace

Polling::~Polling()
{
    answer(kNoop);
}

void Polling::send(const std::string &packet)
{
    queue_.push_back(packet);
    bytes_ += packet.size();
    // Later: what else is sent now goes along.
    if (waiting_)
        glib::post([this, life = std::weak_ptr<int>(life_)] {
            if (!life.expired() && waiting_ && !queue_.empty())
                answer(take());
        });
}

void Polling::close()
{
    answer(kClose);
}

void Polling::poll(SoupServerMessage *message, GSocket *socket)
{
    if (waiting_) {
        answer(kClose);
        return refuse(message, "polled twice at the same time");
    }
    if (!queue_.empty() || upgrading_)
        return respond(message, SOUP_STATUS_OK,
                       socketio::encode_payload(version_, queue_.empty() ? kNoop : take()));
    waiting_ = glib::retain(message);
    finished_ = glib::connect<void(SoupServerMessage *)>(message, "finished",
                                                         [this](SoupServerMessage *) { lost(); });
    // libsoup does not read while a message waits for its answer, and so would not find out.
    if (socket)
        hangup_ = glib::on_hangup(g_socket_get_fd(socket), [this] {
            // Now it finds out when it writes, and lets the connection go.
            answer(kNoop);
            tell(handlers_.gone);
        });
    soup_server_message_pause(message);
}

// libsoup has given up the connection that the client waited on.
void Polling::lost()
{
    hangup_.cancel();
    finished_ = {};
    waiting_.reset();
    tell(handlers_.gone);
}

void Polling::answer(const std::vector<std::string> &packets)
{
    if (!waiting_)
        return;
    const auto message = std::exchange(waiting_, nullptr);
    hangup_.cancel();
    finished_ = {};
    respond(message.get(), SOUP_STATUS_OK, socketio::encode_payload(version_, packets));
    soup_server_message_unpause(message.get());
}

void Polling::refuse(SoupServerMessage *message, const std::string &why)
{
    respond(message, SOUP_STATUS_BAD_REQUEST, engine_error(EngineError::BadRequest));
    const std::weak_ptr<int> life = life_;
    tell(handlers_.odd, why + ", and is dropped");
    if (!life.expired())
        tell(handlers_.gone);
}

void Polling::post(SoupServerMessage *message)
{
    const auto bytes =
        glib::adopt(soup_message_body_flatten(soup_server_message_get_request_body(message)));
    gsize size = 0;
    const auto *data = static_cast<const char *>(g_bytes_get_data(bytes.get(), &size));
    const std::string_view body(data ? data : "", size);
    if (!g_utf8_validate(body.data(), static_cast<gssize>(size), nullptr))
        return refuse(message, "sent a body that is not UTF-8");
    const auto packets = socketio::decode_payload(version_, body);
    if (!packets)
        return refuse(message, "sent " + packets.error());

    respond(message, SOUP_STATUS_OK, "ok");  // before a packet ends us
    const std::weak_ptr<int> life = life_;
    for (const auto packet : *packets) {
        if (packet.front() == 'b')
            tell(handlers_.odd, std::string("sent a binary packet, which is ignored"));
        else
            tell(handlers_.packet, packet);
        if (life.expired())
            return;
    }
}

void Polling::upgrade(bool under_way)
{
    upgrading_ = under_way;
    if (upgrading_ && waiting_)
        answer(queue_.empty() ? kNoop : take());
}

std::vector<std::string> Polling::take()
{
    bytes_ = 0;
    return std::exchange(queue_, {});
}

}  // namespace callagent::signaling
