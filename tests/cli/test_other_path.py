"""A path that changes in mid-call: the call goes on, over a new connection where the old one is lost for good."""

import datetime
import pathlib
import signal
import time

import pytest

from harness.agent import in_call
from harness.media import probe
from harness.process import wait_until

pytestmark = pytest.mark.pictures

DOWN = 5  # s
OTHER = "10.231.7.9"  # of one of two hosts


def moment(event):
    return datetime.datetime.fromisoformat(event["ts"].replace("Z", "+00:00")).timestamp()


def after(since, agent, name, seconds=10):
    """Seconds from a moment to the first such event behind it."""
    return moment(agent.event(name, seconds, where=lambda event: moment(event) >= since)) - since


def plays_on(agent, seconds=3):
    """Until pictures have come at their rate for so many seconds more."""
    def fluent(event):
        return moment(event) > begun and any(entry.get("framesPerSecond", 0) > 25 for entry in event["stats"]
                                             if entry["type"] == "inbound-rtp")
    begun = time.time()
    wait_until(lambda: sum(map(fluent, agent.events("stats"))) >= seconds, "pictures", seconds + 10)


def ends_well(caller, other):
    caller.signal(signal.SIGINT)
    for each in (caller, other):
        each.ends(0)


def takes_another_address(host):
    """An end of the cable of two hosts."""
    host.run("ip", "addr", "flush", "dev", "cable")
    host.run("ip", "addr", "add", f"{OTHER}/24", "dev", "cable")


def at_server(agent, routed, tmp_path):
    """The two in a call that both record; the signaling server is at the router between them."""
    relay = agent("--relay", "--listen", ":0", prefix=routed.server.prefix)
    port = relay.url().rsplit(":", 1)[1].strip("/")
    answer = agent("--answer", f"http://{routed.a.network}.1:{port}", "--record", tmp_path / "answer.mkv",
                   prefix=routed.a.prefix)
    answer.event("signaling", where=lambda event: event["state"] == "connected")
    offer = agent("--offer", f"http://{routed.b.network}.1:{port}", "--record", tmp_path / "offer.mkv",
                  prefix=routed.b.prefix)
    in_call(answer, offer)
    plays_on(answer, 1)
    return answer, offer


def hang_up(answer, offer, tmp_path, gap):
    """The call has lost nothing but what could not come through."""
    offer.signal(signal.SIGINT)
    for each in (offer, answer):
        summary = each.ends(0)["summary"]
        received = summary["video"]["received"]
        could = (summary["duration_s"] - gap) * 30
        assert could - 30 < received["framesDecoded"] <= could + 45
        assert summary["metrics"]["video.frames"]["last"] == pytest.approx(received["framesDecoded"], abs=3)
        for metric in ("video.fps", "bitrate.in", "bitrate.out", "loss"):
            assert summary["metrics"][metric]["min"] >= 0
        recorded = probe(pathlib.Path(tmp_path) / f"{each.name.split('-')[0]}.mkv")
        assert recorded["video"]["frames"] == pytest.approx(received["framesDecoded"], abs=8)
        for medium in ("video", "audio"):
            assert recorded[medium]["last"] == pytest.approx(summary["duration_s"], abs=0.7)


@pytest.mark.parametrize("who", ["answer", "offer"])
def test_an_address_changes(agent, routed, tmp_path, who):
    answer, offer = at_server(agent, routed, tmp_path)
    host = routed.a if who == "answer" else routed.b
    changed = time.time()
    routed.readdress(host)
    for each in (answer, offer):
        assert after(changed, each, "reconnected") < 1
        plays_on(each)
        assert not each.events("stall")
        assert len(each.events("first-frame")) == 2
    pair = (answer if who == "answer" else offer).events("reconnected")[0]
    assert pair["local"]["address"] == f"{host.network}.7"
    hang_up(answer, offer, tmp_path, 0.3)


