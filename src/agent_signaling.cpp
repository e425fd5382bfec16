// The agent's half that speaks with the signaling server, its own or one elsewhere.
#include <utility>

#include "agent.h"
#include "signaling/client.h"

namespace callagent {

signaling::RelayConfig relay_config(const Options &options, const Listen &where)
{
    signaling::RelayConfig config;
    config.host = where.host;
    config.port = where.port;
    config.tls_cert = options.tls_cert;
    config.tls_key = options.tls_key;
    config.token = options.token;
    config.allow_origins = options.allow_origins;
    config.ping_interval_ms = options.ping_interval_ms;
    config.ping_timeout_ms = options.ping_timeout_ms;
    const auto &limits = options.limits;
    config.limits.clients = static_cast<std::size_t>(limits.clients);
    config.limits.per_address = static_cast<std::size_t>(limits.address);
    config.limits.message = static_cast<std::size_t>(limits.message);
    config.limits.waiting = static_cast<std::size_t>(limits.waiting);
    config.limits.rate = limits.rate;
    config.limits.handshake_ms = limits.handshake;
    return config;
}

std::optional<Failure> Agent::listen(const Listen &where, bool fall_back)
{
    auto listening = signaling::Relay::listen(relay_config(options_, where));
    if (auto *error = std::get_if<signaling::Relay::ListenError>(&listening)) {
        if (!error->in_use || !fall_back)
            return error->failure;
        connect("http://localhost:" + std::to_string(where.port));
        return std::nullopt;
    }
    relay_ = std::move(std::get<std::unique_ptr<signaling::Relay>>(listening));
    relay_->warning = [this](const Warning &warning) { warn(warning); };
    events_.emit("listening", {{"url", relay_->url()}});
    log_.info("signaling server at " + relay_->url());
    if (is_open_to_all(options_))
        warn({"open-to-all",
              "whoever reaches this relay from another machine may call, and is "
              "answered at once: give --token, or --no-auto to be asked"});
    adopt(relay_->attach(number_));
    return std::nullopt;
}

void Agent::connect(const std::string &url)
{
    signaling::ClientConfig config;
    config.url = url;
    config.ca_file = options_.ca;
    config.insecure = options_.insecure;
    config.token = options_.token;
    config.number = number_;  // others call us by it also where the server gives no numbers
    auto made = signaling::make_client(config);
    if (!made)
        return fail({Exit::Usage, made.error()});
    adopt(std::move(*made));
}

void Agent::adopt(std::unique_ptr<signaling::Channel> channel)
{
    channel_ = std::move(channel);
    channel_->handlers.state = [this](signaling::State state, const std::string &detail) {
        on_signaling(state, detail);
    };
    channel_->handlers.message = [this](const Message &message) { on_message(message); };
    channel_->handlers.warning = [this](const Warning &warning) { warn(warning); };
    channel_->handlers.failed = [this](const Failure &failure) { tell(Call::Failed{failure}); };
}

void Agent::on_signaling(signaling::State state, const std::string &detail)
{
    const auto before = std::exchange(signaling_, state);
    events_.emit("signaling", {{"state", signaling::name(state)}, {"url", channel_->url()}});
    // A callee's relay that goes with its call is no news to who has just hung up.
    const bool over = session_ && session_->call().state() == Call::State::Ended;
    if (state == signaling::State::Reconnecting && !over)
        warn({"signaling-reconnecting", detail});
    else
        log_.debug(std::string("signaling: ") + signaling::name(state) + " " + channel_->url());
    if (state == signaling::State::Connected) {
        if (before == signaling::State::Reconnecting)
            log_.info("signaling: connected again");
        tell(Call::SignalingUp{});
    } else if (before == signaling::State::Connected) {
        tell(Call::SignalingDown{detail});
    }
}

void Agent::on_network(const glib::Addresses &gone)
{
    if (channel_)
        channel_->network_changed();
    if (session_)
        session_->network_changed(gone);
}

void Agent::on_message(const Message &message)
{
    if (const auto *id = std::get_if<Id>(&message.body);
        id && !id->id.empty() && id->id != number_) {
        if (!options_.number.empty())
            log_.warning("number " + options_.number + " is taken there: ours is " + id->id);
        number_ = id->id;
    }
    tell(Call::Received{message});
}

}  // namespace callagent
