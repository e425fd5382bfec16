"""What a stranger may say on the signaling channel: a warning, and the call goes on."""

import json
import signal
import time

import pytest

HOST = "candidate:{} 1 UDP 2122252543 127.0.0.1 {} typ host"

STRANGE = {
    "an array": "[]",
    "a number": "5",
    "a string": '"sdp"',
    "null": "null",
    "nothing": "",
    "cut off": '{"type":"sdp","sdp":{"ty',
    "two objects": '{"type":"ringing"}{"type":"bye"}',
    "no type": "{}",
    "a type that is no string": '{"type":7}',
    "an unknown type": '{"type":"telegram"}',
    "a description without text": '{"type":"sdp"}',
    "a description that is a number": '{"type":"sdp","sdp":5}',
    "a description of numbers": '{"type":"sdpRemote","sdp":{"type":1,"sdp":2}}',
    "a description of another kind": '{"type":"sdp","sdp":{"type":"pranswer","sdp":"v=0"}}',
    "a candidate without text": '{"type":"candidate"}',
    "a candidate that is a list": '{"type":"candidate","candidate":[1,2]}',
    "a candidate of nonsense": '{"type":"candidate","candidate":{"candidate":"rm -rf","sdpMLineIndex":0}}',
    "a candidate for no m-line": '{"type":"candidate","candidate":{"candidate":"%s","sdpMLineIndex":-7}}'
                                 % HOST.format(1, 9),
    "a candidate for another world": '{"type":"candidate","candidate":{"candidate":"%s","sdpMLineIndex":1e300}}'
                                     % HOST.format(1, 9),
    "deep brackets": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "half a surrogate": '{"type":"\\ud800"}',
    "a NUL": '{"type":"sdp\\u0000"}',
    "5 MB of letters": "x" * 5_000_000,
    "a binary frame": b"\x00\x01\x02",
    "a binary frame with a message": b'{"type":"bye"}',
}

# Understood, but none of our business: not even a warning is due.
NOT_OURS = {
    "a bye for somebody else": '{"type":"bye","to":"000000","reason":"no"}',
    "a bye of another call": '{"type":"bye","call":"another","reason":"no"}',
    "an answer of another call": '{"type":"sdpRemote","call":"another","sdp":{"type":"answer","sdp":"v=0"}}',
    "another member": '{"type":"ringing","colour":"blue","nested":{"a":[1,2,{"b":null}]}}',
}


def in_call(agent, server):
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    offer = agent("--offer", server.url)
    for each in (answer, offer):
        each.event("first-frame", 20)
    return answer, offer


def frames_decoded(event):
    return sum(entry.get("framesDecoded", 0) for entry in event["stats"] if entry["type"] == "inbound-rtp")


def goes_on_and_ends(*agents):
    """Frames still come; then one side hangs up."""
    for each in agents:
        each.event("stats")
        last = each.events("stats")[-1]
        fresh = each.event("stats", 5, where=lambda event: event["t"] > last["t"] + 1)
        assert frames_decoded(fresh) > frames_decoded(last)
    agents[0].signal(signal.SIGINT)
    for each in agents:
        each.ends(0)
        assert not each.events("stall")


def test_before_the_call(agent, wire):
    server = wire()
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    for what in [*STRANGE.values(), *NOT_OURS.values()]:
        server.inject(what)
    server.inject_bad_utf8()
    answer.event("warning")
    offer = agent("--offer", server.url, "--duration", "2")
    offer.ends(0, seconds=30)
    answer.ends(0)


def test_in_mid_call(agent, wire):
    server = wire()
    both = in_call(agent, server)
    for what in [*STRANGE.values(), *NOT_OURS.values()]:
        server.inject(what)
    for each in both:
        each.event("warning")
    goes_on_and_ends(*both)
    for each in both:
        for event in each.events("warning"):
            assert event["code"] and "\n" not in event["message"] and len(event["message"]) < 1000


@pytest.mark.parametrize("what", STRANGE.values(), ids=STRANGE.keys())
def test_each_is_a_warning_of_its_own(agent, wire, what):
    server = wire()
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    server.inject(what)
    answer.event("warning")
    answer.signal(signal.SIGINT)
    answer.ends(130)


def test_wrong_utf8_in_mid_call(agent, wire):
    """It may cost the connection to the server (RFC 6455 8.1), but not the call."""
    server = wire()
    both = in_call(agent, server)
    server.inject_bad_utf8()
    for each in both:
        each.event("warning")
    goes_on_and_ends(*both)


def test_a_flood_of_candidates(agent, wire):
    server = wire()
    both = in_call(agent, server)
    begin = time.monotonic()
    server.inject_all(json.dumps({"type": "candidate", "candidate": {
        "candidate": HOST.format(number, 1024 + number % 60_000), "sdpMid": "0", "sdpMLineIndex": 0}})
        for number in range(100_000))
    server.inject({"type": "telegram"})  # comes last
    for each in both:
        each.event("warning", 30, where=lambda event: "telegram" in event["message"])
    assert time.monotonic() - begin < 60
    goes_on_and_ends(*both)
    for each in both:
        assert len(each.events("warning")) < 1000, "warnings are bounded too"


def test_a_description_out_of_turn(agent, wire):
    """An answer in mid-call that nobody asked for."""
    server = wire()
    both = in_call(agent, server)
    answer = server.wait_message("sdpRemote")
    server.inject(answer)
    server.inject({**answer, "call": ""})
    goes_on_and_ends(*both)
