"""The ends of a call of scripts/bench network: callagent and Chromium on a host of their own, with one picture and one
way to ask them. What they saw is [(time.time(), [W3C statistics entry, …]), …], about once a second; how long they kept
pictures back is [(time.time(), ms), …]."""

import datetime
import signal
import subprocess

from harness.agent import Agent
from harness.browser import Driver
from harness.page import Page

# What needs its bits: every picture is new everywhere, and full of edges. As many pictures as it takes to begin anew.
ZONE_PLATE = ("videotestsrc is-live={live} pattern=zone-plate kx2=12 ky2=12 kt=3 num-buffers={pictures} ! "
              "video/x-raw,format=I420,width=640,height=480,framerate=30/1")
PERIOD = 256

# They wait for the time of what they are given, as a window and loudspeakers do: without that nothing is kept back.
SINKS = ["--video-sink", "identity ! fakesink sync=true", "--audio-sink", "identity ! fakesink sync=true"]

# In the page, from the moment on when it is called.
SAMPLE = """window.samples = [];
setInterval(async () => {
    const entries = [...(await call.connection.getStats()).values()];
    samples.push([Date.now() / 1000, entries.map((entry) => ({ ...entry }))]);
}, 1000);"""


def film(folder):
    """The zone plate for Chromium, which plays it again and again."""
    file = folder / "zone-plate.y4m"
    if not file.exists():
        source = ZONE_PLATE.format(live="false", pictures=PERIOD)
        subprocess.run(["gst-launch-1.0", "-q", *source.split(), "!", "y4menc", "!", "filesink", f"location={file}"],
                       check=True)
    return file


def moment(event):
    return datetime.datetime.fromisoformat(event["ts"].replace("Z", "+00:00")).timestamp()


class Callagent:
    name = "callagent"

    def __init__(self, host, url, folder, calls):
        """Ready to be called, or to call."""
        self._start = lambda mode: Agent(
            [mode, url, "--no-ice-tcp", "--video", ZONE_PLATE.format(live="true", pictures=-1), *SINKS], folder=folder,
            name=mode.lstrip("-"), prefix=host.prefix)
        self._agent = None
        if not calls:
            self._agent = self._start("--answer")
            self._agent.event("signaling", 10, lambda event: event["state"] == "connected")

    def call(self):
        self._agent = self._start("--offer")

    def accept(self):
        pass

    def connected(self):
        self._agent.event("connected", 30)

    def hang_up(self):
        self._agent.signal(signal.SIGINT)

    def samples(self):
        self._agent.ends(0)
        return [(moment(event), event["stats"]) for event in self._agent.events("stats")]

    def kept_back(self):
        """The playout delay, each second; what it says is no further from what it is than 20 ms."""
        delay, kept = 0, []
        for event in self._agent.events():
            if event["event"] == "playout":
                delay = event["delay_ms"]
            elif event["event"] == "stats":
                kept.append((moment(event), delay))
        return kept

    def close(self):
        if self._agent:
            self._agent.kill()


class Chromium:
    name = "Chromium"

    def __init__(self, host, url, folder, calls):
        self._driver = Driver(host.prefix)
        try:
            browser = self._driver.launch("chromium", args=[
                f"--use-file-for-fake-video-capture={film(folder)}",
                f"--unsafely-treat-insecure-origin-as-secure={url.rstrip('/')}"])  # for the camera
            self._page = Page(browser, url)
        except BaseException:
            self.close()
            raise

    def call(self):
        self._page.call()

    def accept(self):
        self._page.state("alerting", 30)
        self._page.press("#acceptBtn")

    def connected(self):
        self._page.state("up", 30)
        self._page.browser.evaluate(SAMPLE)

    def hang_up(self):
        self._samples = self._page.browser.evaluate("samples")
        self._page.browser.evaluate("call.hangUp()")

    def samples(self):
        return self._samples

    def kept_back(self):
        """In the jitter buffer: the mean of each second."""
        kept, before = [], (0, 0)
        for at, entries in self._samples:
            for entry in entries:
                if entry["type"] == "inbound-rtp" and entry["kind"] == "video":
                    now = entry.get("jitterBufferDelay", 0), entry.get("jitterBufferEmittedCount", 0)
                    if now[1] > before[1]:
                        kept.append((at, 1000 * (now[0] - before[0]) / (now[1] - before[1])))
                    before = now
        return kept

    def close(self):
        self._driver.close()
