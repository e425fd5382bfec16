"""The page of --report in browsers: opened as a file, it draws a real call, marks what went wrong, and loads nothing."""

import json
import subprocess

import pytest

from harness.agent import BINARY
from harness.media import tool

PLOTS = ["Frame rate", "Bitrate received", "Bitrate sent", "Packets lost", "Jitter", "Round trip", "Sound level"]
STEPS = ["Signaling", "Waiting for the peer", "Negotiated", "ICE", "DTLS", "First sound", "First picture"]


class Report:
    def __init__(self, browser, path):
        self.browser = browser
        browser.do("open", url=path.as_uri())

    def texts(self, selector):
        return self.browser.evaluate(f"[...document.querySelectorAll({selector!r})].map((e) => e.textContent)")

    def count(self, selector):
        return self.browser.evaluate(f"document.querySelectorAll({selector!r}).length")

    def is_quiet(self):
        """Nothing on the console, and nothing was loaded, not even tried."""
        assert self.browser.log() == []
        assert self.browser.evaluate("performance.getEntriesByType('resource').filter((e) => "
                                     "!e.name.startsWith('data:')).map((e) => e.name)") == []

    def fits(self, width, height):
        self.browser.do("viewport", width=width, height=height)
        self.browser.wait("document.documentElement.scrollWidth <= innerWidth")
        self.browser.wait("[...document.querySelectorAll('.plot')].every((plot) => [...plot.querySelectorAll('canvas')]"
                          ".every((canvas) => canvas.getBoundingClientRect().width === plot.clientWidth))")


@pytest.fixture
def report(driver):
    return lambda path, browser="chromium": Report(driver.launch(browser), path)


