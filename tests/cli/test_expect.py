"""--expect: what is met and what is not, with faults whose size is known."""

import signal
import subprocess
import time
import xml.etree.ElementTree

import pytest

from harness.agent import BINARY, ROOT, in_call

pytestmark = pytest.mark.pictures

CAPS = "video/x-raw,format=I420,width=640,height=480,framerate=30/1"


def verdict(end):
    return {each["expect"]: each for each in end["verdict"]}


def expect(*expressions):
    return [word for each in expressions for word in ("--expect", each)]


def listed():
    text = subprocess.run([BINARY, "--list-metrics"], check=True, text=True, stdout=subprocess.PIPE).stdout
    return [line.split()[0] for line in text.split("\n\n", 1)[1].splitlines()]


@pytest.mark.alone
def test_a_good_call_meets_everything(agent, tmp_path):
    checks = tmp_path / "checks"
    checks.write_text("# what a call over loopback is\n\nvideo.fps.min >= 20\nvideo.freeze<=5%\n")
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--duration", "4", "--junit", tmp_path / "r.xml", *expect(
        f"@{checks}", "audio.level>=-40", "loss=0", "rtt.max<1s", "setup<5s", "video.width=640", "video.height=480",
        "bitrate.in>50kbps", "duration.last>=3.9s", "stalls=0", "warnings=0"))
    end = offer.ends(0)
    assert [each["met"] for each in end["verdict"]] == [True] * 12
    metrics = end["summary"]["metrics"]
    assert metrics["video.width"] == {"unit": "px", **dict.fromkeys(["min", "mean", "max", "p5", "p50", "p95", "last"], 640)}
    assert metrics["rtt"]["min"] <= metrics["rtt"]["p5"] <= metrics["rtt"]["p95"] <= metrics["rtt"]["max"] < 1000
    assert "verdict" not in answer.ends(0)
    assert all(f"callagent: expected {text}: met" in offer.stderr for text in verdict(end))
    suite = xml.etree.ElementTree.parse(tmp_path / "r.xml").find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("13", "0")


def test_every_metric_is_measured_and_can_fail(agent, tmp_path):
    names = listed()
    assert len(names) > 20
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--junit", tmp_path / "r.xml", *expect(*(f"{n}>1e9" for n in names)))
    # Not before the peer has reported on us.
    offer.event("stats", 30, where=lambda event: any("roundTripTime" in entry for entry in event["stats"]))
    offer.event("stats", 20, where=lambda event: "av_skew_ms" in event.get("quality", {}))
    begun = offer.events("stats")[-1]["t"]
    offer.event("stats", where=lambda event: event["t"] > begun + 1.5)
    offer.signal(signal.SIGINT)
    end = offer.ends(10, says=f"{len(names)} of {len(names)} expectations broken")
    answer.ends(0)
    found = verdict(end)
    assert [name for name in names if "measured" not in found[f"{name}>1e9"]] == []
    assert not any(each["met"] for each in end["verdict"])
    suite = xml.etree.ElementTree.parse(tmp_path / "r.xml").find("testsuite")
    assert suite.get("failures") == str(len(names))


def test_frames_dropped_on_purpose(agent):
    answer = agent("--answer", "--listen", "0", "--video",
                   f"videotestsrc is-live=true ! {CAPS} ! identity drop-probability=0.5 ! queue")
    offer = agent("--offer", answer.url(), "--duration", "5", *expect("video.fps>=25", "audio.level>-40"))
    found = verdict(offer.ends(10, says="1 of 2 expectations broken: video.fps>=25 (measured 1"))
    answer.ends(0)
    assert 10 <= found["video.fps>=25"]["measured"] <= 20
    assert found["audio.level>-40"]["met"]


def test_silence(agent):
    answer = agent("--answer", "--listen", "0", "--audio", "audiotestsrc is-live=true wave=silence ! queue")
    offer = agent("--offer", answer.url(), "--duration", "3", *expect("audio.level>=-40"))
    assert verdict(offer.ends(10))["audio.level>=-40"]["measured"] < -90
    answer.ends(0)


