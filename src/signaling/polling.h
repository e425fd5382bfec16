// A client's packets over HTTP long-polling: its GETs fetch them, each waiting until there is one,
// and its POSTs bring them.
// https://github.com/socketio/engine.io-protocol, "HTTP long-polling"
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/socketio.h"
#include "glib/loop.h"
#include "glib/ptr.h"
#include "signaling/soup.h"
#include "signaling/transport.h"

namespace callagent::signaling {

class Polling final : public Transport {
public:
    Polling(socketio::Version version, Handlers handlers)
        : Transport(std::move(handlers)), version_(version)
    {
    }
    // Whoever still waits is told that nothing comes.
    ~Polling() override;

    void send(const std::string &packet) override;
    std::uint64_t waiting() const override { return bytes_; }
    void close() override;

    // A GET. `socket`: of its connection; when that goes away while the client waits, it is gone.
    // A second one while the first waits ends the session.
    void poll(SoupServerMessage *message, GSocket *socket);
    bool waits() const { return bool(waiting_); }

    // A POST, whose body is there.
    void post(SoupServerMessage *message);

    // The client is changing to a WebSocket (or not, after all): no GET waits meanwhile.
    void upgrade(bool under_way);

    // What was not fetched; it is not sent any more.
    std::vector<std::string> take();

private:
    void answer(const std::vector<std::string> &packets);
    void refuse(SoupServerMessage *message, const std::string &why);
    void lost();

    const socketio::Version version_;
    std::vector<std::string> queue_;
    std::uint64_t bytes_ = 0;  // in the queue
    bool upgrading_ = false;
    glib::Ptr<SoupServerMessage> waiting_;  // the GET; paused
    glib::Connection finished_;
    glib::Source hangup_;
    std::shared_ptr<int> life_ = std::make_shared<int>();
};

}  // namespace callagent::signaling