def draw(tmp_path, *runs, options=()):
    """The page of saved runs, each a list of events."""
    files = []
    for number, run in enumerate(runs):
        files.append(tmp_path / f"run-{number}.ndjson")
        files[-1].write_text("".join(json.dumps(event) + "\n" for event in run))
    done = subprocess.run([BINARY, "--report", tmp_path / "saved.html", *(x for file in files for x in ("--from", file)),
                           *options], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return tmp_path / "saved.html"


def made_up(video=30, **end):
    """A call of ten seconds; the picture comes `video` times a second, and stands still from 4 s to 6 s where that is 0."""
    def event(t, name, **members):
        return {"ts": f"2026-11-25T04:55:{55 + int(t) % 5:02}.000Z", "t": t, "event": name, "schema": 1, "call": "c", **members}

    run = [event(0, "start", mode="offer"), event(0.1, "signaling", state="connected"), event(0.2, "peer", number="7"),
           event(0.25, "negotiated", video={"codec": "VP8", "payload_type": 96, "direction": "sendrecv"},
                 audio={"codec": "<b>opus</b>", "payload_type": 111, "direction": "sendrecv"}),
           event(0.3, "ice", state="completed"), event(0.35, "dtls", state="connected"),
           event(0.4, "connected", setup_ms=200, local={"address": "192.0.2.1"}, remote=None),
           event(0.5, "first-frame", media="video", ms=300)]
    for second in range(1, 11):
        run.append(event(second + 0.4, "stats", stats=[
            {"type": "inbound-rtp", "kind": "video", "ssrc": 1, "framesDecoded": video * second, "packetsReceived": 90 * second,
             "packetsLost": 10 * second, "bytesReceived": 25000 * second, "jitter": 0.01},
            {"type": "inbound-rtp", "kind": "audio", "ssrc": 2, "audioLevel": 0.1, "packetsReceived": second, "packetsLost": 0}],
            quality={"video": {"latency_ms": 100 + second, "psnr_db": 36}, "audio": {"latency_ms": 90}, "av_skew_ms": -10}))
    run.insert(10, event(4, "stall", media="video"))
    run.insert(12, event(6, "resumed", media="video"))
    run.insert(13, event(6, "warning", code="x", message="</script><img src=x> is slow"))
    run.append(event(10.6, "end", exit_code=0, reason="--duration is over", summary={"duration_s": 10.2, "stalls": 1}))
    run[-1].update(end)
    return run


@pytest.mark.alone  # beside others a call may freeze, which is a remark
@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_a_real_call_is_drawn_with_nothing_but_the_file(agent, report, tmp_path, browser):
    answer = agent("--answer", "--listen", "0", "--report", tmp_path / "r.html", "--snapshot", tmp_path / "r.png")
    offer = agent("--offer", answer.url(), "--duration", "3")
    offer.ends(0)
    answer.ends(0)
    page = report(tmp_path / "r.html", browser)
    assert page.texts(".verdict h3") == ["A good call"]
    plots = [*PLOTS, "Latency", "Picture quality dB"]  # test sources are measured
    assert [title.rsplit(" ", 1)[0] for title in page.texts(".chart h4")] == plots
    assert page.count(".chart canvas[role=img]") == len(plots)
    assert page.texts(".waterfall tbody th") == STEPS
    assert page.count(".waterfall .bar") == len(STEPS)
    assert page.count(".mark") == 0
    page.browser.wait("document.querySelector('img.snapshot').naturalWidth === 640")
    assert any("VP8" in text for text in page.texts(".facts td"))
    page.is_quiet()
    for width in (400, 1400):
        page.fits(width, 900)
    if browser == "chromium":
        for scheme, colour in (("dark", "#62a5f5"), ("light", "#1f6fd6")):
            page.browser.do("scheme", name=scheme)
            page.browser.wait(f"plots.every(({{ plot }}) => plot.series[1].stroke() === '{colour}')")
        page.is_quiet()


def test_what_went_wrong_is_said_first_and_marked_over_time(report, tmp_path):
    page = report(draw(tmp_path, made_up(exit_code=10, reason="video.fps>=40 was not met", verdict=[
        {"expect": "video.fps>=40", "met": False, "measured": 30, "unit": "fps", "t": 8.2},
        {"expect": "setup<=500ms", "met": True, "measured": 200, "unit": "ms"}])))
    assert page.texts(".verdict h3") == ["Not as expected"]
    assert page.texts(".verdict p") == ["video.fps>=40 was not met"]
    assert page.texts(".remarks li") == ["1Picture stood still for 2.00 s (at 3.80 s)",
                                         "2</script><img src=x> is slow (at 5.80 s)",
                                         "3Expected video.fps>=40, measured 30.0 fps (at 8.00 s)"]
    assert page.texts(".expectations td")[:3] == ["✗ broken", "30.0 fps", "8.00 s"]
    plots = page.count(".chart .uplot")
    assert plots == len(PLOTS) - 2 + 2  # nothing sent, no round trip; but latency and the picture's quality
    assert page.count(".mark") == 3 * plots
    # 3.8 to 5.8 of 10.4 s, of the width of the plot
    left, width = page.browser.evaluate("(() => { const mark = document.querySelector('.mark'); const all = mark.parentNode."
                                        "clientWidth; return [parseFloat(mark.style.left) / all, parseFloat(mark.style.width) / all]; })()")
    assert (left, width) == pytest.approx((3.8 / 10.4, 2 / 10.4), abs=0.01)
    assert any("<b>opus</b>" in text for text in page.texts(".facts td"))
    assert page.count("b, .remarks img") == 0
    assert "received 30" in page.browser.evaluate("document.querySelector('.chart canvas').getAttribute('aria-label')")
    page.is_quiet()


def test_two_runs_stand_side_by_side_on_the_same_scales(report, tmp_path):
    page = report(draw(tmp_path, made_up(), made_up(video=15)))
    assert page.texts("h2") == ["run-0.ndjson", "run-1.ndjson"]
    page.fits(1400, 900)
    tops = page.browser.evaluate("[...document.querySelectorAll('.run')].map((run) => [...run.querySelectorAll('.chart')]"
                                 ".map((chart) => chart.getBoundingClientRect().top))")
    assert tops[0] == tops[1] and len(tops[0]) == len(PLOTS) + 2
    ranges = page.browser.evaluate("plots.map(({ plot }) => [plot.scales.y.min, plot.scales.y.max])")
    assert ranges[:len(ranges) // 2] == ranges[len(ranges) // 2:]
    page.fits(400, 900)
    page.is_quiet()


def test_several_calls_of_one_process_open_one_by_one(report, tmp_path):
    first = made_up()
    first[-1]["event"] = "call-ended"
    second = [{**event, "t": event["t"] + 20, "call": "d"} for event in made_up()[2:5]]
    second.append({"t": 25, "event": "call-ended", "exit_code": 6, "reason": "ICE found no path", "summary": {}})
    page = report(draw(tmp_path, [*first, *second, {"t": 30, "event": "end", "exit_code": 0, "reason": "SIGINT", "summary": {}}]))
    assert page.texts(".calls td:last-child") == ["The call had trouble", "No network path (ICE)"]
    page.browser.wait("document.querySelectorAll('details.call[open] .verdict').length === 1")
    assert page.texts(".verdict h3") == ["No network path (ICE)"]
    page.browser.do("click", selector="details.call:first-of-type > summary")
    page.browser.wait("document.querySelectorAll('.uplot').length > 0")
    assert page.count("img.snapshot") == 0
    page.is_quiet()


def test_each_call_of_one_process_shows_its_own_last_picture(report, tmp_path):
    for name, width in (("last.png", 10), ("last-3.png", 30)):
        tool("ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"color=size={width}x8", "-frames:v", "1", tmp_path / name)
    run = []
    for number, summary in enumerate(({"snapshot": "/there/last.png"}, {}, {"snapshot": "/there/last-3.png"}), 1):
        run += [{**event, "t": event["t"] + 20 * number, "call": str(number)} for event in made_up(summary=summary)]
        run[-1]["event"] = "call-ended"
    page = report(draw(tmp_path, run, options=("--snapshot", tmp_path / "last.png")))
    page.browser.evaluate("document.querySelectorAll('details.call').forEach((each) => { each.open = true; })")
    page.browser.wait("document.querySelectorAll('details.call .call').length === 3")
    page.browser.wait("[...document.querySelectorAll('details.call')].map((each) => each.querySelector('img.snapshot')?.naturalWidth)"
                      ".join() === '10,,30'")
    page.is_quiet()


def test_the_events_and_samples_are_there_as_tables(report, tmp_path):
    page = report(draw(tmp_path, made_up()))
    for title, rows in (("Every sample as a table", 10), ("Every event", len(made_up()))):
        page.browser.evaluate(f"[...document.querySelectorAll('summary')].find((e) => e.textContent === '{title}').click()")
        page.browser.wait(f"document.querySelectorAll('details[open] tbody tr').length === {rows}")
        page.browser.evaluate("document.querySelector('details[open] > summary').click()")
    assert [node["name"] for node in page.browser.do("accessibility") if node["role"] == "heading" and node["level"] == 3][:2] == \
        ["The call had trouble", "Setup"]
    page.is_quiet()
