#include "server_probe.h"

#include <array>
#include <atomic>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace callagent {
namespace {

using namespace std::chrono_literals;

// A server on loopback that leaves the first `ignored` requests unanswered. Says that we are
// 192.0.2.1:32853.
class StunServer {
public:
    explicit StunServer(int type, int ignored = 0)
        : fd_(socket(AF_INET, type, 0)), ignored_(ignored)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto *generic = reinterpret_cast<sockaddr *>(&address);
        EXPECT_EQ(bind(fd_, generic, sizeof address), 0);
        socklen_t size = sizeof address;
        EXPECT_EQ(getsockname(fd_, generic, &size), 0);
        port_ = ntohs(address.sin_port);
        if (type == SOCK_STREAM) {
            EXPECT_EQ(listen(fd_, 1), 0);
        }
        thread_ =
            std::thread([this, type] { type == SOCK_STREAM ? serve_stream() : serve_datagrams(); });
    }
    ~StunServer()
    {
        stop_ = true;
        thread_.join();
        close(fd_);
    }

    std::string at() const { return "127.0.0.1:" + std::to_string(port_); }

private:
    using Packet = std::array<unsigned char, 1500>;

    bool wait(int fd) const
    {
        while (!stop_) {
            pollfd waiting{fd, POLLIN, 0};
            if (poll(&waiting, 1, 10) > 0)
                return true;
        }
        return false;
    }

    static std::size_t answer(Packet &packet)  // in place, its transaction kept
    {
        constexpr unsigned char kAttribute[] = {0,    0x20, 0,    8,    0,    1,
                                                0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43};
        packet[0] = packet[1] = 1;
        packet[3] = sizeof kAttribute;
        std::memcpy(packet.data() + 20, kAttribute, sizeof kAttribute);
        return 20 + sizeof kAttribute;
    }

    void serve_datagrams()
    {
        while (wait(fd_)) {
            Packet packet{};
            sockaddr_in from{};
            socklen_t size = sizeof from;
            auto *generic = reinterpret_cast<sockaddr *>(&from);
            if (recvfrom(fd_, packet.data(), packet.size(), 0, generic, &size) != 20 ||
                ignored_-- > 0)
                continue;
            sendto(fd_, packet.data(), answer(packet), 0, generic, size);
        }
    }

    void serve_stream()
    {
        if (!wait(fd_))
            return;
        const int client = accept(fd_, nullptr, nullptr);
        Packet packet{};
        if (wait(client) && recv(client, packet.data(), packet.size(), 0) == 20)
            send(client, packet.data(), answer(packet), MSG_NOSIGNAL);
        close(client);
    }

    int fd_;
    int ignored_;
    std::uint16_t port_ = 0;
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

}  // namespace

TEST(ServerProbeTest, AServerThatAnswers)
{
    const StunServer server(SOCK_DGRAM);
    const auto probes = probe_servers({"stun://" + server.at()}, {}, 5s);
    ASSERT_EQ(probes.size(), 1u);
    EXPECT_TRUE(probes[0].answers) << probes[0].detail;
    EXPECT_EQ(probes[0].server, "stun://" + server.at());
    EXPECT_NE(probes[0].detail.find("sees us as 192.0.2.1:32853 (after "), std::string::npos);
}

TEST(ServerProbeTest, ALostRequestIsRepeated)
{
    const StunServer server(SOCK_DGRAM, 1);
    EXPECT_TRUE(probe_servers({"stun://" + server.at()}, {}, 5s).at(0).answers);
}

TEST(ServerProbeTest, AnAddressIsNoRelayAndThePasswordIsNotInTheReport)
{
    const StunServer server(SOCK_STREAM);
    const auto probes =
        probe_servers({"turn://alice:s%40cret@" + server.at() + "?transport=tcp"}, {}, 5s);
    EXPECT_FALSE(probes.at(0).answers);
    EXPECT_TRUE(probes[0].detail.starts_with("what came back is not STUN")) << probes[0].detail;
    EXPECT_EQ(probes[0].server, "turn://" + server.at() + "?transport=tcp");
}

TEST(ServerProbeTest, SilenceTakesNoLongerThanToldForAllOfThem)
{
    const StunServer one(SOCK_DGRAM, 1000), two(SOCK_DGRAM, 1000);
    const auto begin = std::chrono::steady_clock::now();
    const auto probes = probe_servers({"stun://" + one.at(), "turn://a:b@" + two.at()}, {}, 700ms);
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, 690ms);
    EXPECT_LT(took, 3s);
    ASSERT_EQ(probes.size(), 2u);
    for (const auto &probe : probes) {
        EXPECT_FALSE(probe.answers);
        EXPECT_TRUE(probe.detail.starts_with("no answer")) << probe.detail;
    }
}

TEST(ServerProbeTest, NobodyThere)
{
    std::string closed;
    {
        const StunServer gone(SOCK_STREAM);
        closed = gone.at();
    }
    for (const auto &uri : {"turn://a:b@" + closed + "?transport=tcp", "turns://a:b@" + closed,
                            "stun://" + closed, std::string("stun://no-such-host.invalid:3478")}) {
        const auto probe = probe_servers({uri}, {}, 2s).at(0);
        EXPECT_FALSE(probe.answers) << uri;
        EXPECT_FALSE(probe.detail.empty());
        EXPECT_EQ(probe.detail.find("a:b"), std::string::npos);
    }
}

}  // namespace callagent
