"""Callers at home behind routers and firewalls, with no network in common: by STUN where that works, else by TURN."""

import pytest

from harness.agent import in_call
from harness.network import Internet


def call(caller, homes, *options):
    answer = caller(homes[0], "--answer", *options)
    offer = caller(homes[1], "--offer", "--duration", "2", *options)
    return offer, answer


def stands(offer, answer):
    """Both ends saw the other, and ended well; the two candidates of the pair that the offerer had."""
    in_call(offer, answer)
    offer.ends(0)
    answer.ends(0)
    connected = offer.event("connected")
    return connected["local"], connected["remote"]


def test_plain_nat_needs_only_stun(internet, coturn, caller):
    server = coturn()
    homes = [internet.home(number, Internet.PLAIN) for number in (1, 2)]
    pair = stands(*call(caller, homes, "--stun", server.stun))
    for candidate in pair:
        assert candidate["candidateType"] in ("srflx", "prflx")
        assert candidate["protocol"] == "udp"
    assert {candidate["address"] for candidate in pair} == {"10.231.101.2", "10.231.102.2"}


def test_between_symmetric_nats_there_is_only_turn(internet, coturn, caller):
    server = coturn()
    homes = [internet.home(number, Internet.SYMMETRIC) for number in (1, 2)]
    pair = stands(*call(caller, homes, "--stun", server.stun, "--turn", server.turn("udp")))
    assert "relay" in {candidate["candidateType"] for candidate in pair}


def test_turn_on_one_side_is_enough(internet, coturn, caller):
    server = coturn()
    homes = [internet.home(number, Internet.SYMMETRIC) for number in (1, 2)]
    answer = caller(homes[0], "--answer", "--stun", server.stun)
    offer = caller(homes[1], "--offer", "--duration", "2", "--turn", server.turn("udp"))
    assert stands(offer, answer)[0]["candidateType"] == "relay"


def test_a_relay_lets_nobody_in_of_whom_it_was_not_told(internet, coturn, caller):
    server = coturn()
    homes = [internet.home(number, Internet.SYMMETRIC) for number in (1, 2)]
    answer = caller(homes[0], "--answer")
    offer = caller(homes[1], "--offer", "--turn", server.turn("udp"))
    assert "the peer knows no public address of its own" in offer.ends(6, seconds=30)["reason"]
    assert "no public address of our own is known: add --stun or --turn" in answer.ends(6)["reason"]


def test_without_turn_symmetric_nats_have_no_path_and_the_reason_says_what_was_tried(internet, coturn, caller):
    server = coturn()
    homes = [internet.home(number, Internet.SYMMETRIC) for number in (1, 2)]
    offer, answer = call(caller, homes, "--stun", server.stun)
    for each, home in ((offer, 2), (answer, 1)):
        reason = each.ends(6, seconds=30, says="ICE found no path")["reason"]
        for part in ("here 2 host/tcp, 1 host/udp, 2 srflx/tcp, 1 srflx/udp; there 2 host/tcp, 1 host/udp",
                     f"{server.stun} sees us as 10.231.10{home}.2:", "no relay: add --turn"):
            assert part in reason


@pytest.mark.parametrize("scheme", ["turn", "turns"])
def test_a_firewall_without_udp_lets_turn_over_tcp_through(internet, coturn, certificate, caller, scheme):
    server = coturn(certificate=certificate)
    homes = [internet.home(number, Internet.PLAIN) for number in (1, 2)]
    for home in homes:
        home.block_udp()
    pair = stands(*call(caller, homes, "--turn", server.turn("tcp", scheme=scheme), "--ca", certificate[0]))
    assert [candidate["candidateType"] for candidate in pair] == ["relay", "relay"]


def test_a_firewall_without_udp_and_no_turn(internet, caller):
    homes = [internet.home(number, Internet.PLAIN) for number in (1, 2)]
    for home in homes:
        home.block_udp()
    silent = f"stun://{Internet.SERVER}:3478"
    offer, answer = call(caller, homes, "--stun", silent, "--no-ice-tcp")
    for each in (offer, answer):
        reason = each.ends(6, seconds=30)["reason"]
        assert "here 1 host/udp; there 1 host/udp" in reason
        assert f"{silent}: " in reason
        assert each.event("warning", where=lambda event: event["code"] == "stun-server")["message"].startswith(silent)


@pytest.mark.alone  # it measures
def test_servers_that_do_not_answer_cost_nothing(internet, caller):
    """Neither does a name that takes its time: here nobody answers who is asked for names. Whoever waited for one of
    them would wait for two seconds at least: libnice for STUN; for names it is five."""
    home = internet.home(1, Internet.PLAIN)
    nobody = "10.231.250.1"
    home.names_from(nobody)
    took = {}
    for name, options in {
        "without": (),
        "with": ("--stun", "stun://stun.example.org", "--turn", f"turn://a:b@{nobody}?transport=udp",
                 "--turn", f"turn://a:b@{nobody}?transport=tcp", "--turn", f"turns://a:b@{nobody}",
                 "--turn", "turn://a:b@turn.example.org", "--turn", "turns://a:b@turn.example.org"),
    }.items():
        offer, answer = call(caller, [home, home], *options)
        stands(offer, answer)
        took[name] = [each.event("connected")["setup_ms"] for each in (offer, answer)]
        for each in (offer, answer):
            assert not each.events("warning"), "nobody needs to know"
            end = each.events()[-1]["t"]
            assert end - each.event("connected")["t"] < 4, "nor waits for them at the end"
    print(took)
    assert max(took["with"]) < max(took["without"]) + 1000, took
