"""What callagent counts and what Chromium counts of the same streams (W3C webrtc-stats), read when they have come to a
standstill: a difference is one of meaning, never one of the moment."""

import json
import signal
import subprocess

import pytest

from harness.process import wait_until

FRAMES = 200  # seven seconds: Chromium probes the path with padding in the first two


def by_ssrc(entries, kind):
    return {entry["ssrc"]: entry for entry in entries if entry["type"] == kind}


def ask(process):
    """What its command `stats` replies with."""
    before = len(process.stdout.splitlines())
    process.child.stdin.write(b'{"command":"stats"}\n')
    process.child.stdin.flush()
    wait_until(lambda: process.stdout.endswith("\n") and len(process.stdout.splitlines()) > before, "a reply")
    return json.loads(process.stdout.splitlines()[before])["stats"]


def standing(read, kind, *members):
    """The entries of a kind when these counters have not grown ten times in a row."""
    seen = []

    def still():
        seen.append({ssrc: [entry.get(member) for member in members] for ssrc, entry in by_ssrc(read(), kind).items()})
        return len(seen) > 10 and all(each == seen[-1] for each in seen[-10:])

    wait_until(still, f"{members} of {kind} at a standstill")
    return by_ssrc(read(), kind)


def agree(ours, theirs, pairs):
    for our, their in pairs.items():
        assert ours[our] == pytest.approx(theirs[their], rel=0.02), \
            f"{ours['kind']}: our {our} is {ours[our]}, Chromium's {their} is {theirs[their]}"


@pytest.mark.parametrize("role", ["answer", "offer"])
def test_the_counters_of_chromium_and_ours_agree(agent, driver, tutorial, role):
    url = tutorial("2")
    page = driver.launch("chromium")
    options = ["--control", "-"]
    if role == "answer":
        process = agent("--answer", url, *options, stdin=subprocess.PIPE)
        process.event("signaling", where=lambda event: event["state"] == "connected")
        page.open(url)
        page.start_call()
    else:
        page.open(url)
        process = agent("--offer", url, *options, stdin=subprocess.PIPE)
    page.wait_frames(FRAMES, 40)

    # What Chromium sends, once it has stopped to.
    page.evaluate("Promise.all(rtcConnection.getSenders().map((sender) => sender.replaceTrack(null))).then(() => 1)")
    sent = standing(lambda: page.do("stats"), "outbound-rtp", "packetsSent")
    received = standing(lambda: ask(process), "inbound-rtp", "packetsReceived", "framesDecoded")
    # What we send: the call is over, and the tutorial's page keeps its connection.
    process.signal(signal.SIGINT)
    summary = process.ends(0)["summary"]
    ours = by_ssrc(process.events("stats")[-1]["stats"], "outbound-rtp")
    theirs = standing(lambda: page.do("stats"), "inbound-rtp", "packetsReceived", "framesDecoded")

    assert sorted(sent) == sorted(received) and len(sent) == 2
    for ssrc, entry in sent.items():
        pairs = {"packetsReceived": "packetsSent", "bytesReceived": "bytesSent",
                 "headerBytesReceived": "headerBytesSent"}
        if entry["kind"] == "video":
            assert entry["framesSent"] > 60
            pairs |= {"framesReceived": "framesSent", "framesDecoded": "framesEncoded",
                      "keyFramesDecoded": "keyFramesEncoded"}
        agree(received[ssrc], entry, pairs)
        counted = summary[entry["kind"]]["received"]
        assert {name: counted[name] for name in pairs} == {name: received[ssrc][name] for name in pairs}

    assert sorted(ours) == sorted(theirs) and len(ours) == 2
    for ssrc, entry in theirs.items():
        pairs = {"packetsSent": "packetsReceived", "bytesSent": "bytesReceived",
                 "headerBytesSent": "headerBytesReceived"}
        if entry["kind"] == "video":
            pairs |= {"framesSent": "framesReceived", "framesEncoded": "framesDecoded",
                      "keyFramesEncoded": "keyFramesDecoded"}
        agree(ours[ssrc], entry, pairs)
        counted = summary[entry["kind"]]["sent"]
        assert {name: counted[name] for name in pairs} == {name: ours[ssrc][name] for name in pairs}
