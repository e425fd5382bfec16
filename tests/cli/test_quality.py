"""What a call of test pictures and tones says about its quality; and that it says nothing of anything else."""

import pytest

from harness.agent import in_call

pytestmark = pytest.mark.alone  # they measure

FRAGMENT = ("videotestsrc is-live=true pattern=ball ! capsfilter caps=video/x-raw,width=640,height=480,framerate=30/1",
            "audiotestsrc is-live=true freq=300 volume=0.2 ! audioconvert")


def qualities(side):
    return [event["quality"] for event in side.events("stats") if "quality" in event]


def call(agent, *, seconds, answer=(), offer=()):
    """Both sides, ended well."""
    one = agent("--answer", "--listen", "0", *answer)
    other = agent("--offer", one.url(), "--duration", seconds, *offer)
    in_call(one, other)
    ends = other.ends(0, 30), one.ends(0, 10)
    return {"answer": (one, ends[1]["summary"]), "offer": (other, ends[0]["summary"])}


def test_a_call_of_test_sources_is_measured(agent):
    for side, summary in call(agent, seconds=7).values():
        measured = qualities(side)
        assert len(measured) >= 6
        for quality in measured[1:-1]:
            assert 27 <= quality["video"]["frames"] <= 33
            assert quality["video"]["lost"] == quality["video"]["repeated"] == 0
            assert 0 < quality["video"]["latency_ms"] <= quality["video"]["latency_max_ms"]
            assert quality["video"]["psnr_min_db"] <= quality["video"]["psnr_db"] < 99

        video = summary["video"]["received"]["quality"]
        assert video["frames"] == pytest.approx(summary["video"]["received"]["framesDecoded"], abs=3)
        # The last interval may be too short for a picture.
        last = measured[-1].get("video", {"frames": 0})
        assert video["frames"] == sum(quality["video"]["frames"] for quality in measured[:-1]) + last["frames"]
        assert video["lost"] == video["repeated"] == 0
        assert 0 < video["latency_ms"] < 250
        assert video["latency_ms"] <= video["latency_max_ms"]
        assert video["latency_p95_ms"] <= video["latency_max_ms"]
        assert video["psnr_db"] > 25
        assert video["psnr_min_db"] <= video["psnr_p5_db"] <= video["psnr_db"]

        heard = [quality for quality in measured if "audio" in quality]
        assert len(heard) >= 3  # three ticks go before, so that they are believed
        audio = summary["audio"]["received"]["quality"]
        assert audio["gap_ms"] == 0
        assert 0 < audio["latency_ms"] < 250
        assert abs(audio["av_skew_ms"]) < 100
        assert audio["av_skew_ms"] == pytest.approx(video["latency_ms"] - audio["latency_ms"], abs=50)


def test_at_a_low_bitrate_everything_is_still_found(agent):
    low = ("--video-bitrate", "100k", "--audio-bitrate", "16k", "--size", "320x240")
    for side, summary in call(agent, seconds=6, answer=low, offer=low).values():
        video = summary["video"]["received"]["quality"]
        assert video["lost"] == 0
        assert video["frames"] == pytest.approx(summary["video"]["received"]["framesDecoded"], abs=3)
        assert 20 < video["psnr_db"] < 40
        assert "latency_ms" in summary["audio"]["received"]["quality"]


@pytest.mark.parametrize("codec", ["vp9", "h264"])
def test_other_codecs_carry_it_as_well(agent, codec):
    for side, summary in call(agent, seconds=3, answer=("--video-codec", codec),
                              offer=("--video-codec", codec)).values():
        assert summary["video"]["received"]["quality"]["lost"] == 0
        assert summary["video"]["received"]["quality"]["psnr_db"] > 25


def test_of_what_is_not_ours_the_senders_reports_tell_the_latency(agent):
    """And nothing else. A way that takes 80 ms longer takes 80 ms longer."""
    foreign = ("--video", FRAGMENT[0], "--audio", FRAGMENT[1])
    latencies = {}
    for delay in (0, 80):
        simulate = ("--simulate", f"in.delay={delay}ms") if delay else ()
        sides = call(agent, seconds=4, offer=foreign, answer=simulate)
        side, summary = sides["answer"]
        assert all(set(quality) <= {"video", "audio"} for quality in qualities(side))
        for medium in ("video", "audio"):
            quality = summary[medium]["received"]["quality"]
            assert set(quality) <= {"latency_from", "latency_ms", "latency_max_ms", "latency_p95_ms"}
            assert quality["latency_from"] == "sender-reports"
            latencies[medium, delay] = summary["metrics"][f"{medium}.latency"]["p50"]
        # Of the other direction the marks tell, and they agree: both are the same machine's.
        marks = sides["offer"][1]["video"]["received"]["quality"]
        assert "latency_from" not in marks
        if not delay:
            assert latencies["video", 0] == pytest.approx(sides["offer"][1]["metrics"]["video.latency"]["p50"], abs=10)
    for medium in ("video", "audio"):
        assert 0 < latencies[medium, 0] < 100
        assert latencies[medium, 80] - latencies[medium, 0] == pytest.approx(80, abs=10)


def test_the_senders_reports_of_another_machine_give_an_estimate(agent, two_hosts):
    """Its clock may be another one: half of the round trip, and what its pictures took longer than the quickest."""
    (here, there), addresses = two_hosts
    answer = agent("--answer", "--listen", f"{addresses[0]}:0", prefix=here.prefix)
    offer = agent("--offer", answer.url(), "--duration", 4, "--video", FRAGMENT[0], "--audio", FRAGMENT[1],
                  prefix=there.prefix)
    offer.ends(0, 30)
    received = answer.ends(0, 10)["summary"]
    for medium in ("video", "audio"):
        quality = received[medium]["received"]["quality"]
        assert quality["clock"] == "other"
        assert quality["latency_from"] == "sender-reports"
        assert "latency_ms" not in quality
        assert 0 <= quality["latency_estimated_ms"] < 100


def test_sound_alone_has_no_skew(agent):
    """Whose clock ticks is in the picture."""
    sides = call(agent, seconds=5, offer=("--video", FRAGMENT[0]))
    side, summary = sides["answer"]
    assert summary["video"]["received"]["quality"]["latency_from"] == "sender-reports"
    audio = summary["audio"]["received"]["quality"]
    assert audio["gap_ms"] == 0
    assert "av_skew_ms" not in audio


def test_another_machines_clock_gives_no_latency(agent, tmp_path):
    """One end takes itself for another machine. Neither compares clocks, both say why; the skew needs none."""
    boot = tmp_path / "boot_id"
    boot.write_text("00000000-0000-4000-8000-000000000000\n")
    elsewhere = ["unshare", "--mount", "--", "sh", "-c",
                 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"', str(boot)]
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--duration", "6", prefix=elsewhere)
    for summary in (offer.ends(0, 30)["summary"], answer.ends(0)["summary"]):
        for medium in ("video", "audio"):
            quality = summary[medium]["received"]["quality"]
            assert quality["clock"] == "other"
            assert "latency_ms" not in quality
            assert f"{medium}.latency" not in summary["metrics"]
        video = summary["video"]["received"]["quality"]
        assert video["frames"] > 100
        assert 0 <= video["latency_estimated_ms"] < 150
        assert summary["metrics"]["av.skew"]["max"] < 300
