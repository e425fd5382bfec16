"""Calls that work: what the events, the summary and the exit statuses of both sides say."""

import json
import signal
import time

import pytest

from harness.media import probe

def both_end_well(answer, offer, seconds=20):
    ends = offer.ends(0, seconds), answer.ends(0, seconds)
    for each in (answer, offer):
        media = {event["media"] for event in each.events("first-frame")}
        assert media == {"audio", "video"}
        assert not each.events("stall")
        assert not each.events("warning")
    return ends


@pytest.mark.alone  # it measures
def test_two_agents_over_the_embedded_relay(agent):
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--duration", "3")
    both_end_well(answer, offer)
    for each in (answer, offer):
        order = [event["event"] for event in each.events()]
        assert order[0] == "start"
        expected = ["start", "negotiated", "connected", "end"]
        assert [name for name in order if name in expected] == expected
        connected = each.events("connected")[0]
        assert connected["setup_ms"] < 1000
        assert connected["local"]["candidateType"] == connected["remote"]["candidateType"] == "host"
        negotiated = each.events("negotiated")[0]
        assert negotiated["video"]["codec"] == "VP8"
        assert negotiated["audio"]["codec"].lower() == "opus"
        assert negotiated["video"]["direction"] == "sendrecv"
        assert len({event["call"] for event in each.events() if "call" in event}) == 1
        assert len(each.events("stats")) >= 2
    assert answer.events("negotiated")[0]["call"] == offer.events("negotiated")[0]["call"]


@pytest.mark.pictures
def test_statistics_have_the_names_and_units_of_the_standard(agent):
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url())
    for each in (answer, offer):  # a round trip is told from the second report on, a frame rate from the second second
        each.event("stats", 30, where=lambda event: event["t"] > 3 and any(
            "roundTripTime" in entry for entry in event["stats"] if entry.get("kind") == "video"))
    offer.signal(signal.SIGINT)
    both_end_well(answer, offer)
    last = {each: each.events("stats")[-1]["stats"] for each in (answer, offer)}

    def entry(side, kind, medium):
        found = [s for s in last[side] if s["type"] == kind and s["kind"] == medium]
        assert len(found) == 1, found
        return found[0]

    for here, there in ((answer, offer), (offer, answer)):
        video = entry(here, "inbound-rtp", "video")
        assert (video["frameWidth"], video["frameHeight"]) == (640, 480)
        assert 27 <= video["framesPerSecond"] <= 33
        assert video["packetsLost"] == 0
        assert 0 <= video["jitter"] < 0.1
        sent = entry(there, "outbound-rtp", "video")
        assert sent["ssrc"] == video["ssrc"]
        assert video["framesDecoded"] <= sent["framesEncoded"] + 35  # a second apart at most
        assert video["packetsReceived"] == pytest.approx(sent["packetsSent"], rel=0.35)
        audio = entry(here, "inbound-rtp", "audio")
        assert 0.001 < audio["audioLevel"] <= 1
        assert 40 <= audio["packetsReceived"] / audio["totalSamplesDuration"] <= 60
        heard = entry(here, "remote-inbound-rtp", "video")
        assert heard["ssrc"] == entry(here, "outbound-rtp", "video")["ssrc"]
        assert 0 <= heard["roundTripTime"] < 0.1
        pair = [s for s in last[here] if s["type"] == "candidate-pair"]
        assert len(pair) == 1
        assert [s for s in last[here] if s["type"] == "transport"][0]["dtlsState"] == "connected"


@pytest.mark.pictures
def test_what_one_side_sent_the_other_received(agent):
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--duration", "4")
    ends = both_end_well(answer, offer)
    for here, there in (ends, ends[::-1]):
        sent = here["summary"]["video"]["sent"]["framesEncoded"]
        assert there["summary"]["video"]["received"]["framesDecoded"] == pytest.approx(sent, rel=0.02, abs=4)
        assert sent == pytest.approx(120, abs=15)


