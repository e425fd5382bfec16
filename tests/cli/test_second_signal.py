"""A second SIGINT or SIGTERM while the first one's end takes its time: what there is is written within a second."""

import re
import signal
import time
import xml.etree.ElementTree

import pytest

from harness.agent import in_call
from harness.media import probe, tool
from harness.process import wait_until

pytestmark = pytest.mark.alone

SIGNALS = pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)],
                                  ids=["SIGINT", "SIGTERM"])

# Each sleeps over its first picture or sound, and the end waits for it, a second each.
ASLEEP = [word for sink in ("--video-sink", "--audio-sink") for word in (sink, "identity sleep-time=20000000 ! fakesink")]


@pytest.fixture
def call(agent, tmp_path):
    """A call whose offerer leaves everything behind that can be asked for: call(url, …) → its Agent."""
    def start(url, *options):
        answer = agent("--answer", url)
        answer.event("signaling", where=lambda event: event["state"] == "connected")
        offer = agent("--offer", url, "--record", tmp_path / "r.mkv", "--snapshot", tmp_path / "s.png",
                      "--junit", tmp_path / "j.xml", "--report", tmp_path / "r.html", "--expect", "setup<=60s", *options)
        in_call(offer)
        offer.event("stats")
        return offer

    return start


def is_over(offer):
    """The call is, and its files are closed: the line that sums it up comes behind them."""
    return re.search(r"\d pictures, .*packets lost", offer.stderr)


def cut_short(offer, number, status):
    begin = time.monotonic()
    offer.signal(number)
    end = offer.ends(status, says="cut the end short")
    assert time.monotonic() - begin < 1
    return end


def left_everything(end, tmp_path):
    received = end["summary"]["video"]["received"]
    assert received["framesDecoded"] > 0
    assert end["verdict"][0]["met"] is True
    cases = [case.get("name") for case in xml.etree.ElementTree.parse(tmp_path / "j.xml").iter("testcase")]
    assert cases == ["call", "setup<=60s"]
    assert end["reason"] in (tmp_path / "r.html").read_text()
    assert end["summary"]["snapshot"] == str(tmp_path / "s.png")
    assert probe(tmp_path / "s.png")["video"]["width"] == 640
    assert probe(tmp_path / "r.mkv")["video"]["frames"] > 0
    # The length is written at the end.
    said = tool("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", tmp_path / "r.mkv").stdout
    assert float(said) > 0


@SIGNALS
def test_a_server_that_does_not_close(agent, call, tmp_path, number, status):
    relay = agent("--relay", "--listen", "0")
    offer = call(relay.url())
    relay.signal(signal.SIGSTOP)
    offer.signal(number)
    wait_until(lambda: is_over(offer), "the call's end")
    left_everything(cut_short(offer, number, status), tmp_path)


@SIGNALS
def test_packets_that_are_still_under_way(call, wire, tmp_path, number, status):
    """Before the recording is finished, which the second signal does not change."""
    server = wire()
    offer = call(server.url, "--simulate", "out.delay=1s")
    offer.signal(signal.SIGINT)
    server.wait_message("bye")
    assert not is_over(offer)
    left_everything(cut_short(offer, number, status), tmp_path)


def test_a_sink_that_holds_the_main_loop_up(call, wire, tmp_path):
    offer = call(wire().url, *ASLEEP)
    offer.signal(signal.SIGINT)
    wait_until(lambda: is_over(offer), "the call's end")
    left_everything(cut_short(offer, signal.SIGINT, 130), tmp_path)


def test_a_third_one_ends_it_at_once(call, wire):
    offer = call(wire().url, *ASLEEP)
    offer.signal(signal.SIGINT)
    wait_until(lambda: is_over(offer), "the call's end")
    offer.signal(signal.SIGINT)
    offer.signal(signal.SIGTERM)  # two of one kind may be one
    assert offer.wait(5) in (130, 143)
    assert not offer.events("end")


def test_before_the_call_stood(agent, tmp_path):
    relay = agent("--relay", "--listen", "0")
    offer = agent("--offer", relay.url(), "--junit", tmp_path / "j.xml", "--report", tmp_path / "r.html")
    offer.event("signaling", where=lambda event: event["state"] == "connected")
    relay.signal(signal.SIGSTOP)
    offer.signal(signal.SIGTERM)
    # Nothing tells that the first one has been heard: the end by itself takes a second.
    offer.signal(signal.SIGINT)
    status = offer.wait(5)
    assert status in (130, 143)
    offer.ends(status, says="cut the end short")
    assert "<failure" in (tmp_path / "j.xml").read_text()
    assert offer.events("end")[0]["reason"] in (tmp_path / "r.html").read_text()
