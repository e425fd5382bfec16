#include "server_probe.h"

#include <condition_variable>
#include <mutex>
#include <random>
#include <string_view>
#include <thread>

#include "core/server_uri.h"
#include "core/stun.h"
#include "glib/tls.h"
#include "turn_exchange.h"

namespace callagent {
namespace {

using Clock = std::chrono::steady_clock;

struct Server {
    std::string shown;
    ServerAddress address;
    bool turn = false;
    TurnUser user;
};

std::string unescaped(const std::string &text)
{
    const auto plain = glib::adopt(g_uri_unescape_string(text.c_str(), nullptr));
    return plain ? plain.get() : text;
}

Server server_of(std::string_view uri)
{
    const auto parts = split_server_uri(uri);
    Server server;
    server.shown = shown(parts);
    server.turn = parts.scheme != "stun";
    server.user = {unescaped(parts.user), unescaped(parts.password.value_or(""))};
    server.address.host = parts.host;
    server.address.port = parts.port;
    server.address.tls = parts.scheme == "turns";
    server.address.tcp = server.address.tls || parts.query == "?transport=tcp";
    return server;
}

stun::Transaction fresh_transaction()
{
    std::random_device random;
    stun::Transaction transaction{};
    for (auto &byte : transaction)
        byte = static_cast<std::uint8_t>(random() & 0xff);
    return transaction;
}

// What the server is for; the sentence about it, or why not.
Result<std::string> try_out(const Server &server, const StunExchange &exchange)
{
    if (server.turn) {
        const auto relay = allocate_turn(server.user, exchange);
        if (!relay)
            return Error{relay.error()};
        return "relays from " + *relay;
    }
    const auto transaction = fresh_transaction();
    const auto answer = exchange(stun::binding_request(transaction));
    if (!answer)
        return Error{answer.error()};
    const auto seen = stun::mapped_address(*answer, transaction);
    if (!seen)
        return Error{seen.error()};
    return "sees us as " + *seen;
}

ServerProbe probe(const std::string &uri, const ServerTrust &trust, GCancellable *cancellable)
{
    const auto server = server_of(uri);
    const auto begin = Clock::now();
    const auto works =
        talk_to(server.address, trust, cancellable,
                [&](const StunExchange &exchange) { return try_out(server, exchange); });
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    const auto after = " (after " + std::to_string(took.count()) + " ms)";
    return {server.shown, works.has_value(), (works ? *works : works.error()) + after};
}

}  // namespace

struct ServerProbes::Running {
    glib::Ptr<GCancellable> cancellable = glib::adopt(g_cancellable_new());
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t left = 0;
    bool over = false;
    std::vector<std::thread> threads;
};

ServerProbes::ServerProbes(const std::vector<std::string> &uris, const ServerTrust &trust,
                           std::chrono::milliseconds timeout,
                           const std::function<void(std::size_t, ServerProbe)> &found)
    : running_(std::make_unique<Running>())
{
    auto *running = running_.get();
    running->left = uris.size();
    glib::load_network_types();
    for (std::size_t i = 0; i < uris.size(); ++i)
        running->threads.emplace_back([=, uri = uris[i]] {
            auto result = probe(uri, trust, running->cancellable.get());
            const std::lock_guard lock(running->mutex);
            if (!running->over)
                found(i, std::move(result));
            --running->left;
            running->changed.notify_all();
        });
    running->threads.emplace_back([=] {
        std::unique_lock lock(running->mutex);
        running->changed.wait_for(lock, timeout,
                                  [=] { return running->left == 0 || running->over; });
        lock.unlock();
        g_cancellable_cancel(running->cancellable.get());
    });
}

ServerProbes::~ServerProbes()
{
    {
        const std::lock_guard lock(running_->mutex);
        running_->over = true;
        running_->changed.notify_all();
    }
    for (auto &thread : running_->threads)
        thread.join();
}

std::vector<ServerProbe> probe_servers(const std::vector<std::string> &uris,
                                       const ServerTrust &trust, std::chrono::milliseconds timeout)
{
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<ServerProbe> all(uris.size());
    std::size_t done = 0;
    const ServerProbes probes(uris, trust, timeout, [&](std::size_t i, ServerProbe result) {
        const std::lock_guard lock(mutex);
        all[i] = std::move(result);
        ++done;
        changed.notify_all();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done == uris.size(); });
    lock.unlock();
    return all;
}

}  // namespace callagent
