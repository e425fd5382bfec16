"""What goes in at one end comes out at the other: files, sound servers, windows."""

import signal
import subprocess
import time

import pytest

from harness.agent import environment, in_call
from harness.media import loudness, probe, psnr
from harness.wire import edit_sdp

pytestmark = pytest.mark.alone

SECONDS, RATE, PITCH = 6, 30, 1000


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Six seconds with detail and motion, and a tone."""
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", f"testsrc2=s=640x480:r={RATE}:d={SECONDS}",
                    "-f", "lavfi", "-i", f"sine=f={PITCH}:r=48000:d={SECONDS}", "-c:v", "libx264",
                    "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", path],
                   check=True, stdin=subprocess.DEVNULL)
    return path


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_a_film_sent_is_the_film_recorded(agent, film, tmp_path, codec):
    recording = tmp_path / "recording.mkv"
    answer = agent("--answer", "--listen", "0", "--record", recording)
    offer = agent("--offer", answer.url(), "--video", f"file:{film}", "--video-codec", codec)
    end = offer.ends(0, seconds=30)  # the end of the film hangs up
    answer.ends(0)
    assert end["t"] - offer.events("connected")[0]["t"] == pytest.approx(SECONDS, abs=1)

    found = probe(recording)
    sent = SECONDS * RATE
    assert sent * 0.98 <= found["video"]["frames"] <= sent
    assert found["video"]["last"] - found["video"]["first"] == pytest.approx(SECONDS, abs=0.2)
    assert found["audio"]["last"] - found["audio"]["first"] == pytest.approx(SECONDS, abs=0.2)

    assert psnr(recording, film, RATE) > 30  # a frame beside the right one is at 20

    heard = loudness(recording, begin=1)
    assert heard == pytest.approx(loudness(film, begin=1), abs=1.5)
    assert loudness(recording, begin=1, filters=f"bandreject=f={PITCH}:width_type=h:w=300") < heard - 20


def test_picture_and_sound_stay_together(agent, tmp_path):
    """White and a beep at the same moments, each second; recorded they are not further apart than a viewer notices."""
    film, recording = tmp_path / "flash.mkv", tmp_path / "recording.mkv"
    subprocess.run(["ffmpeg", "-loglevel", "error",
                    "-f", "lavfi", "-i", "color=black:s=320x240:r=30:d=5,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.2)'",
                    "-f", "lavfi", "-i", "aevalsrc='if(lt(mod(t,1),0.2),0.5*sin(2*PI*1000*t),0)':s=48000:d=5",
                    "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", film],
                   check=True, stdin=subprocess.DEVNULL)
    answer = agent("--answer", "--listen", "0", "--record", recording)
    agent("--offer", answer.url(), "--video", f"file:{film}").ends(0, seconds=30)
    answer.ends(0)
    flashes, beeps = flash_times(recording), beep_times(recording)
    assert len(flashes) >= 3
    for flash in flashes[1:]:
        assert min(abs(flash - beep) for beep in beeps) < 0.08


@pytest.mark.parametrize("wanted", [True, False], ids=["wanted", "not wanted"])
def test_stereo_is_sent_to_whom_wants_it(agent, wire, tmp_path, wanted):
    """Two pitches, one on each side; the peer's `stereo=1` decides whether they stay apart (RFC 7587, 6.1)."""
    low, high = 500, 2000
    tones, recording = tmp_path / "tones.mkv", tmp_path / "recording.mkv"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i",
                    f"aevalsrc='0.3*sin(2*PI*{low}*t)|0.3*sin(2*PI*{high}*t)':s=48000:d=3", "-c:a", "pcm_s16le", tones],
                   check=True, stdin=subprocess.DEVNULL)
    server = wire(edit_sdp(lambda text: text if wanted else text.replace(";stereo=1", ""), ["sdpRemote"]))
    answer = agent("--answer", server.url, "--record", recording)
    server.wait_clients(1)
    agent("--offer", server.url, "--audio", f"file:{tones}").ends(0, seconds=30)
    answer.ends(0)
    for side, own, other in ((0, low, high), (1, high, low)):
        heard = {pitch: loudness(recording, begin=1, filters=f"pan=mono|c0=c{side},bandpass=f={pitch}:width_type=h:w=100")
                 for pitch in (own, other)}
        assert heard[own] > -30
        assert (heard[other] < heard[own] - 20) == wanted, heard


def flash_times(path):
    """When the picture becomes bright."""
    said = subprocess.run(["ffmpeg", "-nostdin", "-i", path, "-an", "-vf", "negate,blackdetect=d=0.05:pix_th=0.3", "-f",
                           "null", "-"], capture_output=True, text=True, check=True).stderr
    return [float(word.split(":")[1]) for word in said.split() if word.startswith("black_start:")]


