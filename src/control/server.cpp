#include "control/server.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace callagent::control {
namespace {

int make_socket()
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

const sockaddr *generic(const sockaddr_un &address)
{
    return reinterpret_cast<const sockaddr *>(&address);
}

// Somebody accepts connections there. Also where its queue is full.
bool is_alive(const sockaddr_un &address)
{
    const int probe = make_socket();
    const bool connected = connect(probe, generic(address), sizeof(address)) == 0;
    const bool alive = connected || errno == EAGAIN || errno == EACCES;
    close(probe);
    return alive;
}

// Makes room for a socket at that path.
Status make_room(const std::string &path, const sockaddr_un &address)
{
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0)
        return Done{};
    if (!S_ISSOCK(status.st_mode))
        return Error{"--control " + path +
                     ": there is something that is no socket; give another path"};
    if (is_alive(address))
        return Error{"--control " + path +
                     ": another program listens there already; give another path"};
    if (unlink(path.c_str()) != 0)
        return Error{"--control " + path +
                     ": an old socket is there, and cannot be removed: " + std::strerror(errno)};
    return Done{};
}

}  // namespace

Server::Server(Config config, Handlers handlers)
    : config_(std::move(config)), handlers_(std::move(handlers))
{
}

Result<std::unique_ptr<Server>> Server::open(Config config, Handlers handlers)
{
    std::unique_ptr<Server> server(new Server(std::move(config), std::move(handlers)));
    if (server->config_.path == "-") {
        // Copies, so that closing them closes nobody else's.
        const int in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        if (in < 0)
            return Error{"--control -: there is no standard input"};
        server->add(
            in, server->config_.reply_to_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : -1);
        return server;
    }
    if (const auto listening = server->listen(); !listening)
        return Error{listening.error()};
    return server;
}

Server::~Server()
{
    for (const auto &client : clients_)
        client->flush(kFlush);
    accepting_.cancel();
    if (socket_ < 0)
        return;
    close(socket_);
    struct stat status {};
    const auto &path = config_.path;
    if (lstat(path.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_)
        unlink(path.c_str());
}

Status Server::listen()
{
    const auto &path = config_.path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path))
        return Error{"--control " + path + ": a socket's path has at most " +
                     std::to_string(sizeof(address.sun_path) - 1) + " bytes; give a shorter one"};
    std::memcpy(address.sun_path, path.c_str(), path.size());
    if (auto room = make_room(path, address); !room)
        return room;
    socket_ = make_socket();
    struct stat status {};
    // The mode is that of the descriptor: at no time may others connect.
    if (socket_ < 0 || fchmod(socket_, 0600) != 0 ||
        bind(socket_, generic(address), sizeof(address)) != 0 ||
        lstat(path.c_str(), &status) != 0 || ::listen(socket_, 16) != 0)
        return Error{"--control " + path +
                     ": no socket can be made there: " + std::strerror(errno)};
    device_ = status.st_dev;
    inode_ = status.st_ino;
    accepting_ = glib::on_readable(socket_, [this] { accept(); });
    return Done{};
}

void Server::accept()
{
    const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0)
        return;
    if (clients_.size() >= kMaxClients) {
        close(connection);
        if (handlers_.dropped)
            handlers_.dropped("there are " + std::to_string(kMaxClients) + " already");
        return;
    }
    add(connection, connection);
}

void Server::add(int in, int out)
{
    Client::Handlers handlers;
    handlers.line = handlers_.line;
    handlers.gone = [this, weak = std::weak_ptr(alive_)](Client &client, const std::string &why) {
        if (weak.expired())
            return;
        std::erase_if(clients_, [&](const auto &one) { return one.get() == &client; });
        if (!why.empty() && handlers_.dropped)
            handlers_.dropped(why);
    };
    clients_.push_back(std::make_shared<Client>(in, out, config_.max_line, std::move(handlers)));
    clients_.back()->start();
}

}  // namespace callagent::control
