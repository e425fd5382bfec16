"""A peer that dies, freezes, comes too late or is in another call; signaling that goes away in mid-call."""

import signal
import time

import pytest

from harness.agent import in_call


def call(agent, url, *offer_options, answer_options=()):
    """An answerer and an offerer at a server, in a call."""
    answer = agent("--answer", url, *answer_options)
    answer.event("signaling", where=lambda event: event["state"] == "connected")
    offer = agent("--offer", url, *offer_options)
    in_call(answer, offer)
    return answer, offer


@pytest.mark.long
@pytest.mark.parametrize("dies", ["offer", "answer"])
def test_a_peer_is_killed(agent, wire, dies):
    answer, offer = call(agent, wire().url)
    victim, survivor = (offer, answer) if dies == "offer" else (answer, offer)
    begin = time.monotonic()
    victim.kill()
    survivor.event("stall", 6)
    survivor.ends(8, seconds=20)
    assert time.monotonic() - begin < 20


@pytest.mark.long
def test_the_peer_that_has_the_relay_is_killed(agent):
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url())
    in_call(answer, offer)
    answer.kill()
    offer.ends(8, seconds=20)


@pytest.mark.long
@pytest.mark.parametrize("freezes", ["offer", "answer"])
def test_a_peer_freezes_for_good(agent, wire, freezes):
    answer, offer = call(agent, wire().url)
    victim, survivor = (offer, answer) if freezes == "offer" else (answer, offer)
    victim.signal(signal.SIGSTOP)
    begin = time.monotonic()
    survivor.event("stall", 6)
    survivor.ends(8, seconds=20)
    assert time.monotonic() - begin < 20


def test_a_peer_freezes_and_comes_back(agent, wire):
    answer, offer = call(agent, wire().url)
    offer.signal(signal.SIGSTOP)
    stalled = {answer.event("stall", 6)["media"]}
    offer.signal(signal.SIGCONT)
    assert answer.event("resumed", 5)["media"] in {event["media"] for event in answer.events("stall")} | stalled
    offer.signal(signal.SIGINT)
    offer.ends(0)
    answer.ends(0)


def test_what_comes_late_is_not_lost(agent, wire):
    """A busy sender's pause is not a gap: nothing is asked for again, and no picture is missed."""
    answer, offer = call(agent, wire().url)
    offer.signal(signal.SIGSTOP)
    time.sleep(0.7)  # the pause itself
    offer.signal(signal.SIGCONT)
    begin = offer.events("stats")[-1]["t"] if offer.events("stats") else 0
    offer.event("stats", where=lambda event: event["t"] > begin + 2.5)
    offer.signal(signal.SIGINT)
    sent = offer.ends(0)["summary"]["video"]["sent"]
    received = answer.ends(0)["summary"]["video"]["received"]
    assert (received["nackCount"], received["packetsLost"]) == (0, 0)
    assert sent["pliCount"] == 0
    assert received["framesDecoded"] >= sent["framesEncoded"] - 3


@pytest.mark.long
def test_one_medium_stops(agent, wire):
    """What was negotiated and stops is not made good by the other medium. The pictures begin with the process: there are
    enough of them for a slow start."""
    answer = agent("--answer", wire().url, "--video", "videotestsrc is-live=true num-buffers=300 ! queue")
    answer.event("signaling", where=lambda event: event["state"] == "connected")
    offer = agent("--offer", answer.command[2])
    in_call(offer)
    assert offer.event("stall", 15)["media"] == "video"
    offer.signal(signal.SIGINT)
    offer.ends(0)


def test_a_second_caller_is_told_that_the_line_is_busy(agent):
    answer = agent("--answer", "--listen", "0")
    first = agent("--offer", answer.url())
    in_call(answer, first)
    second = agent("--offer", answer.url())
    second.ends(11, says="busy")
    first.signal(signal.SIGINT)
    first.ends(0)
    answer.ends(0)
    assert not answer.events("stall") and not first.events("stall")


def test_a_second_caller_at_a_dumb_relay(agent, wire):
    server = wire()
    answer, first = call(agent, server.url)
    agent("--offer", server.url).ends(11, says="busy")
    first.signal(signal.SIGINT)
    first.ends(0)
    answer.ends(0)


def test_a_peer_that_hangs_up_before_media(agent, wire):
    server = wire(lambda message, sender: None)
    offer = agent("--offer", server.url)
    sdp = server.wait_message("sdp")
    peer = {"from": "123456", "to": sdp["from"], "call": sdp["call"]}
    server.inject({"type": "ringing", **peer})
    offer.event("ringing")
    server.inject({"type": "bye", "reason": "never mind", **peer})
    offer.ends(11, says="hung up")


def test_a_peer_that_rejects_the_call(agent, wire):
    server = wire(lambda message, sender: None)
    offer = agent("--offer", server.url)
    sdp = server.wait_message("sdp")
    server.inject({"type": "reject", "reason": "not today", "call": sdp.get("call", "")})
    offer.ends(11, says="not today")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("who", [0, 1], ids=["answer", "offer"])
def test_a_signal_hangs_up(agent, wire, number, who):
    server = wire()
    both = call(agent, server.url)
    both[who].signal(number)
    begin = time.monotonic()
    both[who].ends(0)
    both[1 - who].ends(0)
    assert time.monotonic() - begin < 6
    assert server.wait_message("bye")


def test_signaling_goes_and_comes_back_in_mid_call(agent, wire):
    server = wire()
    answer, offer = call(agent, server.url)
    server.die()
    for each in (answer, offer):
        each.event("signaling", where=lambda event: event["state"] == "reconnecting")
    time.sleep(3)  # the call must stand without it for a while
    server.start()
    server.wait_clients(4, 20)
    offer.signal(signal.SIGINT)
    offer.ends(0)
    answer.ends(0)  # heard the bye over the new connection, or on the media path
    for each in (answer, offer):
        assert not each.events("stall")


@pytest.mark.long
def test_signaling_that_is_gone_for_good_does_not_end_a_call(agent, wire):
    server = wire()
    answer, offer = call(agent, server.url, "--duration", "12")
    server.die()
    offer.ends(0, seconds=30)
    # No bye can arrive: the peer learns it from the media path.
    answer.ends(0)


def test_the_tutorials_server_is_killed_in_mid_call(agent, tutorial):
    url = tutorial("2")
    answer, offer = call(agent, url, "--duration", "6")
    tutorial.server.kill()
    offer.ends(0)
    answer.ends(0)