@pytest.mark.parametrize("socketio", ["2", "3", "4"])
def test_over_the_tutorials_server(agent, tutorial, socketio):
    url = tutorial(socketio)
    answer = agent("--answer", url)
    answer.event("signaling", where=lambda event: event["state"] == "connected")
    both_end_well(answer, agent("--offer", url, "--duration", "1"))


def test_the_caller_waits_for_the_callee_at_a_dumb_server(agent, tutorial):
    url = tutorial("2")
    offer = agent("--offer", url, "--duration", "1")
    offer.event("signaling", where=lambda event: event["state"] == "connected")
    time.sleep(1)
    answer = agent("--answer", url)
    both_end_well(answer, offer)


@pytest.mark.parametrize("offer_first", [False, True], ids=["answer first", "offer first"])
@pytest.mark.parametrize("schemes", [("http", "http"), ("ws", "ws"), ("http", "ws"), ("ws", "http")],
                         ids="-".join)
def test_kinds_of_signaling_mix_at_the_relay(agent, schemes, offer_first):
    url = agent("--relay", "--listen", "0").url()
    urls = [url.replace("http", scheme) for scheme in schemes]
    sides = [("--answer", urls[0]), ("--offer", urls[1], "--duration", "1")]
    started = {}
    for side in reversed(sides) if offer_first else sides:
        started[side[0]] = agent(*side)
        started[side[0]].event("signaling", where=lambda event: event["state"] == "connected")
    both_end_well(started["--answer"], started["--offer"])


def test_any_path_of_the_relay_takes_a_plain_websocket(agent):
    url = agent("--relay", "--listen", "0").url().replace("http", "ws").rstrip("/")
    answer = agent("--answer", url + "/ws")
    answer.event("signaling", where=lambda event: event["state"] == "connected")
    both_end_well(answer, agent("--offer", url + "/some/where?else=1", "--duration", "1"))


def test_the_offerer_may_have_the_relay(agent):
    offer = agent("--offer", "--listen", "0", "--duration", "1")
    both_end_well(agent("--answer", offer.url()), offer)


@pytest.mark.pictures
@pytest.mark.parametrize("codec", ["vp8", "vp9", "h264"])
@pytest.mark.parametrize("who", ["--offer", "--answer"])
def test_codecs_in_both_roles(agent, codec, who):
    """Whoever prefers it gets it: the answerer chooses out of what is offered."""
    only = ["--video-codec", codec]
    answer = agent("--answer", "--listen", "0", *(only if who == "--answer" else []))
    offer = agent("--offer", answer.url(), "--duration", "3", *(only if who == "--offer" else []))
    both_end_well(answer, offer)
    for each in (answer, offer):
        assert each.events("negotiated")[0]["video"]["codec"].lower() == codec
        assert each.events("end")[0]["summary"]["video"]["received"]["framesDecoded"] > 45


def test_the_number_that_is_called_rings(agent):
    url = agent("--relay", "--listen", "0").url()
    wanted = agent("--answer", url, "--number", "482193")
    other = agent("--answer", url, "--number", "111111")
    for each in (wanted, other):
        each.event("signaling", where=lambda event: event["state"] == "connected")
    both_end_well(wanted, agent("--offer", url, "--to", "482193", "--duration", "1"))
    assert not other.events("peer") and not other.events("negotiated")
    other.signal(signal.SIGINT)
    other.ends(130)


def test_numbers_work_over_a_dumb_server(agent, tutorial):
    url = tutorial("4")
    wanted = agent("--answer", url, "--number", "482193")
    other = agent("--answer", url, "--number", "111111")
    for each in (wanted, other):
        each.event("signaling", where=lambda event: event["state"] == "connected")
    both_end_well(wanted, agent("--offer", url, "--to", "482193", "--duration", "1"))
    assert not other.events("negotiated")


def test_events_on_stdout_are_the_only_thing_there(agent):
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--headless", "--stun", "none", "--duration", "1", "--events", "-",
                  name="offer", defaults=False)
    assert offer.wait(20) == 0
    answer.ends(0)
    events = [json.loads(line) for line in offer.stdout.splitlines()]
    assert events[0]["event"] == "start" and events[-1]["event"] == "end"


