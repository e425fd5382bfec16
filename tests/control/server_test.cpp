#include "control/server.h"

#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace {

std::filesystem::path watched;  // for listen()
bool seen_too_early = false;

}  // namespace

// Instead of the C library's: what is at that path the moment before somebody listens?
extern "C" int listen(int descriptor, int backlog) noexcept  // NOLINT: the names are the system's
{
    seen_too_early = std::filesystem::exists(watched);
    static const auto real =
        reinterpret_cast<int (*)(int, int)>(dlsym(RTLD_NEXT, "listen"));  // NOLINT
    return real(descriptor, backlog);
}

namespace callagent::control {
namespace {

class ControlServerTest : public ::testing::Test {
public:
    ControlServerTest()
    {
        std::string pattern = std::filesystem::temp_directory_path() / "callagent-control-XXXXXX";
        folder_ = mkdtemp(pattern.data());
        watched = folder_ / "s";
    }
    ~ControlServerTest() override { std::filesystem::remove_all(folder_); }

protected:
    Result<std::unique_ptr<Server>> open(const std::filesystem::path &path)
    {
        return Server::open({.path = path, .reply_to_stdout = true, .max_line = 100}, {});
    }

    std::vector<std::string> names() const
    {
        std::vector<std::string> all;
        for (const auto &entry : std::filesystem::directory_iterator(folder_))
            all.push_back(entry.path().filename());
        return all;
    }

    std::filesystem::path folder_;
};

}  // namespace

TEST_F(ControlServerTest, WhoeverSeesTheSocketCanConnect)
{
    auto server = open(watched);
    ASSERT_TRUE(server) << server.error();
    EXPECT_FALSE(seen_too_early);
    EXPECT_EQ(names(), std::vector<std::string>{"s"});
    EXPECT_EQ(std::filesystem::status(watched).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_FALSE(open(watched));  // another listens there
    server->reset();
    EXPECT_TRUE(names().empty());
}

TEST_F(ControlServerTest, NothingIsLeftWhereThereCanBeNoSocket)
{
    std::filesystem::create_directory(watched);
    EXPECT_FALSE(open(watched));
    EXPECT_EQ(names(), std::vector<std::string>{"s"});
    EXPECT_FALSE(open(folder_ / "gone" / "s"));
    const auto deep = folder_ / std::string(95 - folder_.native().size(), 'd');
    std::filesystem::create_directory(deep);
    EXPECT_TRUE(open(deep / "s"));
    std::filesystem::create_directory(deep.native() + "ddd");
    const auto too_long = open(deep.native() + "ddd/s");
    ASSERT_FALSE(too_long);
    EXPECT_NE(too_long.error().find("98 are its folder's"), std::string::npos) << too_long.error();
}

TEST_F(ControlServerTest, ARelativePathIsOneFromHere)
{
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
    EXPECT_TRUE(open("s"));
    std::filesystem::current_path(before);
}

}  // namespace callagent::control
