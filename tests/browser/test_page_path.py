"""A path that changes in the middle of a call between callagent and a browser."""

import pathlib
import signal
import subprocess

import pytest

from harness.browser import PUBLIC, Driver
from harness.page import Page, sees

TESTS = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture
def there(routed):
    """Browsers of the host a."""
    driver = Driver(routed.a.prefix)
    yield driver
    driver.close()


def decoded(page):
    return page.browser.evaluate("""rtcConnection.getStats().then((report) => [...report.values()].find((entry) =>
        entry.type === 'inbound-rtp' && entry.kind === 'video')?.framesDecoded || 0)""")


@pytest.mark.parametrize("caller", ["page", "agent"])
@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_our_page(agent, routed, there, browser, caller):
    """The relay is the browser's host; the agent moves, and later is cut off for five seconds."""
    relay = agent("--relay", "--listen", ":0", prefix=routed.a.prefix)
    port = relay.url().rsplit(":", 1)[1].strip("/")
    page = Page(there.launch(browser), f"http://localhost:{port}/")
    mode = ["--answer"] if caller == "page" else ["--offer"]
    process = agent(*mode, f"http://{routed.a.network}.2:{port}", prefix=routed.b.prefix)
    if caller == "page":
        process.event("signaling", where=lambda event: event["state"] == "connected")
        page.call()
    else:
        page.state("alerting")
        page.press("#acceptBtn")
    page.in_call()
    sees(process)
    page.can_write()
    former = page.browser.evaluate("(window.former = rtcConnection).connectionState")
    assert former == "connected"

    routed.readdress(routed.b)
    process.event("reconnected")
    page.browser.wait("former !== rtcConnection && former.connectionState === 'closed'")
    page.in_call()
    page.can_write()
    page.write("still there")
    assert process.event("text")["text"] == "still there"

    routed.cut(routed.b)
    process.event("stall")
    routed.mend(routed.b)
    process.event("resumed")
    begun = decoded(page)
    page.browser.wait(f"call.state === 'up' && rtcConnection.connectionState === 'connected'")
    page.browser.wait_frames(begun + 60 if decoded(page) >= begun else 60)
    process.signal(signal.SIGINT)
    process.ends(0)
    page.says("hung up")


def test_the_tutorials_page(spawn, agent, routed, there):
    """It has one connection for all its life: the agent's offer begins that anew, as soon as the browser lets go of the
    path of before. A path that comes back by itself is left alone."""
    server = spawn([*routed.a.prefix, "node", TESTS / "servers" / "tutorial.js", "--socketio", "2", "--port", "0",
                    "--public", PUBLIC], stdin=subprocess.PIPE)
    relay = agent("--relay", "--listen", ":0", prefix=routed.a.prefix)
    port = relay.url().rsplit(":", 1)[1].strip("/")
    page = there.launch("chromium")
    page.open(f"http://localhost:{server.line('listening ')}/?signaling=http://localhost:{port}")
    process = agent("--offer", f"http://{routed.a.network}.2:{port}", prefix=routed.b.prefix)
    page.wait_frames(30)
    routed.cut(routed.b)
    process.event("stall")
    routed.mend(routed.b)
    process.event("resumed")
    assert not process.events("reconnected")

    routed.readdress(routed.b)
    process.event("reconnected", 12)
    page.wait("rtcConnection.connectionState === 'connected'")
    page.wait_frames(60)
    begun = max(entry.get("framesDecoded", 0) for entry in page.stats("inbound-rtp").values())
    page.wait_frames(begun + 60)
    process.signal(signal.SIGINT)
    process.ends(0)
