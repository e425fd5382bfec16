"""callagent and the tutorial's page in Chromium and Firefox, in both roles, over the tutorial's own server and a
Socket.IO 4 one. What the browser counts and what we count must agree."""

import signal
import time

import pytest

from harness.process import wait_until

BROWSERS = ["chromium", "firefox"]


def within(two_percent_of, value):
    assert value == pytest.approx(two_percent_of, rel=0.02, abs=3)


COUNTERS = ("framesDecoded", "packetsReceived", "framesEncoded", "packetsSent")


def at_rest(page, kind="inbound-rtp"):
    """What it has counted by the time when nothing changes any more: one that is busy has pictures left to decode when
    the last packet has come, and packets left to send when it has counted them."""
    reads = []

    def still():
        reads.append(page.stats(kind))
        counted = [[entry.get(member) for entry in read.values() for member in COUNTERS] for read in reads[-2:]]
        return len(counted) == 2 and counted[0] == counted[1]

    wait_until(still, "the browser's counters stand still", pause=0.5)
    return reads[-1]


def in_call(agent, driver, tutorial, browser, role, socketio="2", *options):
    """A page and an agent in a call. `role`: the agent's."""
    url = tutorial(socketio)
    page = driver.launch(browser)
    if role == "answer":
        callee = agent("--answer", url, *options)
        callee.event("signaling", where=lambda event: event["state"] == "connected")
        page.open(url)
        page.start_call()
        return page, callee
    page.open(url)
    return page, agent("--offer", url, *options)


@pytest.mark.alone  # what was sent is counted on both sides
@pytest.mark.parametrize("browser, role, socketio", [
    ("chromium", "answer", "2"), ("chromium", "offer", "2"), ("firefox", "answer", "2"), ("firefox", "offer", "2"),
    ("chromium", "answer", "4"), ("chromium", "offer", "4"), ("firefox", "answer", "4"), ("firefox", "offer", "4")])
def test_a_call(agent, driver, tutorial, browser, role, socketio):
    page, process = in_call(agent, driver, tutorial, browser, role, socketio)
    process.event("first-frame", 20, where=lambda event: event["media"] == "video")
    page.wait_frames(180, 30)

    assert page.stats("inbound-rtp")["video"]["framesPerSecond"] is not None
    assert not process.events("stall")
    page.evaluate("Promise.all(rtcConnection.getSenders().map((sender) => sender.replaceTrack(null)))")
    sent = at_rest(page, "outbound-rtp")
    process.signal(signal.SIGINT)
    end = process.ends(0)
    received = at_rest(page)
    ours = end["summary"]

    within(received["video"]["framesDecoded"], ours["video"]["sent"]["framesEncoded"])
    # What is sent twice, to see what the path carries, is nothing to Firefox.
    twice = ours["video"]["sent"]["retransmittedPacketsSent"] if browser == "firefox" else 0
    within(received["video"]["packetsReceived"] + twice, ours["video"]["sent"]["packetsSent"])
    within(received["audio"]["packetsReceived"], ours["audio"]["sent"]["packetsSent"])
    assert received["audio"]["totalAudioEnergy"] > 0
    within(sent["video"]["framesEncoded"], ours["video"]["received"]["framesDecoded"])
    # What a browser sends again counts as sent there, but not as received here.
    within(sent["audio"]["packetsSent"] - sent["audio"].get("retransmittedPacketsSent", 0),
           ours["audio"]["received"]["packetsReceived"])
    assert ours["audio"]["received"]["totalAudioEnergy"] > 0
    for medium in ("audio", "video"):
        assert received[medium]["packetsLost"] == 0
    assert process.events("connected")[0]["setup_ms"] < 1500