def beep_times(path):
    """When silence ends."""
    said = subprocess.run(["ffmpeg", "-nostdin", "-i", path, "-vn", "-af", "silencedetect=n=-30dB:d=0.1", "-f", "null", "-"],
                          capture_output=True, text=True, check=True).stderr
    return [float(line.split("silence_end: ")[1].split()[0]) for line in said.splitlines() if "silence_end: " in line]


@pytest.fixture
def sound_server(spawn, tmp_path):
    """A PulseAudio whose microphone hears what is played into `micfeed`, and whose loudspeaker is `spk`."""
    env = environment(tmp_path)
    spawn(["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "-L", "module-native-protocol-unix",
           "-L", "module-null-sink sink_name=spk", "-L", "module-null-sink sink_name=micfeed",
           "-L", "module-remap-source master=micfeed.monitor source_name=mic"], env=env)
    deadline = time.monotonic() + 10
    while subprocess.run(["pactl", "info"], env=env, capture_output=True).returncode != 0:
        assert time.monotonic() < deadline, "PulseAudio does not start"
        time.sleep(0.1)
    for command in (["set-default-sink", "spk"], ["set-default-source", "mic"]):
        subprocess.run(["pactl", *command], env=env, check=True)
    return env


def test_a_microphone_and_a_loudspeaker(agent, spawn, sound_server, tmp_path):
    heard_there, heard_here = tmp_path / "there.mkv", tmp_path / "here.wav"
    spawn(["gst-launch-1.0", "audiotestsrc", "is-live=true", "freq=700", "volume=0.3", "!", "audioconvert", "!",
           "pulsesink", "device=micfeed"], env=sound_server)
    recorder = spawn(["parecord", "--device=spk.monitor", "--file-format=wav", heard_here], env=sound_server)
    there = agent("--answer", "--listen", "0", "--record", heard_there,
                  "--audio", "audiotestsrc is-live=true freq=1900 volume=0.3 ! audioconvert")
    here = agent("--offer", there.url(), "--audio", "mic", "--audio-sink", "auto", "--duration", "5",
                 env={"XDG_RUNTIME_DIR": sound_server["XDG_RUNTIME_DIR"]})
    here.ends(0)
    there.ends(0)
    recorder.signal(signal.SIGINT)  # completes the file
    recorder.wait()
    for path, pitch, other in ((heard_there, 700, 1900), (heard_here, 1900, 700)):
        level = loudness(path, begin=2)
        assert level > -30
        assert loudness(path, begin=2, filters=f"bandpass=f={pitch}:width_type=h:w=100") > level - 3
        assert loudness(path, begin=2, filters=f"bandpass=f={other}:width_type=h:w=50") < level - 15


def test_the_sound_server_dies_in_mid_call(agent, sound_server, processes):
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--audio", "mic", env={"XDG_RUNTIME_DIR": sound_server["XDG_RUNTIME_DIR"]})
    in_call(answer, offer)
    processes[0].kill()
    offer.ends(9, seconds=15)
    answer.ends(0)


@pytest.fixture
def display(spawn):
    server = spawn(["Xvfb", "-noreset", "-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp"])
    return f":{server.line('')}"


def test_the_peers_picture_in_a_window(agent, display, tmp_path):
    """The screen is as big as the picture, and no window manager moves the window."""
    shot, wanted = tmp_path / "shot.png", tmp_path / "wanted.png"
    subprocess.run(["gst-launch-1.0", "-q", "videotestsrc", "pattern=smpte75", "num-buffers=1", "!",
                    "video/x-raw,width=640,height=480", "!", "videoconvert", "!", "pngenc", "!", "filesink",
                    f"location={wanted}"], check=True)
    there = agent("--answer", "--listen", "0", "--video",
                  "videotestsrc is-live=true pattern=smpte75 ! video/x-raw,width=640,height=480,framerate=30/1 ! videoconvert")
    here = agent("--offer", there.url(), "--video-sink", "auto", "--duration", "5", env={"DISPLAY": display})
    here.event("first-frame", 15, where=lambda event: event["media"] == "video")
    likeness = 0
    deadline = time.monotonic() + 4
    while likeness < 25 and time.monotonic() < deadline:
        subprocess.run(["import", "-silent", "-window", "root", shot], env={**environment(tmp_path), "DISPLAY": display},
                       check=True)
        said = subprocess.run(["compare", "-metric", "PSNR", shot, wanted, "null:"], capture_output=True, text=True).stderr
        likeness = float(said.split()[0]) if said[:1].isdigit() else 0
    assert likeness >= 25
    here.ends(0)
    there.ends(0)


def test_the_display_goes_away_in_mid_call(agent, display, processes):
    """The X library ends a process whose server is gone: that must not be a crash without a word."""
    there = agent("--answer", "--listen", "0")
    here = agent("--offer", there.url(), "--video-sink", "auto", env={"DISPLAY": display})
    in_call(there, here)
    processes[0].kill()
    here.ends(9, seconds=15)
    there.ends(0)
