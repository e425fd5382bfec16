"""A script that calls the relay's page and wants to know how good the call was: the numbers that it gets are those that
the browser counted."""

import json
import re
import xml.etree.ElementTree

import pytest

pytestmark = pytest.mark.alone  # they measure

SECONDS = 5
MET = ["video.fps>=10", "video.fps.out>=20", "video.width>=160", "audio.level>=-60", "loss<=1%", "video.latency<=500ms", "audio.latency<=500ms",
       "bitrate.in>=100kbps", "setup<=5s", f"duration>={SECONDS - 0.5}s", "stalls=0"]

# Ten times a second: the call's end takes the connection with it.
WATCH = """window.samples = [];
setInterval(async () => {
  if (!call.is('up')) return;
  const sample = {};
  for (const entry of (await call.connection.getStats()).values())
    if (entry.type === 'inbound-rtp' || entry.type === 'outbound-rtp')
      sample[`${entry.type.split('-')[0]} ${entry.kind}`] = { ...entry };
  samples.push(sample);
}, 100)"""


def rate(samples, stream, member):
    """A second, from when there was some to the last sample."""
    entries = [sample[stream] for sample in samples if sample.get(stream, {}).get(member)]
    first, last = entries[0], entries[-1]
    return (last[member] - first[member]) / (last["timestamp"] - first["timestamp"]) * 1000


def run(agent, page, browser, tmp_path, expectations):
    """The script's run; what the browser counted meanwhile."""
    url = agent("--relay", "--listen", "0").url()
    one = page(browser, url)
    one.browser.evaluate(WATCH)
    script = agent("--offer", url, "--to", one.number, "--duration", SECONDS, "--report", tmp_path / "r.html",
                   "--junit", tmp_path / "r.xml", *(word for each in expectations for word in ("--expect", each)))
    one.state("alerting")
    one.press("#acceptBtn")
    one.state("up")
    one.state("idle", SECONDS + 15)
    one.says("hung up")
    return script, one.browser.evaluate("samples")


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_what_is_met(agent, page, browser, tmp_path):
    script, samples = run(agent, page, browser, tmp_path, MET)
    end = script.ends(0)
    found = {each["expect"]: each for each in end["verdict"]}
    assert {name: each["met"] for name, each in found.items()} == {name: True for name in MET}

    def measured(name):
        return next(each["measured"] for expression, each in found.items() if re.split("[<>=]", expression)[0] == name)

    assert measured("video.fps") == pytest.approx(rate(samples, "outbound video", "framesEncoded"), rel=0.1)
    assert measured("video.fps.out") == pytest.approx(rate(samples, "inbound video", "framesDecoded"), rel=0.1)
    sent = sum(rate(samples, f"outbound {kind}", "bytesSent") for kind in ("video", "audio"))
    assert measured("bitrate.in") == pytest.approx(sent * 8 / 1000, rel=0.15)
    last = samples[-1]
    for kind, ours, theirs in (("video", "framesDecoded", "framesEncoded"), ("audio", "packetsReceived", "packetsSent")):
        assert end["summary"][kind]["received"][ours] == pytest.approx(last[f"outbound {kind}"][theirs], rel=0.1)

    suite = xml.etree.ElementTree.parse(tmp_path / "r.xml").find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == (str(len(MET) + 1), "0")
    text = (tmp_path / "r.html").read_text()
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["runs"][0]["events"] == script.events()


def test_what_is_not_met(agent, page, tmp_path):
    script, samples = run(agent, page, "chromium", tmp_path, ["video.fps>=100", "loss<=1%"])
    end = script.ends(10, says="1 of 2 expectations broken: video.fps>=100")
    broken, met = end["verdict"]
    assert (broken["met"], met["met"]) == (False, True)
    assert broken["measured"] == pytest.approx(rate(samples, "outbound video", "framesEncoded"), rel=0.1)
    suite = xml.etree.ElementTree.parse(tmp_path / "r.xml").find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    [failed] = [case for case in suite.iter("testcase") if case.find("failure") is not None]
    assert failed.get("name") == "video.fps>=100"
    assert (tmp_path / "r.html").read_text().rstrip().endswith("</html>")
