#include "control/server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
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

constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;

sockaddr_un address_of(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), kLongest));
    return address;
}

// Somebody accepts connections there. Also where its queue is full.
bool is_alive(const std::string &path)
{
    const auto address = address_of(path);
    const int probe = make_socket();
    const bool connected = connect(probe, generic(address), sizeof(address)) == 0;
    const bool alive = connected || errno == EAGAIN || errno == EACCES;
    close(probe);
    return alive;
}

// Makes room for a socket at that path.
Status make_room(const std::string &path)
{
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0)
        return Done{};
    if (!S_ISSOCK(status.st_mode))
        return Error{"--control " + path +
                     ": there is something that is no socket; give another path"};
    if (is_alive(path))
        return Error{"--control " + path +
                     ": another program listens there already; give another path"};
    if (unlink(path.c_str()) != 0)
        return Error{"--control " + path +
                     ": an old socket is there, and cannot be removed: " + std::strerror(errno)};
    return Done{};
}

std::string folder_of(const std::string &path)
{
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

constexpr std::size_t kHidden = 9;  // bytes

std::string hidden_beside(const std::string &path)
{
    std::array<char, kHidden + 1> name{};
    std::snprintf(name.data(), name.size(), ".%08x", g_random_int());
    return folder_of(path) + name.data();
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
    if (path.size() > kLongest || folder_of(path).size() > kLongest - kHidden)
        return Error{"--control " + path + ": a socket's path has at most " +
                     std::to_string(kLongest) + " bytes, of which " +
                     std::to_string(kLongest - kHidden) + " are its folder's; give a shorter one"};
    if (auto room = make_room(path); !room)
        return room;
    if (!listen_at(path))
        return Error{"--control " + path +
                     ": no socket can be made there: " + std::strerror(errno)};
    accepting_ = glib::on_readable(socket_, [this] { accept(); });
    return Done{};
}

// The name appears when somebody listens, and never in the place of another's. False: see errno.
bool Server::listen_at(const std::string &path)
{
    const auto at_first = hidden_beside(path);
    const auto address = address_of(at_first);
    struct stat status {};
    socket_ = make_socket();
    // The mode is that of the descriptor: at no time may others connect.
    if (socket_ < 0 || fchmod(socket_, 0600) != 0 ||
        bind(socket_, generic(address), sizeof(address)) != 0)
        return false;
    const bool there = lstat(at_first.c_str(), &status) == 0 && ::listen(socket_, 16) == 0 &&
                       link(at_first.c_str(), path.c_str()) == 0;
    const int error = errno;
    unlink(at_first.c_str());
    errno = error;
    if (!there)
        return false;
    device_ = status.st_dev;
    inode_ = status.st_ino;
    return true;
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