@pytest.mark.alone
def test_a_freeze_of_two_seconds(agent):
    """The peer is stopped for two seconds: so long the picture stands."""
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), *expect("video.freeze<=1%", "video.fps.min>=25", "video.freezes=0"))
    in_call(answer, offer)
    first = offer.event("stats")["t"]
    answer.signal(signal.SIGSTOP)
    time.sleep(2)  # the fault itself
    answer.signal(signal.SIGCONT)
    offer.event("stats", 20, where=lambda event: event["t"] > first + 5)
    offer.signal(signal.SIGINT)
    end = offer.ends(10)
    answer.ends(0)
    found = verdict(end)
    seconds = found["video.freeze<=1%"]["measured"] / 100 * end["summary"]["duration_s"]
    assert 1.5 < seconds < 3
    assert not found["video.fps.min>=25"]["met"]
    assert found["video.freezes=0"]["measured"] >= 1
    assert first < found["video.fps.min>=25"]["t"] < first + 4


@pytest.mark.alone
def test_200_ms_of_added_delay(agent, tmp_path):
    """One end holds back what it is to encode: the other finds so much, and the way back is as quick as ever."""
    (tmp_path / "encode").mkdir()
    for file, first, queue in (("vp8", "videoconvert ! ", "min-threshold-buffers=7"),
                               ("opus", "audioconvert ! ", "min-threshold-time=200000000")):
        usual = (ROOT / "pipelines" / "encode" / f"{file}.launch").read_text()
        assert first in usual
        (tmp_path / "encode" / f"{file}.launch").write_text(usual.replace(first, f"queue {queue} ! {first}", 1))
    answer = agent("--answer", "--listen", "0", "--pipelines", tmp_path)
    offer = agent("--offer", answer.url(), "--duration", "5", *expect("video.latency.p50<=150ms", "audio.latency.p50<=150ms"))
    found = verdict(offer.ends(10, says="2 of 2 expectations broken"))
    quick = answer.ends(0)["summary"]["metrics"]
    for medium in ("video", "audio"):
        added = found[f"{medium}.latency.p50<=150ms"]["measured"] - quick[f"{medium}.latency"]["p50"]
        assert added == pytest.approx(200, abs=30), medium


def test_what_is_not_sent_is_not_measured(agent):
    answer = agent("--answer", "--listen", "0", "--audio", "none")
    offer = agent("--offer", answer.url(), "--duration", "2", *expect("audio.level>=-40", "audio.loss<1%"))
    end = offer.ends(10, says="audio.level>=-40 (nothing measured)")
    assert all("measured" not in each for each in end["verdict"])
    answer.ends(0)


def test_a_call_that_failed_has_the_status_of_its_failure(agent, tmp_path):
    offer = agent("--offer", "--listen", "0", "--wait-timeout", "0.5", "--junit", tmp_path / "r.xml", *expect("loss<1%"))
    end = offer.ends(4)
    assert not end["verdict"][0]["met"]
    suite = xml.etree.ElementTree.parse(tmp_path / "r.xml").find("testsuite")
    assert suite.get("failures") == "2"
    assert suite.find("testcase/failure").get("message") == end["reason"]


def test_with_keep_a_broken_call_is_not_forgotten(agent, tmp_path):
    answer = agent("--answer", "--listen", "0", "--keep", "--junit", tmp_path / "r.xml", *expect("duration<=2"))
    agent("--offer", answer.url(), "--duration", "3").ends(0)
    answer.event("call-ended")
    agent("--offer", answer.url(), "--duration", "0.5").ends(0)
    answer.event("call-ended", where=lambda event: event["exit_code"] == 0)
    answer.signal(signal.SIGINT)
    answer.ends(10, says="duration<=2")
    assert [each["exit_code"] for each in answer.events("call-ended")][0] == 10
    assert len(xml.etree.ElementTree.parse(tmp_path / "r.xml").findall("testsuite")) >= 2


@pytest.mark.parametrize("options, says", [
    (["--expect", "video.fsp>=25"], "the nearest is video.fps"),
    (["--expect", "@/nowhere"], "cannot read '/nowhere'"),
    (["--junit", "/nowhere/r.xml"], "--junit: cannot write to '/nowhere/r.xml'"),
])
def test_bad_input_is_exit_2(agent, options, says):
    offer = agent("--offer", *options)
    assert offer.wait() == 2
    assert says in offer.stderr
    assert len(offer.stderr.splitlines()) == 1
