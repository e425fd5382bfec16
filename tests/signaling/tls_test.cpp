// Both sides over TLS.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "signaling/client.h"
#include "signaling/relay.h"
#include "tests/signaling/peers.h"

namespace callagent::signaling {

using namespace std::chrono_literals;

class TlsTest : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        char pattern[] = "/tmp/callagent-test-XXXXXX";
        folder() = mkdtemp(pattern);
        make("good", "DNS:localhost,IP:127.0.0.1", 1);
        make("other", "DNS:example.org", 1);
        make("expired", "DNS:localhost", -1);
    }
    static void TearDownTestSuite() { std::filesystem::remove_all(folder()); }

    static std::filesystem::path &folder()
    {
        static std::filesystem::path path;
        return path;
    }

    // A certificate that signs itself.
    static void make(const std::string &name, const std::string &names, int days)
    {
        std::ofstream(folder() / "extensions") << "subjectAltName=" << names << "\n";
        const auto file = [&](const char *suffix) { return (folder() / (name + suffix)).string(); };
        const auto command =
            "(openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "
            "/CN=test "
            "-keyout " +
            file(".key") + " -out " + file(".csr") + " && openssl x509 -req -in " + file(".csr") +
            " -signkey " + file(".key") + " -days " + std::to_string(days) + " -extfile " +
            (folder() / "extensions").string() + " -out " + file(".pem") + ") >/dev/null 2>&1";
        ASSERT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT(cert-env33-c)
    }

    static std::string pem(const std::string &name)
    {
        return (folder() / (name + ".pem")).string();
    }

    static std::unique_ptr<Relay> relay(const std::string &name)
    {
        RelayConfig config;
        config.tls_cert = pem(name);
        config.tls_key = (folder() / (name + ".key")).string();
        return open_relay(config);
    }
};

TEST_F(TlsTest, ATrustedServer)
{
    const auto server = relay("good");
    EXPECT_TRUE(server->url().starts_with("https://localhost:"));
    EXPECT_EQ(outcome(ClientConfig{server->url(), pem("good"), false, "", ""}), "connected");
    EXPECT_EQ(outcome(ClientConfig{plain(server->url()), pem("good"), false, "", ""}), "connected");
}

TEST_F(TlsTest, ARelayGoesAlthoughSomebodyNeverShakesHands)
{
    auto server = relay("good");
    const auto url = server->url();
    const auto client = glib::adopt(G_OBJECT(g_socket_client_new()));
    const auto port = static_cast<guint16>(std::stoi(url.substr(url.rfind(':') + 1)));
    const auto silent = glib::adopt(G_OBJECT(g_socket_client_connect_to_host(
        G_SOCKET_CLIENT(client.get()), "localhost", port, nullptr, nullptr)));
    ASSERT_TRUE(silent);
    // Once the next one is let in, the silent one is being waited for.
    EXPECT_EQ(outcome(ClientConfig{url, pem("good"), false, "", ""}), "connected");
    const auto begin = std::chrono::steady_clock::now();
    server.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST_F(TlsTest, AnUnknownAuthority)
{
    const auto server = relay("good");
    EXPECT_EQ(
        failure(server->url()),
        "signaling: the certificate of " + server->url() +
            " is not trusted: its authority is unknown: trust its authority with --ca FILE, or "
            "accept any certificate with --insecure");
    EXPECT_EQ(outcome(ClientConfig{server->url(), "", true, "", ""}), "connected");
}

TEST_F(TlsTest, AnotherName)
{
    const auto server = relay("other");
    EXPECT_EQ(
        failure(ClientConfig{server->url(), pem("other"), false, "", ""}),
        "signaling: the certificate of " + server->url() +
            " is not trusted: it is for another name: use the name that is in it, or accept any "
            "certificate with --insecure");
}

TEST_F(TlsTest, AnExpiredCertificate)
{
    // Our own relay would not begin with it.
    const auto certificate = glib::adopt(g_tls_certificate_new_from_files(
        pem("expired").c_str(), (folder() / "expired.key").c_str(), nullptr));
    const auto server = glib::adopt(soup_server_new("tls-certificate", certificate.get(), nullptr));
    ASSERT_TRUE(
        soup_server_listen_local(server.get(), 0,
                                 static_cast<SoupServerListenOptions>(SOUP_SERVER_LISTEN_HTTPS |
                                                                      SOUP_SERVER_LISTEN_IPV4_ONLY),
                                 nullptr));
    auto *uris = soup_server_get_uris(server.get());
    const auto url =
        "https://127.0.0.1:" + std::to_string(g_uri_get_port(static_cast<GUri *>(uris->data)));
    g_slist_free_full(uris, [](gpointer uri) { g_uri_unref(static_cast<GUri *>(uri)); });
    EXPECT_NE(failure(ClientConfig{url, pem("expired"), false, "", ""}).find("it has expired"),
              std::string::npos);
}

TEST_F(TlsTest, ARelayDoesNotBeginWithAKeyOfAnotherOrAnExpiredCertificate)
{
    struct Case {
        const char *certificate;
        const char *key;
        const char *why;
    };
    for (const auto &[certificate, key, why] :
         {Case{"good", "other", "the key is not this certificate's"},
          Case{"expired", "expired", "has expired on "}}) {
        RelayConfig config;
        config.host = "localhost";
        config.port = 0;
        config.tls_cert = pem(certificate);
        config.tls_key = (folder() / (std::string(key) + ".key")).string();
        const auto relay = Relay::listen(config);
        const auto *error = std::get_if<Relay::ListenError>(&relay);
        ASSERT_TRUE(error) << certificate;
        EXPECT_EQ(error->failure.exit, Exit::Usage);
        EXPECT_NE(error->failure.reason.find(why), std::string::npos) << error->failure.reason;
        EXPECT_NE(error->failure.reason.find(pem(certificate)), std::string::npos);
    }
}

TEST_F(TlsTest, TlsToAServerWithoutAndTheOtherWayRound)
{
    const Listening web("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    const auto reason = failure(web.at("https"));
    EXPECT_TRUE(reason.starts_with("signaling: no TLS with " + web.at("https"))) << reason;
    EXPECT_NE(reason.find("write http://"), std::string::npos);

    const auto server = relay("good");
    const auto other = failure("http" + server->url().substr(5));
    EXPECT_NE(other.find("if it wants TLS, write https://"), std::string::npos) << other;
}

TEST_F(TlsTest, FilesThatAreNoCertificates)
{
    std::ofstream(folder() / "nonsense.pem") << "nonsense\n";
    for (const auto &file : {pem("missing"), pem("nonsense"), folder().string()}) {
        const auto client = make_client({"https://localhost:1", file, false, "", ""});
        ASSERT_FALSE(client) << file;
        EXPECT_NE(client.error().find("--ca " + file), std::string::npos) << client.error();

        RelayConfig config;
        config.port = 0;
        config.tls_cert = file;
        config.tls_key = file;
        const auto listening = Relay::listen(config);
        const auto *error = std::get_if<Relay::ListenError>(&listening);
        ASSERT_TRUE(error) << file;
        EXPECT_EQ(error->failure.exit, Exit::Usage);
        EXPECT_NE(error->failure.reason.find(file), std::string::npos) << error->failure.reason;
    }
    RelayConfig half;
    half.tls_cert = pem("good");
    const auto listening = Relay::listen(half);
    EXPECT_EQ(std::get<Relay::ListenError>(listening).failure.exit, Exit::Usage);
}

}  // namespace callagent::signaling
