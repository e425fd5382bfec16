"""Local media that is not there or breaks: exit status 9, and the option to use instead."""

import os
import pathlib
import shutil
import signal
import stat
import subprocess

import pytest

from harness.agent import in_call
from harness.media import probe

HARNESS = pathlib.Path(__file__).resolve().parent.parent / "harness"

# Everything that is not the fault of a case works.
WELL = {"--video": "test", "--audio": "test", "--video-sink": "none", "--audio-sink": "none"}

FAULTS = {
    "no camera": ({"--video": "camera"}, "--video test"),
    "no such camera": ({"--video": "camera:/dev/video99"}, "/dev/video99"),
    "a camera that is none": ({"--video": "camera:/dev/null"}, "/dev/null"),
    "no sound server for the microphone": ({"--audio": "mic"}, "--audio test"),
    "no such microphone": ({"--audio": "mic:nowhere"}, "--audio test"),
    "no display": ({"--video-sink": "auto"}, "--video-sink none"),
    "no sound server for the loudspeaker": ({"--audio-sink": "auto"}, "--audio-sink none"),
    "no such element": ({"--video": "videotestsrc ! nosuchelement"}, "nosuchelement"),
    "broken syntax": ({"--video": "videotestsrc ! ! queue"}, "videotestsrc"),
    "a source without an end": ({"--video": "videotestsrc ! fakesink"}, "videotestsrc"),
    "a source of the wrong medium": ({"--video": "audiotestsrc is-live=true ! queue"}, "audiotestsrc"),
    "a source that fails": ({"--audio": "filesrc location=/nonexistent/a ! decodebin"}, "/nonexistent/a"),
    "a source that delivers nothing": ({"--video": "appsrc is-live=true ! queue"}, "appsrc"),
    "a broken sink": ({"--video-sink": "queue ! nosuchsink"}, "nosuchsink"),
    "no such source": ({"--video": "nosuchsource"}, "nosuchsource"),
    "no such sink": ({"--audio-sink": "nosuchsink"}, "nosuchsink"),
    "no such file": ({"--video": "file:/nonexistent/a.mkv"}, "/nonexistent/a.mkv"),
    "a file that is no medium": ({"--video": f"file:{os.path.abspath(__file__)}"}, os.path.basename(__file__)),
    "a recording where nothing can be": ({"--record": "/nonexistent/out.mkv"}, "/nonexistent/out.mkv"),
    "a recording onto a folder": ({"--record": "/proc/out.mkv"}, "/proc/out.mkv"),
    "a snapshot where nothing can be": ({"--snapshot": "/nonexistent/out.png"}, "/nonexistent/out.png"),
}


@pytest.mark.parametrize("fault, says", FAULTS.values(), ids=FAULTS.keys())
def test_missing_media_is_said_at_once(agent, wire, tmp_path, fault, says):
    options = [word for pair in {**WELL, **fault}.items() for word in pair]
    offer = agent("--offer", wire().url, *options, "--stun", "none", "--events", tmp_path / "offer.ndjson",
                  name="offer", defaults=False)
    offer.ends(9, seconds=15, says=says)


@pytest.mark.parametrize("option, value", [("--video", "camera:/dev/video99"), ("--record", "/nonexistent/out.mkv"),
                                           ("--snapshot", "/nonexistent/out.png")])
def test_an_answerer_says_so_before_anybody_calls(agent, option, value):
    agent("--answer", "--listen", "0", option, value).ends(9, seconds=15, says=value.rpartition(":")[2])


@pytest.mark.parametrize("who", ["--answer", "--offer"])
def test_a_pipeline_file_of_ours_that_is_broken_is_not_the_peers_fault(agent, tmp_path, who):
    (tmp_path / "mine" / "encode").mkdir(parents=True)
    (tmp_path / "mine" / "encode" / "vp8.launch").write_text("nosuchencoder ! rtpvp8pay name=payloader\n")
    broken = ["--pipelines", tmp_path / "mine"]
    answer = agent("--answer", "--listen", "0", *(broken if who == "--answer" else []))
    offer = agent("--offer", answer.url(), *(broken if who == "--offer" else []))
    ours, theirs = (answer, offer) if who == "--answer" else (offer, answer)
    ours.ends(9, says="encode/vp8.launch")
    theirs.ends(11)


def test_a_recording_that_was_there_is_not_touched_before_a_call(agent, tmp_path):
    former = tmp_path / "out.mkv"
    former.write_text("yesterday's call")
    answer = agent("--answer", "--listen", "0", "--record", former)
    answer.url()
    answer.signal(signal.SIGINT)
    answer.ends(130)
    assert former.read_text() == "yesterday's call"


