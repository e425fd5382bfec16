"""TURN servers: over UDP, TCP and TLS, with all kinds of credentials, good and bad. Against coturn."""

import base64
import hashlib
import hmac
import time

import pytest

from harness.agent import in_call
from harness.network import Coturn, Internet

RELAY = ("--ice-policy", "relay")


@pytest.fixture
def home(internet):
    return internet.home(1, Internet.PLAIN)


def relayed(caller, home, *options, at=Internet.SERVER):
    """A call that goes through the relay on both sides."""
    answer = caller(home, "--answer", *RELAY, *options)
    offer = caller(home, "--offer", "--duration", "1", *RELAY, *options)
    in_call(offer, answer)
    for each in (offer, answer):
        each.ends(0)
        connected = each.event("connected")
        assert (connected["local"]["candidateType"], connected["remote"]["candidateType"]) == ("relay", "relay")
        assert connected["local"]["address"] == at
    return offer, answer


def complaint(agent):
    return agent.event("warning", 15, where=lambda event: event["code"] == "turn-server")["message"]


def fails(caller, home, *options):
    """The offerer has no relay; what it says about its servers, in the warning and in the reason."""
    answer = caller(home, "--answer")
    offer = caller(home, "--offer", *RELAY, *options)
    message = complaint(offer)
    reason = offer.ends(6, seconds=30)["reason"]
    assert message in reason
    assert "here nothing" in reason
    assert "no relay of ours: mend that" in reason
    answer.ends(6, says="the peer sent no candidate")
    return message


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_relay(coturn, caller, home, transport):
    relayed(caller, home, "--turn", coturn().turn(transport))


@pytest.fixture
def over_ipv6(agent, spawn, two_hosts, make_cert, tmp_path):
    """A server that has no other address than one of IPv6, and two who see it: (Coturn, place)."""
    (far, near), _ = two_hosts
    for host, address in ((far, "fd00:231::1"), (near, "fd00:231::2")):
        host.run("ip", "addr", "flush", "dev", "cable", "scope", "global")
        host.run("ip", "addr", "add", f"{address}/64", "dev", "cable", "nodad")
    certificate = make_cert("fd00:231::1")

    def start(**options):
        return Coturn(spawn, tmp_path, far, "fd00:231::1", certificate=certificate, **options)

    def place(home, mode, *options):
        url = [place.answer.url()] if mode == "--offer" else ["--listen", "0"]
        made = agent(mode, *url, "--stun", "none", "--ca", certificate[0], *options, prefix=near.prefix)
        place.answer = made
        return made

    return start, place


@pytest.mark.parametrize("scheme, transport", [("turn", "udp"), ("turn", "tcp"), ("turns", "tcp")])
def test_relay_over_ipv6(over_ipv6, scheme, transport):
    start, place = over_ipv6
    server = start(family="keep")
    relayed(place, None, "--turn", server.turn(transport, scheme=scheme), at=server.address)


def test_a_server_that_has_no_address_for_what_it_is_asked(over_ipv6):
    """Who asks for no kind of address is given one of IPv4 (RFC 8656, 7.2)."""
    start, place = over_ipv6
    message = fails(place, None, "--turn", start().turn("udp"))
    assert "has no IPv4 address to relay from" in message and "440" in message


@pytest.mark.parametrize("trust", ["ca", "insecure"])
def test_relay_over_tls(coturn, certificate, caller, home, trust):
    server = coturn(certificate=certificate)
    offer, answer = relayed(caller, home, "--turn", server.turn("tcp", scheme="turns"),
                            *(("--ca", certificate[0]) if trust == "ca" else ("--insecure",)))
    for each in (offer, answer):
        assert not each.events("warning")
    assert f"local {server.address}:{server.tls_port}" in server.process.stdout


def test_a_server_whose_certificate_nobody_vouches_for(coturn, certificate, caller, home):
    server = coturn(certificate=certificate)
    message = fails(caller, home, "--turn", server.turn("tcp", scheme="turns"))
    assert message.startswith(f"turns://{server.address}:{server.tls_port}?transport=tcp: its certificate is not trusted")
    assert "--ca" in message
    assert "ALLOCATE" not in server.process.stdout, "nothing was said to it"


@pytest.mark.parametrize("scheme,transport", [("turn", "udp"), ("turn", "tcp"), ("turns", "tcp")])
def test_a_wrong_password(coturn, certificate, caller, home, scheme, transport):
    server = coturn(certificate=certificate)
    message = fails(caller, home, "--ca", certificate[0],
                    "--turn", server.turn(transport, scheme=scheme, password="guessed"))
    assert "refuses user 'alice'" in message and "wrong password" in message and "401" in message
    assert "guessed" not in message


def test_of_several_servers_one_that_works_is_enough(coturn, caller, home):
    server = coturn()
    relayed(caller, home, "--turn", "turn://a:b@10.231.250.1?transport=udp",
            "--turn", server.turn("udp", password="guessed"), "--turn", server.turn("tcp", user="nobody"),
            "--turn", server.turn("tcp"))


