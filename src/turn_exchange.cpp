#include "turn_exchange.h"

#include <algorithm>
#include <array>

#include <nice/address.h>
#include <stun/stunagent.h>
#include <stun/usages/turn.h>

namespace callagent {
namespace {

constexpr auto kCompatibility = STUN_USAGE_TURN_COMPATIBILITY_RFC5766;

struct Packet {
    std::array<std::uint8_t, 1500> bytes{};
    StunMessage message{};
};

std::string shown(const sockaddr_storage &from)
{
    NiceAddress address;
    nice_address_init(&address);
    nice_address_set_from_sockaddr(&address, reinterpret_cast<const sockaddr *>(&from));
    std::array<char, NICE_ADDRESS_STRING_LEN> text{};
    nice_address_to_string(&address, text.data());
    const bool ipv6 = nice_address_ip_version(&address) == 6;
    return (ipv6 ? "[" : "") + std::string(text.data()) + (ipv6 ? "]:" : ":") +
           std::to_string(nice_address_get_port(&address));
}

Error refusal(const StunMessage &response, const TurnUser &user)
{
    int code = 0;
    if (stun_message_find_error(&response, &code) != STUN_MESSAGE_RETURN_SUCCESS)
        return Error{"what came back is no answer to an allocation"};
    const auto number = " (" + std::to_string(code) + ")";
    switch (code) {
        case STUN_ERROR_UNAUTHORIZED:
            return Error{"refuses user '" + user.name +
                         "': unknown there, a wrong password, or expired" + number};
        case STUN_ERROR_ALLOCATION_QUOTA_REACHED:
            return Error{"has no room for another allocation of user '" + user.name + "'" + number};
        case STUN_ERROR_UNSUPPORTED_FAMILY:  // libnice asks for none, which means IPv4
            return Error{
                "has no IPv4 address to relay from" + number +
                ": give it one, or start coturn with --allocation-default-address-family=keep"};
        default:
            return Error{"refuses to relay: " +
                         std::string(stun_strerror(static_cast<StunError>(code))) + number};
    }
}

}  // namespace

Result<std::string> allocate_turn(const TurnUser &user, const StunExchange &exchange)
{
    StunAgent agent;
    stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS);
    auto name = user.name;
    auto password = user.password;
    auto *name_bytes = reinterpret_cast<std::uint8_t *>(name.data());
    auto *password_bytes = reinterpret_cast<std::uint8_t *>(password.data());

    Packet request, response, challenge;
    // Without credentials the server says for which realm it wants them, and with which nonce (RFC
    // 8489, 9.2.4). A nonce may be stale at once, and then there is another.
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto size = stun_usage_turn_create(
            &agent, &request.message, request.bytes.data(), request.bytes.size(),
            attempt == 0 ? nullptr : &challenge.message, STUN_USAGE_TURN_REQUEST_PORT_NORMAL, -1,
            -1, name_bytes, name.size(), password_bytes, password.size(), kCompatibility);
        const auto answer = exchange({request.bytes.data(), size});
        if (!answer)
            return Error{answer.error()};
        if (answer->size() > response.bytes.size())
            return Error{"what came back is too long"};
        std::copy(answer->begin(), answer->end(), response.bytes.begin());
        const auto valid = stun_agent_validate(&agent, &response.message, response.bytes.data(),
                                               answer->size(), nullptr, nullptr);
        if (valid != STUN_VALIDATION_SUCCESS)
            return Error{"what came back is not STUN, or for somebody else"};

        sockaddr_storage relay{}, mapped{}, alternate{};
        socklen_t relay_size = sizeof relay, mapped_size = sizeof mapped,
                  alternate_size = sizeof alternate;
        std::uint32_t bandwidth = 0, lifetime = 0;
        const auto result = stun_usage_turn_process(&response.message, &relay, &relay_size, &mapped,
                                                    &mapped_size, &alternate, &alternate_size,
                                                    &bandwidth, &lifetime, kCompatibility);
        if (result == STUN_USAGE_TURN_RETURN_RELAY_SUCCESS ||
            result == STUN_USAGE_TURN_RETURN_MAPPED_SUCCESS) {
            // Given back at once; where that is lost, it expires.
            const auto end = stun_usage_turn_create_refresh(
                &agent, &request.message, request.bytes.data(), request.bytes.size(),
                &challenge.message, 0, name_bytes, name.size(), password_bytes, password.size(),
                kCompatibility);
            (void)exchange({request.bytes.data(), end});
            return shown(relay);
        }
        if (result == STUN_USAGE_TURN_RETURN_ALTERNATE_SERVER)
            return Error{"sends us to another server, " + shown(alternate)};
        int code = 0;
        const bool asks =
            stun_message_find_error(&response.message, &code) == STUN_MESSAGE_RETURN_SUCCESS &&
            (code == STUN_ERROR_STALE_NONCE || (code == STUN_ERROR_UNAUTHORIZED && attempt == 0));
        if (!asks)
            return refusal(response.message, user);
        challenge = response;
        challenge.message.buffer = challenge.bytes.data();
    }
    return Error{"asks for a new nonce again and again"};
}

}  // namespace callagent