def test_a_file_with_sound_only_as_video(agent, wire, spawn, tmp_path):
    tone = tmp_path / "tone.ogg"
    made = spawn(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "libopus", tone])
    assert made.wait() == 0, made.stderr
    agent("--offer", wire().url, "--video", f"file:{tone}").ends(9, says="tone.ogg")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 100 kB."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "none", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("suffix", ["mkv", "webm"])
def test_the_disk_is_full_while_recording(agent, small_disk, tmp_path, suffix):
    recording = small_disk / f"out.{suffix}"
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--record", recording, "--duration", "8")
    offer.event("warning", 10)
    warned = offer.events("warning")[0]["t"]
    end = offer.ends(9, seconds=20, says=recording.name)
    assert end["t"] - warned > 2, "the call goes on"
    answer.ends(0)
    kept = tmp_path / f"kept.{suffix}"
    shutil.copy(recording, kept)
    assert probe(kept)["video"]["frames"] > 10


@pytest.mark.pictures
def test_a_recording_is_playable_when_the_process_is_killed(agent, tmp_path):
    recording = tmp_path / "out.mkv"
    answer = agent("--answer", "--listen", "0", "--record", recording)
    offer = agent("--offer", answer.url())
    answer.event("stats", 15, where=lambda event: event["t"] - answer.event("connected")["t"] > 4)
    answer.kill()
    found = probe(recording)
    assert found["video"]["frames"] > 45
    assert found["audio"]["frames"] > 75
    offer.kill()


@pytest.fixture
def camera(tmp_path):
    """A camera that is not there: camera("busy") → (its node, the environment to run in). It is unplugged, or freezes,
    when the test says so: camera.fails()."""
    if os.geteuid() != 0:
        pytest.skip("making a device node needs root")
    node, library, picture = tmp_path / "camera", tmp_path / "camera.so", tmp_path / "picture.jpg"
    os.mknod(node, 0o600 | stat.S_IFCHR, os.makedev(81, 200))
    subprocess.run(["g++", "-x", "c", "-O2", "-shared", "-fPIC", "-o", library, HARNESS / "fake_camera.c", "-ldl"],
                   check=True)
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=640x480", "-frames:v", "1",
                    "-pix_fmt", "yuvj422p", picture], check=True)

    def make(fault="", kind="yuyv"):
        return node, {"LD_PRELOAD": str(library), "FAKE_CAMERA": str(node), "FAKE_CAMERA_FAULT": fault,
                      "FAKE_CAMERA_FORMAT": kind, "FAKE_CAMERA_JPEG": str(picture)}

    make.fails = node.with_suffix(".fault").touch
    return make


@pytest.mark.pictures
@pytest.mark.parametrize("kind", ["yuyv", "mjpeg"])
def test_a_camera(agent, camera, kind):
    node, env = camera(kind=kind)
    answer = agent("--answer", "--listen", "0")
    agent("--offer", answer.url(), "--video", f"camera:{node}", "--duration", "3", env=env).ends(0)
    end = answer.ends(0)
    assert end["summary"]["video"]["received"]["framesDecoded"] > 60


def test_a_size_that_the_camera_does_not_have_is_scaled_and_said(agent, camera):
    node, env = camera()
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--video", f"camera:{node}", "--size", "352x288", "--duration", "2", env=env)
    offer.ends(0)
    message = offer.events("warning")[0]["message"]
    assert "352x288" in message and "640x480" in message and "1280x720" in message
    received = answer.ends(0)["summary"]["video"]["received"]
    assert (received["frameWidth"], received["frameHeight"]) == (352, 288)


def test_the_camera_is_busy(agent, camera, wire):
    node, env = camera("busy")
    agent("--offer", wire().url, "--video", f"camera:{node}", env=env).ends(9, seconds=15, says="busy")


def test_the_camera_is_pulled_out_in_mid_call(agent, camera):
    node, env = camera("unplugged")
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--video", f"camera:{node}", env=env)
    in_call(answer, offer)
    camera.fails()
    offer.ends(9, seconds=20, says=node.name)
    answer.ends(0)
    assert offer.events("connected")


@pytest.mark.long
def test_a_camera_that_freezes_is_noticed_on_both_sides(agent, camera):
    node, env = camera("frozen")
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--video", f"camera:{node}", env=env)
    in_call(answer, offer)
    camera.fails()
    offer.event("warning", 15, where=lambda event: event["code"] == "source-stalled-video")
    assert answer.event("stall", 10)["media"] == "video"
    answer.ends(8, seconds=30, says="video")
    offer.ends(8, says="hung up")
