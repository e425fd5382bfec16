#include "signaling/dial.h"

#include <utility>

#include "core/notice.h"
#include "glib/loop.h"

namespace callagent::signaling {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 5s;

}  // namespace

// libsoup's callback holds it, too.
struct Dial::Attempt {
    explicit Attempt(const Address &a) : address(a) {}

    static void on_connected(GObject *session, GAsyncResult *result, gpointer data) noexcept;
    Outcome outcome(glib::Ptr<SoupWebsocketConnection> connection, const GError *error) const;

    const Address &address;
    std::function<void(Outcome)> done;  // empty: nobody waits any more
    glib::Ptr<SoupMessage> message;
    glib::Ptr<GCancellable> cancel = glib::adopt(g_cancellable_new());
    GTlsCertificateFlags flaws = G_TLS_CERTIFICATE_NO_FLAGS;
    bool timed_out = false;
    glib::Source timeout;
    glib::Connection accept;
};

Dial::Dial(SoupSession *session, const Address &address, const std::string &number,
           const Credentials &credentials, std::function<void(Outcome)> done)
    : attempt_(std::make_shared<Attempt>(address))
{
    auto *attempt = attempt_.get();
    attempt->done = std::move(done);
    attempt->message =
        glib::adopt(soup_message_new_from_uri("GET", with_number(address.uri.get(), number).get()));
    auto *message = attempt->message.get();
    // Where a redirection leads is for the user to decide: our token would go along.
    soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT);
    if (!credentials.token.empty())
        soup_message_headers_append(soup_message_get_request_headers(message), "Authorization",
                                    ("Bearer " + credentials.token).c_str());
    attempt->accept =
        glib::connect<gboolean(SoupMessage *, GTlsCertificate *, GTlsCertificateFlags)>(
            message, "accept-certificate",
            [attempt, insecure = credentials.insecure](SoupMessage *, GTlsCertificate *,
                                                       GTlsCertificateFlags flaws) -> gboolean {
                attempt->flaws = flaws;
                return insecure;
            });
    attempt->timeout = glib::after(kTimeout, [attempt] {
        attempt->timed_out = true;
        g_cancellable_cancel(attempt->cancel.get());
    });
    soup_session_websocket_connect_async(session, message, nullptr, nullptr, G_PRIORITY_DEFAULT,
                                         attempt->cancel.get(), Attempt::on_connected,
                                         new std::shared_ptr<Attempt>(attempt_));
}

Dial::~Dial()
{
    attempt_->done = nullptr;
    attempt_->timeout.cancel();
    g_cancellable_cancel(attempt_->cancel.get());
}

void Dial::Attempt::on_connected(GObject *session, GAsyncResult *result, gpointer data) noexcept
{
    const std::unique_ptr<std::shared_ptr<Attempt>> held(
        static_cast<std::shared_ptr<Attempt> *>(data));
    auto &attempt = **held;
    GError *raw = nullptr;
    auto connection =
        glib::adopt(soup_session_websocket_connect_finish(SOUP_SESSION(session), result, &raw));
    const auto error = glib::adopt(raw);
    attempt.timeout.cancel();
    attempt.accept.disconnect();
    if (const auto done = std::exchange(attempt.done, nullptr))
        done(attempt.outcome(std::move(connection), error.get()));
}

Dial::Outcome Dial::Attempt::outcome(glib::Ptr<SoupWebsocketConnection> connection,
                                     const GError *error) const
{
    if (connection) {
        auto *headers = soup_message_get_response_headers(message.get());
        return Opened{std::move(connection),
                      soup_message_headers_get_list(headers, kRelayHeader) != nullptr};
    }
    if (timed_out) {
        const auto late =
            glib::adopt(g_error_new_literal(G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "timed out"));
        return explain(address, late.get(), SOUP_STATUS_NONE, flaws);
    }
    return explain(address, error, soup_message_get_status(message.get()), flaws);
}

}  // namespace callagent::signaling