@pytest.mark.long
@pytest.mark.parametrize("who", ["answer", "offer"])
def test_a_link_is_gone_for_five_seconds(agent, routed, tmp_path, who):
    answer, offer = at_server(agent, routed, tmp_path)
    host = routed.a if who == "answer" else routed.b
    routed.cut(host)
    time.sleep(DOWN)  # it is gone for so long
    back = time.time()
    routed.mend(host)
    for each in (answer, offer):
        assert each.events("stall")
        assert after(back, each, "resumed") < 1
        plays_on(each)
        # The server is looked for all the time, and not each attempt is news.
        assert len([event for event in each.events("warning") if event["code"] == "signaling-reconnecting"]) < 4
    hang_up(answer, offer, tmp_path, DOWN)


@pytest.mark.long
def test_a_path_in_between_is_gone_for_a_while(agent, routed, tmp_path):
    """No link of ours goes down: only the silence tells."""
    answer, offer = at_server(agent, routed, tmp_path)
    routed.server.rules("""
        table inet gone { chain through { type filter hook forward priority 0; drop; }; }""")
    for each in (answer, offer):
        each.event("stall")
    back = time.time()
    routed.server.run("nft", "delete", "table", "inet", "gone")
    for each in (answer, offer):
        assert after(back, each, "resumed") < 1
        plays_on(each)
    ends_well(offer, answer)


@pytest.mark.long
def test_a_router_forgets_what_went_through_it(agent, routed, tmp_path):
    """As one that has started again: what stood before, media and signaling, gets nowhere, and nobody is told."""
    answer, offer = at_server(agent, routed, tmp_path)
    media = offer.events("connected")[0]["local"]["port"]
    sockets = [line.split() for line in routed.b.run("ss", "-Hnt", "state", "established").splitlines()]
    signaling = sockets[0][2].rsplit(":", 1)[1]
    forgotten = time.time()
    routed.server.rules(f"""
        table inet forgotten {{
            chain in {{ type filter hook prerouting priority 0; udp sport {media} drop; tcp sport {signaling} drop; }}
            chain out {{ type filter hook postrouting priority 0; udp dport {media} drop; tcp dport {signaling} drop; }}
        }}""")
    for each in (answer, offer):
        assert after(forgotten, each, "reconnected", 10) < 6
        plays_on(each)
    ends_well(offer, answer)


@pytest.mark.parametrize("host", ["answer", "offer"])
def test_the_address_changes_of_who_is_not_the_server(agent, two_hosts, host):
    """One of the two is the signaling server itself."""
    (here, there), addresses = two_hosts
    modes = ["--answer", "--offer"] if host == "answer" else ["--offer", "--answer"]
    first = agent(modes[0], "--listen", f"{addresses[0]}:0", prefix=here.prefix)
    second = agent(modes[1], first.url(), prefix=there.prefix)
    in_call(first, second)
    changed = time.time()
    takes_another_address(there)
    for each in (first, second):
        assert after(changed, each, "reconnected") < 1
        plays_on(each)
    ends_well(second, first)


def names(host, address):
    """Who is "callee" there. In place: the host's programs see the file that was there when they began."""
    path = pathlib.Path("/etc/netns") / host.space / "hosts"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+" if path.exists() else "w") as file:
        file.write(f"{address} callee\n")


@pytest.mark.long
def test_the_servers_own_address_changes(agent, two_hosts):
    """Who looks for it by its name finds it again."""
    (here, there), addresses = two_hosts
    names(there, addresses[0])
    answer = agent("--answer", "--listen", ":0", prefix=here.prefix)
    port = answer.url().rsplit(":", 1)[1].strip("/")
    offer = agent("--offer", f"http://callee:{port}", prefix=there.prefix)
    in_call(answer, offer)
    names(there, OTHER)
    changed = time.time()
    takes_another_address(here)
    for each in (answer, offer):
        # The other end learns of it only by silence.
        assert after(changed, each, "reconnected") < 4
        plays_on(each)
    ends_well(offer, answer)


@pytest.mark.long
def test_a_path_that_does_not_come_back_is_media_that_stopped(agent, routed, tmp_path):
    answer, offer = at_server(agent, routed, tmp_path)
    gone = time.time()
    routed.cut(routed.b)
    for each in (answer, offer):
        each.ends(8, seconds=25)
        assert 13 < time.time() - gone < 20