def time_limited(secret, expires):
    user = f"{int(expires)}:bob"
    return user, base64.b64encode(hmac.new(secret.encode(), user.encode(), hashlib.sha1).digest()).decode()


def test_time_limited_credentials(coturn, caller, home, tmp_path):
    server = coturn(secret="north")
    user, password = time_limited("north", time.time() + 3600)
    relayed(caller, home, "--turn", server.turn("udp", user=user, password=password))

    user, password = time_limited("north", time.time() - 60)
    message = fails(caller, home, "--turn", server.turn("udp", user=user, password=password))
    assert "expired" in message


@pytest.mark.parametrize("who", ["", "bob@"])
def test_credentials_made_of_the_shared_secret(coturn, caller, home, tmp_path, who):
    server = coturn(secret="north")
    (tmp_path / "secret").write_text("north\n")
    relayed(caller, home, "--turn", f"turn://{who}{server.address}:{server.port}",
            "--turn-secret-file", str(tmp_path / "secret"))
    assert ":bob>" in server.process.stdout or not who


def test_doctor_tries_them_out(coturn, certificate, agent, home):
    server = coturn(certificate=certificate)
    doctor = agent("--doctor", "--stun", server.stun, "--turn", server.turn("udp"), "--turn", server.turn("tcp"),
                   "--turn", server.turn("tcp", scheme="turns"), "--turn", server.turn("udp", password="guessed"),
                   "--ca", certificate[0], prefix=home.prefix, defaults=False)
    assert doctor.wait() == 0
    lines = [line for line in doctor.stdout.splitlines() if server.address in line]
    assert [line.split()[0] for line in lines] == ["ok", "ok", "ok", "ok", "missing"]
    assert "sees us as 10.231.101.2:" in lines[0]
    for line in lines[1:4]:
        assert f"relays from {server.address}:" in line
    assert "refuses user 'alice'" in lines[4]


def test_port_range(coturn, caller, home):
    server = coturn()
    options = ("--port-range", "40100-40119", "--stun", server.stun)
    answer = caller(home, "--answer")
    offer = caller(home, "--offer", *options)
    in_call(offer, answer)
    sockets = home.sockets(offer.pid)
    assert sockets
    assert all(40100 <= port <= 40119 for _, port in sockets), sockets
    assert 40100 <= offer.event("connected")["local"]["port"] <= 40119
    offer.kill()


@pytest.mark.long
def test_no_port_of_the_range_is_free(caller, home, spawn):
    taken = spawn([*home.prefix, "python3", "-c", """
import socket, time
sockets = [socket.socket(type=kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
for one in sockets: one.bind(("0.0.0.0", 40100))
sockets[1].listen()
print("taken", flush=True)
time.sleep(60)"""])
    taken.line("taken")
    answer = caller(home, "--answer")
    offer = caller(home, "--offer", "--port-range", "40100-40100", "--no-ice-tcp")
    offer.ends(6, seconds=30, says="no port of --port-range is free")
    answer.ends(6)


def test_bind_address(caller, home):
    home.run("ip", "addr", "add", "10.231.1.77/24", "dev", "cable")
    answer = caller(home, "--answer")
    offer = caller(home, "--offer", "--bind-address", "10.231.1.77")
    in_call(offer, answer)
    assert {address for address, _ in home.sockets(offer.pid)} == {"10.231.1.77"}
    assert offer.event("connected")["local"]["address"] == "10.231.1.77"
    offer.kill()


def test_relay_over_tls_from_the_bound_address(coturn, certificate, caller, home):
    home.run("ip", "addr", "add", "10.231.1.77/24", "dev", "cable")
    server = coturn(certificate=certificate)
    turn = ("--turn", server.turn("tcp", scheme="turns"), "--ca", certificate[0])
    answer = caller(home, "--answer", *RELAY, *turn)
    offer = caller(home, "--offer", *RELAY, *turn, "--bind-address", "10.231.1.77")
    in_call(offer, answer)
    ours = [line.split() for line in home.run("ss", "-Hntp").splitlines()
            if f"pid={offer.pid}," in line and f"{server.address}:{server.tls_port}" in line]
    assert ours
    assert all(fields[3].startswith("10.231.1.77:") for fields in ours)
    offer.kill()


@pytest.mark.parametrize("mode", ["--answer", "--offer"])
def test_an_address_of_another_machine(caller, home, mode):
    agent = caller(home, mode, "--bind-address", "192.0.2.1")
    reason = agent.ends(2, says="--bind-address 192.0.2.1: no address of this machine")["reason"]
    assert "10.231.1.2" in reason
    assert not agent.events("signaling")


def test_an_address_that_comes_later(caller, home):
    """As that of a VPN. Who answers call after call is not over because of it."""
    answer = caller(home, "--answer", "--keep", "--bind-address", "10.231.1.77")
    assert "10.231.1.77: no address of this machine" in answer.event("warning")["message"]
    home.run("ip", "addr", "add", "10.231.1.77/24", "dev", "cable")
    offer = caller(home, "--offer")
    in_call(offer, answer)
    assert answer.event("connected")["local"]["address"] == "10.231.1.77"
    offer.kill()