def test_duration_counts_from_the_connection(agent):
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--duration", "2")
    end = offer.ends(0)
    assert end["t"] - offer.events("connected")[0]["t"] == pytest.approx(2, abs=0.4)
    answer.ends(0)


@pytest.mark.alone  # it counts them
@pytest.mark.parametrize("suffix, codec", [("mkv", "vp8"), ("mkv", "h264"), ("mkv", "vp9"), ("webm", "vp9")])
def test_a_recording_and_a_snapshot(agent, tmp_path, suffix, codec):
    recording, picture = tmp_path / f"out.{suffix}", tmp_path / "out.png"
    answer = agent("--answer", "--listen", "0", "--record", recording, "--snapshot", picture)
    offer = agent("--offer", answer.url(), "--duration", "3", "--video-codec", codec)
    both_end_well(answer, offer)
    found = probe(recording)
    assert found["video"]["codec"] == codec and found["audio"]["codec"] == "opus"
    assert found["video"]["frames"] == pytest.approx(90, abs=12)
    assert found["audio"]["last"] - found["audio"]["first"] == pytest.approx(3, abs=0.5)
    assert abs(found["audio"]["first"] - found["video"]["first"]) < 0.5
    still = probe(picture)["video"]
    assert (still["codec"], still["width"], still["height"]) == ("png", 640, 480)


def test_size_and_framerate(agent):
    answer = agent("--answer", "--listen", "0", "--size", "320x240", "--framerate", "15")
    offer = agent("--offer", answer.url(), "--duration", "4")
    both_end_well(answer, offer)
    video = [s for s in offer.events("stats")[-1]["stats"] if s["type"] == "inbound-rtp" and s["kind"] == "video"][0]
    assert (video["frameWidth"], video["frameHeight"]) == (320, 240)
    assert 13 <= video["framesPerSecond"] <= 17


def test_a_user_may_replace_a_pipeline_without_compiling(agent, tmp_path):
    (tmp_path / "mine" / "source").mkdir(parents=True)
    (tmp_path / "mine" / "source" / "snow.launch").write_text(
        "# source/snow: white noise.\nvideotestsrc is-live=true pattern=snow ! videoconvert\n")
    answer = agent("--answer", "--listen", "0", "--pipelines", tmp_path / "mine", "--video", "snow")
    both_end_well(answer, agent("--offer", answer.url(), "--duration", "1"))


def test_options_from_a_file_and_from_the_environment(agent, tmp_path):
    (tmp_path / "callagent.conf").write_text("duration=1\nframerate=15\n")
    answer = agent("--answer", "--listen", "0", env={"CALLAGENT_NUMBER": "482193"})
    offer = agent("--offer", answer.url(), "--to", "482193", "--config", tmp_path / "callagent.conf")
    both_end_well(answer, offer)
    assert offer.events("end")[0]["t"] < 5


NETWORK = ["unshare", "--net", "--", "sh", "-c",
           'ip link set lo up; ip link add cable0 type veth peer name cable1; ip addr add 10.231.8.1/24 dev cable0; '
           'ip link set cable0 up; ip link set cable1 up; exec "$@"', "-"]


def test_the_default_relay_is_found_or_made(agent):
    """Neither URL nor --listen. Port 3000 is this test's alone: it has a network of its own."""
    answer = agent("--answer", prefix=NETWORK)
    answer.url()
    offer = agent("--offer", "--duration", "1", prefix=["nsenter", "--net", "--target", str(answer.pid)])
    both_end_well(answer, offer)
    assert answer.url().rstrip("/").endswith(":3000")


def test_a_machine_without_a_network(agent):
    """Two agents on a machine that is not connected to anything still reach each other."""
    answer = agent("--answer", prefix=["unshare", "--net", "--", "sh", "-c", 'ip link set lo up; exec "$@"', "-"])
    answer.url()
    offer = agent("--offer", "--duration", "1", prefix=["nsenter", "--net", "--target", str(answer.pid)])
    both_end_well(answer, offer)
