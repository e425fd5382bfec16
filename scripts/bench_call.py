"""What a call takes: with Chromium and a bare encoder in the same run. For scripts/bench."""

import datetime
import pathlib
import re
import subprocess
import tempfile
import time

from bench_measure import cpu_seconds, median, pss_mb, row, tree
from harness.agent import Agent, environment
from harness.browser import PUBLIC, READY, Driver
from harness.process import Process

CPU_SECONDS = 10
ROOT = pathlib.Path(__file__).resolve().parent.parent

# Waits until the page could be called, presses its button, and tells when its offer went out and when
# the peer's first frame was on the page (ms since 1970).
CALL = """new Promise((resolve) => {
    const times = {};
    const tick = setInterval(() => {
        if (!(%s)) return;
        clearInterval(tick);
        const send = signaling.send.bind(signaling);
        signaling.send = (text) => {
            if (JSON.parse(text).type === 'sdp') times.offer = performance.timeOrigin + performance.now();
            send(text);
        };
        remoteView.requestVideoFrameCallback(() => {
            times.frame = performance.timeOrigin + performance.now();
            resolve(times);
        });
        startBtn.click();
    }, 2);
})""" % READY


def load(pid):
    """(per cent of a core, MB) of a process tree over ten seconds."""
    before, begin = cpu_seconds(tree(pid)), time.monotonic()
    time.sleep(CPU_SECONDS)
    used = (cpu_seconds(tree(pid)) - before) / (time.monotonic() - begin)
    return 100 * used, pss_mb(tree(pid))


def seconds(event):
    return datetime.datetime.fromisoformat(event["ts"].replace("Z", "+00:00")).timestamp()


def first_video(event):
    return event["media"] == "video"


def our_setup(folder, run):
    """(process start → first frame, offer → first frame) in ms, of the calling side."""
    answer = Agent(["--answer", "--listen", "0"], folder=folder, name=f"answer-{run}")
    try:
        url = answer.url()
        begin = time.time()
        offer = Agent(["--offer", url, "--duration", "0.5"], folder=folder, name=f"offer-{run}")
        try:
            frame = offer.event("first-frame", 15, first_video)
            offer.wait()
            return 1000 * (seconds(frame) - begin), frame["ms"]
        finally:
            offer.kill()
    finally:
        answer.kill()


def our_load(folder, run):
    answer = Agent(["--answer", "--listen", "0"], folder=folder, name=f"busy-answer-{run}")
    offer = None
    try:
        offer = Agent(["--offer", answer.url()], folder=folder, name=f"busy-offer-{run}")
        offer.event("first-frame", 15, first_video)
        time.sleep(2)
        return load(offer.pid)
    finally:
        for each in filter(None, (offer, answer)):
            each.kill()


def filled(chain, **values):
    """A pipeline file's text with its placeholders filled: with what is given, else its own default."""
    lines = (ROOT / "pipelines" / f"{chain}.launch").read_text().splitlines()
    comments = "\n".join(line for line in lines if line.startswith("#"))
    text = " ".join(line for line in lines if not line.startswith("#"))
    defaults = dict(re.findall(r"\$\(([\w-]+)\)[^$\n]*?=\s*(\S+)", comments))
    return re.sub(r"\$\(([\w-]+)\)", lambda found: str(values.get(found[1], defaults.get(found[1]))), text)


def bare_load(folder, run):
    """The same picture through the same encoder and a decoder, and nothing else."""
    encode = filled("encode/vp8", bitrate=1_500_000, pt=96, ssrc=1).partition("! rtpvp8pay")[0]
    source = filled("source/video-test", width=640, height=480, framerate=30)
    bare = Process(["gst-launch-1.0", "-q", *source.split(), "!", *encode.split(), "!", "vp8dec", "!", "fakesink", "sync=true"],
                   env=environment(folder))
    try:
        time.sleep(2)
        assert bare.child.poll() is None, bare.stderr
        return load(bare.pid)
    finally:
        bare.kill()


def chromium(runs):
    """[(launch → frame, offer → frame) in ms], (CPU, MB)"""
    server = Process(["node", ROOT / "tests" / "servers" / "tutorial.js", "--port", "0", "--public", PUBLIC],
                     stdin=subprocess.PIPE)
    driver = Driver()
    try:
        url = f"http://localhost:{server.line('listening ')}"
        setups, loads = [], []
        for run in range(runs):
            callee = driver.launch("chromium")
            callee.open(url)
            begin = time.time() * 1000
            caller = driver.launch("chromium")
            caller.do("open", url=url)
            times = caller.evaluate(CALL)
            setups.append((times["frame"] - begin, times["frame"] - times["offer"]))
            if run < 2:
                time.sleep(2)
                loads.append(load(caller.pid))
            callee.kill()
            caller.kill()
        return setups, loads
    finally:
        driver.close()
        server.kill()


def main(runs):
    with tempfile.TemporaryDirectory() as folder:
        start, offer = median([our_setup(folder, run) for run in range(2 * runs)])
        cpu, pss = median([our_load(folder, run) for run in range(3)])
        bare, _ = median([bare_load(folder, run) for run in range(3)])
    setups, loads = chromium(runs)
    their_start, their_offer = median(setups)
    their_cpu, their_pss = median(loads)

    print(f"{'medians of ' + str(runs) + ' runs and more':38} {'':8} {'':7} {'target':32} beside")
    row("process start → first remote frame", start, "ms", "≤ 350", start <= 350, f"Chromium {their_start:.0f} ms")
    row("  as part of Chromium's", start / their_start, "", "≤ 0.4", start <= 0.4 * their_start, "")
    row("offer sent → first remote frame", offer, "ms", "≤ 120", offer <= 120, f"Chromium {their_offer:.0f} ms")
    row("CPU of one end, 640x480 30 fps VP8", cpu, "% core", f"≤ {1.5 * bare:.1f} (1.5 × bare)", cpu <= 1.5 * bare,
        f"bare vp8enc ! vp8dec {bare:.1f} %, Chromium {their_cpu:.0f} %")
    row("memory of one end (PSS)", pss, "MB", "≤ 45", pss <= 45, f"Chromium {their_pss:.0f} MB")

