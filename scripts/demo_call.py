"""The call of scripts/demo: two agents, their logs side by side, and a summary read from their events."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "build" / "src" / "callagent"
OUTPUT = ROOT / "demo-output"
SECONDS = 10
TEST = ["--video", "test", "--audio", "test"]
COLOURS = {"answer": "\033[36m", "offer": "\033[33m"} if sys.stdout.isatty() else {}


class Side:
    """One agent: its log is shown line by line, its events go to a file."""

    def __init__(self, name, *arguments):
        self.name = name
        self.events_file = OUTPUT / f"{name}.ndjson"
        command = [BINARY, f"--{name}", *arguments, "--stun", "none", "--events", self.events_file]
        shown = " ".join(str(word) for word in command).replace(f"{ROOT}/", "")
        print(f"$ {shown}", flush=True)
        self.process = subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, "CALLAGENT_PIPELINES": str(ROOT / "pipelines")})
        self._log = threading.Thread(target=self._show, daemon=True)
        self._log.start()

    def _show(self):
        for line in self.process.stderr:
            print(f"{COLOURS.get(self.name, '')}{self.name:>6} |{COLOURS and chr(27) + '[0m' or ''} {line}",
                  end="", flush=True)

    def events(self, name):
        if not self.events_file.exists():
            return []
        events = map(json.loads, self.events_file.read_text().splitlines(keepends=False))
        return [event for event in events if event["event"] == name]

    def wait_event(self, name, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if found := self.events(name):
                    return found[0]
            except json.JSONDecodeError:
                pass  # half a line
            time.sleep(0.05)
        return None

    def finish(self, seconds):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.join(2)
        return self.process.returncode

    def interrupt(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)


def sources():
    """The camera and the microphone, where there are any."""
    camera = any(pathlib.Path("/dev").glob("video*"))
    sound = pathlib.Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent"), "pulse", "native").exists()
    return ["--video", "camera" if camera else "test", "--audio", "mic" if sound else "test"]


def call(offered):
    """(answer, offer) after the call."""
    OUTPUT.mkdir(exist_ok=True)
    for old in OUTPUT.iterdir():
        old.unlink()
    window = "auto" if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") else "none"
    sides = [Side("answer", "--listen", "0", "--video", "test", "--audio", "test", "--video-sink", window,
                  "--audio-sink", "none", "--record", OUTPUT / "recording.mkv",
                  "--snapshot", OUTPUT / "snapshot.png", "--report", OUTPUT / "report.html")]
    try:
        listening = sides[0].wait_event("listening", 10)
        if listening:
            sides.append(Side("offer", listening["url"], *offered, "--video-sink", "none", "--audio-sink", "none",
                              "--duration", SECONDS))
            sides[1].finish(SECONDS + 40)
        sides[0].finish(20)
    except KeyboardInterrupt:
        for side in sides:
            side.interrupt()
        for side in sides:
            side.finish(6)
        sys.exit(130)
    return sides


def playable(path):
    """(frames, seconds) of picture that a player gets out of a recording; every one is decoded."""
    done = subprocess.run(["gst-launch-1.0", "-v", "filesrc", f"location={path}", "!", "decodebin", "name=all",
                           "all.", "!", "queue", "!", "videoconvert", "!", "identity", "name=frame", "silent=false",
                           "!", "fakesink", "all.", "!", "queue", "!", "audioconvert", "!", "fakesink"],
                          capture_output=True, text=True, timeout=60)
    times = re.findall(r"frame: last-message = chain.* pts: (\d+):(\d+):([\d.]+)", done.stdout)
    if done.returncode != 0 or not times:
        return None
    seconds = [int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in times]
    return len(seconds), seconds[-1] - seconds[0]


def report(sides):
    print("\n--- what was received")
    good = True
    for side in sides:
        connected, end = side.events("connected"), side.events("end")
        status = side.process.returncode
        good = good and status == 0
        if not connected or not end:
            print(f"{side.name:>6}: no call; exit status {status}: {end[0]['reason'] if end else '?'}")
            good = False
            continue
        print(f"{side.name:>6}: set up in {connected[0]['setup_ms']:.0f} ms, {numbers(end[0]['summary'])}, "
              f"exit status {status}")
    found = playable(OUTPUT / "recording.mkv") if (OUTPUT / "recording.mkv").exists() else None
    print(f"recording: {'%d frames, %.1f s' % found if found else 'NOT playable'} (demo-output/recording.mkv)")
    picture = OUTPUT / "snapshot.png"
    snapshot = picture.exists() and picture.read_bytes().startswith(b"\x89PNG")
    print(f" snapshot: {f'{picture.stat().st_size} bytes' if snapshot else 'MISSING'} (demo-output/snapshot.png)")
    page = OUTPUT / "report.html"
    print(f"   report: {f'{page.stat().st_size} bytes' if page.exists() else 'MISSING'} (demo-output/report.html)")
    return good and bool(found) and snapshot and page.exists()


def numbers(summary):
    video = summary.get("video", {}).get("received", {})
    trip = f"{summary['rtt_mean_ms']:.1f} ms" if "rtt_mean_ms" in summary else "not measured"
    return (f"{video.get('framesDecoded', 0)} frames, {video.get('fps_mean', 0):.1f} frames/s, "
            f"{100 * video.get('loss_fraction', 0):.2f} % lost, round trip {trip}")


def main():
    offered = sources()
    sides = call(offered)
    if offered != TEST and sides[-1].process.returncode == 9:
        print("the devices of this machine cannot be used: once more, with test sources")
        sides = call(TEST)
    sys.exit(0 if report(sides) else 1)


main()