@pytest.mark.parametrize("browser, role", [("chromium", "answer"), ("chromium", "offer"), ("firefox", "answer")])
def test_a_page_from_elsewhere_at_our_own_relay(agent, driver, tutorial, browser, role):
    """With socket.io-client 2.2.0 as it comes: long-polling from another origin, and then a WebSocket."""
    relay = agent("--relay", "--listen", "0").url()
    elsewhere = f"{tutorial('2')}/?signaling={relay}"
    page = driver.launch(browser)
    if role == "answer":
        process = agent("--answer", relay)
        process.event("signaling", where=lambda event: event["state"] == "connected")
        page.open(elsewhere)
        page.wait("signaling._socket.io.engine.transport.name === 'websocket'")
        page.start_call()
    else:
        page.open(elsewhere)
        process = agent("--offer", relay)
    page.wait_frames(20)
    process.event("first-frame", 20, where=lambda event: event["media"] == "video")
    page.do("closePage")
    process.ends(0)


@pytest.mark.parametrize("role", ["answer", "offer"])
def test_chromium_learns_what_the_path_carries(agent, driver, tutorial, role):
    """It begins at 300 kbit/s, and stays there without transport-wide feedback."""
    page, process = in_call(agent, driver, tutorial, "chromium", role)
    page.wait("rtcConnection.getStats().then((report) => [...report.values()].some((s) => "
              "s.type === 'candidate-pair' && s.nominated && s.availableOutgoingBitrate > 600000))", 20)
    process.signal(signal.SIGINT)
    process.ends(0)


@pytest.mark.parametrize("codec", ["vp9", "h264"])
@pytest.mark.parametrize("role", ["answer", "offer"])
def test_other_codecs_with_chromium(agent, driver, tutorial, role, codec):
    page, process = in_call(agent, driver, tutorial, "chromium", role, "2", "--video-codec", codec)
    page.wait_frames(60)
    process.event("first-frame", where=lambda event: event["media"] == "video")
    assert process.events("negotiated")[0]["video"]["codec"].lower() == codec
    process.event("stats", 20, where=lambda event: any(entry.get("framesDecoded", 0) > 30 for entry in event["stats"]))
    process.signal(signal.SIGINT)
    process.ends(0)


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_page_shows_our_picture(agent, driver, tutorial, browser):
    """Not only frames: the right colours, in the middle of the element."""
    page, process = in_call(agent, driver, tutorial, browser, "answer", "2", "--video",
                            "videotestsrc is-live=true pattern=solid-color foreground-color=0xff20c040 ! videoconvert")
    page.wait_frames(30)
    colour = page.evaluate("""(() => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 8;
        const context = canvas.getContext('2d');
        context.drawImage(remoteView, 0, 0, 8, 8);
        return [...context.getImageData(4, 4, 1, 1).data];
    })()""")
    for seen, sent in zip(colour, (0x20, 0xc0, 0x40)):
        assert abs(seen - sent) < 20, colour
    process.signal(signal.SIGINT)
    process.ends(0)


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_page_hangs_up(agent, driver, tutorial, browser):
    """It knows no bye: RTCP and DTLS tell."""
    page, process = in_call(agent, driver, tutorial, browser, "answer")
    page.wait_frames(30)
    process.event("first-frame", where=lambda event: event["media"] == "video")
    begin = time.monotonic()
    page.evaluate("rtcConnection.close()")
    process.ends(0)
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_page_is_closed_in_mid_call(agent, driver, tutorial, browser):
    """Firefox closes its connections first, Chromium just ends: 0, or 8 after a silence."""
    page, process = in_call(agent, driver, tutorial, browser, "answer")
    page.wait_frames(30)
    process.event("first-frame", where=lambda event: event["media"] == "video")
    page.do("closePage")
    status = process.wait(20)
    assert status == 0 or (status, browser) == (8, "chromium")
    process.ends(status)


def test_the_browser_is_killed_in_mid_call(agent, driver, tutorial):
    page, process = in_call(agent, driver, tutorial, "chromium", "answer")
    page.wait_frames(30)
    process.event("first-frame", where=lambda event: event["media"] == "video")
    page.kill()
    process.event("stall", 6)
    process.ends(8, seconds=20)


def test_we_are_killed_and_the_page_takes_the_next_call_after_a_reload(agent, driver, tutorial):
    page, process = in_call(agent, driver, tutorial, "chromium", "offer")
    page.wait_frames(30)
    process.kill()
    url = process.command[2]
    page.do("closePage")
    page.open(url)
    again = agent("--offer", url, "--duration", "2")
    again.ends(0, seconds=30)
