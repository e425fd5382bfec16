"""Networks without a path: exit status 6. And with one that only TCP finds."""

import re
import signal

import pytest

from harness.agent import in_call


def without_candidates(message, sender):
    if message.get("type") == "candidate":
        return None
    if message.get("type") in ("sdp", "sdpRemote"):
        message["sdp"]["sdp"] = re.sub(r"(?m)^a=candidate:.*\r?\n", "", message["sdp"]["sdp"])
    return message


def with_dead_ends(message, sender):
    """Every candidate leads to a port where nobody is."""
    def astray(text):
        return re.sub(r"(candidate:\S+ \d) \S+ (\d+) \S+ \d+ typ .*?(?=\r|$)", r"\1 UDP \2 127.0.0.1 9 typ host",
                      text)
    if message.get("type") == "candidate":
        message["candidate"]["candidate"] = astray(message["candidate"]["candidate"])
    elif message.get("type") in ("sdp", "sdpRemote"):
        message["sdp"]["sdp"] = astray(message["sdp"]["sdp"])
    return message


@pytest.mark.long
@pytest.mark.parametrize("alter", [without_candidates, with_dead_ends])
def test_candidates_that_lead_nowhere(agent, wire, alter):
    server = wire(alter)
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    offer = agent("--offer", server.url)
    # Whoever notices first tells the other.
    ended = sorted([answer.wait(45), offer.wait(45)])
    assert ended in ([6, 6], [6, 11])
    for each in (answer, offer):
        each.ends(each.child.returncode)
        assert not each.events("connected")


def test_two_machines(agent, two_hosts):
    (here, there), addresses = two_hosts
    answer = agent("--answer", "--listen", ":0", prefix=here.prefix)
    port = answer.url().rsplit(":", 1)[1].strip("/")
    offer = agent("--offer", f"http://{addresses[0]}:{port}", prefix=there.prefix)
    in_call(answer, offer)
    offer.signal(signal.SIGINT)
    offer.ends(0)
    answer.ends(0)
    assert offer.events("connected")[0]["remote"]["protocol"] == "udp"


def test_lost_packets_are_sent_again(agent, two_hosts):
    """One video packet in twenty is lost on the way from one host to the other; what is sent again is not."""
    (here, there), addresses = two_hosts
    answer = agent("--answer", "--listen", f"{addresses[0]}:0", prefix=here.prefix)
    offer = agent("--offer", answer.url(), prefix=there.prefix)
    in_call(answer, offer)
    video = answer.events("negotiated")[0]["video"]["payload_type"]
    here.rules(f"""
        table inet lossy {{
            chain out {{
                type filter hook output priority 0
                meta l4proto udp @th,72,8 & 0x7f == {video} numgen inc mod 20 == 19 counter drop
            }}
        }}""")
    begun = offer.event("stats")["t"]
    offer.event("stats", 15, where=lambda event: event["t"] > begun + 5)
    dropped = int(re.search(r"counter packets (\d+)", here.run("nft", "list", "ruleset"))[1])
    offer.signal(signal.SIGINT)
    received = offer.ends(0)["summary"]["video"]["received"]
    sent = answer.ends(0)["summary"]["video"]["sent"]
    assert dropped > 4
    assert dropped - 2 <= received["packetsLost"] <= dropped + 2  # some while this asks, some not reported yet
    assert received["nackCount"] > 2
    assert sent["nackCount"] > 2
    assert sent["retransmittedPacketsSent"] > 2
    # Each counts what was sent again with the rest, and both the same.
    assert received["retransmittedPacketsReceived"] == pytest.approx(sent["retransmittedPacketsSent"], abs=1)
    assert received["packetsReceived"] == pytest.approx(sent["packetsSent"] - dropped, rel=0.03)
    assert received["bytesReceived"] == pytest.approx(
        sent["bytesSent"] * (1 - dropped / sent["packetsSent"]), rel=0.03)
    # A loss stays one when what was lost has come after all (RFC 3550, 6.4.1).
    first = received["packetsReceived"] - received["retransmittedPacketsReceived"]
    assert received["loss_fraction"] == pytest.approx(received["packetsLost"] / (first + received["packetsLost"]), abs=1e-5)
    assert received["quality"]["lost"] < received["quality"]["frames"] / 8
    assert sent["keyFramesEncoded"] < 10  # what comes again needs no new beginning


@pytest.mark.parametrize("tcp", [False, True])
def test_udp_is_blocked_on_both_sides(agent, two_hosts, tcp):
    (here, there), addresses = two_hosts
    here.block_udp()
    there.block_udp()
    option = [] if tcp else ["--no-ice-tcp"]
    answer = agent("--answer", "--listen", f"{addresses[0]}:0", *option, prefix=here.prefix)
    port = answer.url().rsplit(":", 1)[1].strip("/")
    offer = agent("--offer", f"http://{addresses[0]}:{port}", *option, "--duration", "2", prefix=there.prefix)
    if tcp:
        offer.ends(0, seconds=30)
        answer.ends(0)
        assert offer.events("connected")[0]["local"]["protocol"] == "tcp"
    else:
        assert 6 in (offer.wait(45), answer.wait(45))
        for each in (offer, answer):
            assert each.child.returncode in (6, 11)
            each.ends(each.child.returncode)
    for each in (offer, answer):
        assert "SSDP" not in each.stderr, "nobody asked for messages to the routers"
