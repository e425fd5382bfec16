"""Paths that are thin, lossy and long: the call holds."""

import signal
import time

import pytest

from harness.agent import in_call

pytestmark = pytest.mark.pictures

# What needs its bits: every picture is new everywhere, and full of edges.
ZONE_PLATE = ("videotestsrc is-live=true pattern=zone-plate kx2=12 ky2=12 kt=3 ! "
              "video/x-raw,width=640,height=480,framerate=30/1")


def call(agent, hosts, *options):
    (here, there), addresses = hosts
    answer = agent("--answer", "--listen", f"{addresses[0]}:0", *options, prefix=here.prefix)
    offer = agent("--offer", answer.url(), *options, prefix=there.prefix)
    in_call(answer, offer)
    return answer, offer


def hang_up(answer, offer):
    offer.signal(signal.SIGINT)
    return [each.ends(0)["summary"] for each in (answer, offer)]


def later(each, seconds):
    begun = each.event("stats")["t"]
    each.event("stats", seconds + 15, where=lambda event: event["t"] > begun + seconds)


def series(each, kind, member):
    return [entry[member] for event in each.events("stats") for entry in event["stats"]
            if entry["type"] == kind and entry["kind"] == "video" and member in entry]


@pytest.mark.alone
def test_half_a_megabit(agent, two_hosts):
    """Without rate control there is no picture at all; with it none is lost, and the queue stays short."""
    for host in two_hosts[0]:
        host.narrow("cable", 500, 200)
    answer, offer = call(agent, two_hosts, "--video", ZONE_PLATE)
    later(offer, 9)
    ended = hang_up(answer, offer)
    for each, summary in zip((answer, offer), ended):
        received = summary["video"]["received"]
        assert received["framesDecoded"] > 0.9 * 30 * 9
        assert received["totalFreezesDuration"] < 1
        trips = sorted(series(each, "remote-inbound-rtp", "roundTripTime"))
        assert trips[len(trips) // 2] < 0.12
        assert max(series(each, "outbound-rtp", "targetBitrate")[3:]) < 600_000
        assert each.events("bitrate")[0]["why"] == "start"


@pytest.mark.alone
def test_the_path_becomes_thin_and_wide_again(agent, two_hosts):
    """What does not get through any more is not sent: the picture stands for about a second, not for several."""
    answer, offer = call(agent, two_hosts, "--video", ZONE_PLATE)
    before = answer.event("bitrate", 20, where=lambda event: event["bitrate"] > 1_000_000)
    for host in two_hosts[0]:
        host.narrow("cable", 500, 200)
    thin = answer.event("bitrate", 20, where=lambda event: event["t"] > before["t"] and event["bitrate"] < 450_000)
    assert thin["why"] in ("queue", "loss")
    later(answer, 5)
    frozen = [series(each, "inbound-rtp", "totalFreezesDuration")[-1] for each in (answer, offer)]
    assert min(frozen) < 1.3 and max(frozen) < 2  # the machine may be busy
    for host in two_hosts[0]:
        host.run("tc", "qdisc", "del", "dev", "cable", "root")
    wide = answer.event("bitrate", 20, where=lambda event: event["t"] > thin["t"] + 3 and event["bitrate"] > 1_000_000)
    assert wide["why"] in ("clear", "probe")
    hang_up(answer, offer)


@pytest.mark.alone
def test_the_picture_gets_smaller_where_there_is_little_room(agent, two_hosts):
    """And larger again. What is recorded, measured and shown takes it as it comes."""
    answer, offer = call(agent, two_hosts, "--video-bitrate", "20k-60k-60k")
    answer.event("stats", 30, where=lambda event: any(
        entry["type"] == "inbound-rtp" and entry.get("frameWidth") == 320 for entry in event["stats"]))
    later(answer, 2)
    for summary in hang_up(answer, offer):
        quality = summary["video"]["received"]["quality"]
        assert quality["lost"] < 10
        assert quality["frames"] > 100
        assert quality["psnr_db"] > 20


@pytest.mark.alone
def test_losses_over_a_long_way(agent, far_hosts):
    """What is sent again comes a round trip later; the jitter buffer waits for it. What FEC makes good comes at once."""
    for host in far_hosts[0]:
        host.loses(5)
    # A check of a UDP pair may get lost, too, and one of TCP be quicker; TCP loses nothing.
    answer, offer = call(agent, far_hosts, "--no-ice-tcp")
    later(offer, 8)
    for summary in hang_up(answer, offer):
        received = summary["video"]["received"]
        assert received["packetsLost"] > 4
        assert received["nackCount"] > 4
        assert received["quality"]["lost"] < 0.1 * received["quality"]["frames"]
        assert received["quality"]["psnr_min_db"] > 20  # nothing broken is shown
        assert received["fecPacketsReceived"] > received["fecPacketsDiscarded"] + 4
        assert summary["video"]["sent"]["retransmittedPacketsSent"] > 4
    for each in (answer, offer):
        assert 0.1 <= each.event("bitrate", where=lambda event: event["fec"] > 0)["fec"] <= 0.5


@pytest.mark.alone
def test_losses_over_a_short_way(agent, two_hosts):
    """What is sent again is here in time: nothing is spent on FEC."""
    for host in two_hosts[0]:
        host.loses(5)
    answer, offer = call(agent, two_hosts, "--no-ice-tcp")
    later(offer, 6)
    for summary in hang_up(answer, offer):
        assert summary["video"]["received"]["nackCount"] > 4
        assert summary["video"]["received"]["fecPacketsReceived"] == 0


@pytest.mark.alone
def test_a_link_that_goes_away_and_comes_back(agent, two_hosts):
    """The call goes on when it is back, and does not crawl because of what was lost meanwhile."""
    (here, there), _ = two_hosts
    answer, offer = call(agent, two_hosts)
    later(offer, 2)
    rates = [each.events("bitrate")[-1]["bitrate"] for each in (answer, offer)]
    there.run("ip", "link", "set", "cable", "down")
    for each in (answer, offer):
        each.event("stall", 15, where=lambda event: event["media"] == "video")
    began = time.monotonic()
    time.sleep(2)  # the outage itself: nothing tells of its end but the clock
    there.run("ip", "link", "set", "cable", "up")
    for each, rate in zip((answer, offer), rates):
        for medium in ("audio", "video"):
            each.event("resumed", 15, where=lambda event: event["media"] == medium)
        away = each.events("stall")[-1]["t"] + 1.5
        quick = each.event("bitrate", 15, where=lambda event: event["t"] > away and event["bitrate"] > 0.6 * rate)
        assert quick["t"] - each.events("resumed")[-1]["t"] < 3
    assert time.monotonic() - began < 10
    for summary in hang_up(answer, offer):
        assert summary["stalls"] >= 1


@pytest.mark.alone
def test_the_range_of_the_bitrate(agent):
    answer = agent("--answer", "--listen", "0", "--video-bitrate", "100k-200k-400k", "--video", ZONE_PLATE)
    offer = agent("--offer", answer.url())
    in_call(answer, offer)
    answer.event("stats", 20, where=lambda event: any(entry.get("targetBitrate", 0) >= 400_000 for entry in event["stats"]))
    later(answer, 3)
    hang_up(answer, offer)
    assert answer.events("bitrate")[0]["bitrate"] == 200_000
    assert max(series(answer, "outbound-rtp", "targetBitrate")) == 400_000
