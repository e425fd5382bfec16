"""The page that our own relay serves, in Chromium and Firefox: calls with callagent in both roles, numbers, the
alert, and what the page says when a call does not come about."""

import signal
import urllib.error
import urllib.request

import pytest

from harness.page import Page, sees

BROWSERS = ["chromium", "firefox"]


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_page_calls_the_agent_in_two_clicks(agent, page, browser, tmp_path):
    answer = agent("--answer", "--listen", "0")
    caller = page(browser, answer.url())
    caller.press("#startBtn")
    caller.in_call()
    sees(answer)
    caller.says("In a call with")
    caller.browser.wait(r"/\d+ frames\/s · \d+ kbit\/s in · \d+ kbit\/s out/.test("
                        "document.getElementById('numbers').textContent)")
    assert caller.browser.evaluate("selfView.videoWidth > 0 && remoteView.videoWidth === 160")
    caller.browser.screenshot(tmp_path / "in-call.png")
    assert (tmp_path / "in-call.png").stat().st_size > 10_000
    caller.press("#hangupBtn")
    assert "hung up" in answer.ends(0)["reason"]
    caller.says("You hung up.")
    caller.browser.wait("document.getElementById('line').textContent.includes('does not answer')")  # went with the agent


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_agent_calls_the_page_by_its_number(agent, page, browser):
    url = agent("--relay", "--listen", "0").url()
    callee, other = page(browser, url), page("chromium", url)
    offer = agent("--offer", url, "--to", callee.number)
    callee.state("alerting")
    callee.says("calls you")
    offer.event("ringing")
    callee.press("#acceptBtn")
    callee.in_call()
    sees(offer)
    assert other.browser.evaluate("call.state") == "idle"
    offer.signal(signal.SIGINT)
    offer.ends(0)
    callee.says("hung up")


def test_the_page_declines(agent, page):
    url = agent("--relay", "--listen", "0").url()
    callee = page("chromium", url)
    offer = agent("--offer", url, "--to", callee.number)
    callee.state("alerting")
    callee.press("#declineBtn")
    offer.ends(11, says="declined")
    callee.says("Declined.")


def test_a_number_that_nobody_has(agent, page):
    caller = page("chromium", agent("--relay", "--listen", "0").url())
    caller.call("999999")
    caller.says("Nobody has number 999999.")
    caller.state("idle")


def test_pairs_on_one_relay_keep_apart_and_a_page_in_a_call_is_busy(agent, page):
    url = agent("--relay", "--listen", "0").url()
    here, there = page("chromium", url), page("firefox", url)
    answer = agent("--answer", url, "--number", "482193")
    answer.event("signaling", where=lambda event: event["state"] == "connected")
    offer = agent("--offer", url, "--to", "482193")
    sees(offer)
    here.call(there.number)
    there.state("alerting")
    there.press("#acceptBtn")
    for each in (here, there):
        each.in_call()
    agent("--offer", url, "--to", there.number).ends(11, says="busy")
    here.press("#hangupBtn")
    there.says("hung up")
    offer.signal(signal.SIGINT)
    offer.ends(0)
    answer.ends(0)


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_page_is_closed_in_mid_call(agent, page, browser):
    answer = agent("--answer", "--listen", "0")
    caller = page(browser, answer.url())
    caller.call()
    caller.in_call()
    sees(answer)
    caller.browser.do("closePage")
    answer.ends(0)


def test_the_browser_is_killed_in_mid_call(agent, page):
    """It leaves the relay without a word, and its media stops: that is a hang-up, not a fault."""
    answer = agent("--answer", "--listen", "0")
    caller = page("chromium", answer.url())
    caller.call()
    caller.in_call()
    sees(answer)
    caller.browser.kill()
    assert "left" in answer.ends(0, seconds=20)["reason"]


def in_call_over_a_relay(agent, page):
    """A page that has called number 482193 by a relay that belongs to neither: (the page, the agent)."""
    url = agent("--relay", "--listen", "0").url()
    answer = agent("--answer", url, "--number", "482193")
    answer.event("signaling", where=lambda event: event["state"] == "connected")
    caller = page("chromium", url)
    caller.call("482193")
    caller.in_call()
    return caller, answer


def test_the_agent_is_killed_in_mid_call(agent, page):
    caller, answer = in_call_over_a_relay(agent, page)
    answer.kill()
    caller.says("482193 left.")
    caller.state("idle")


def test_who_leaves_the_server_is_gone_when_nothing_comes_any_more(agent, page):
    """A call that stands needs no server: a notice alone does not end it."""
    caller, answer = in_call_over_a_relay(agent, page)
    caller.browser.evaluate("call.onLeft({ type: 'left', id: '482193' })")
    told = answer.event("stats")["t"]
    answer.event("stats", 20, where=lambda event: event["t"] > told + 7)
    assert caller.browser.evaluate("call.state") == "up"
    answer.kill()
    caller.says("482193 left.")


def test_microphone_and_camera_can_be_switched_off(agent, page):
    answer = agent("--answer", "--listen", "0")
    caller = page("chromium", answer.url())
    caller.call()
    caller.in_call()
    caller.press("#micBtn")
    caller.press("#cameraBtn")
    assert caller.browser.evaluate("stream.getTracks().every((track) => !track.enabled)")
    assert caller.browser.evaluate("document.getElementById('micBtn').textContent") == "Unmute microphone"
    caller.press("#micBtn")
    assert caller.browser.evaluate("stream.getAudioTracks().every((track) => track.enabled)")
    answer.signal(signal.SIGINT)
    answer.ends(0)


REFUSED = {"chromium": {"without": ["--use-fake-ui-for-media-stream"], "args": ["--deny-permission-prompts"]},
           "firefox": {"prefs": {"media.navigator.permission.disabled": False, "permissions.default.camera": 2,
                                 "permissions.default.microphone": 2}}}


@pytest.mark.parametrize("browser", BROWSERS)
def test_a_camera_that_is_refused(agent, driver, browser):
    url = agent("--answer", "--listen", "0").url()
    caller = Page(driver.launch(browser, **REFUSED[browser]), url)
    caller.call()
    caller.says("The camera and the microphone were refused: allow them")
    caller.state("idle")


ELSEWHERE = "--host-resolver-rules=MAP studio.test 127.0.0.1"  # a name of another machine, for the browser


def test_a_page_that_is_not_secure_says_so(agent, driver):
    url = agent("--answer", "--listen", ":0").url().replace("localhost", "studio.test")
    caller = Page(driver.launch("chromium", args=[ELSEWHERE]), url)
    caller.says("Browsers give the camera to secure pages only: open this page with https")
    caller.call()
    caller.state("idle")


def test_https_gives_the_camera_to_a_page_from_elsewhere(agent, driver, make_cert):
    cert, key = make_cert("studio.test")
    answer = agent("--answer", "--listen", ":0", "--tls-cert", cert, "--tls-key", key)
    url = answer.url().replace("localhost", "studio.test")
    assert url.startswith("https://")
    caller = Page(driver.launch("chromium", args=[ELSEWHERE], insecure=True), url)
    caller.call()
    caller.in_call()
    sees(answer)
    caller.press("#hangupBtn")
    answer.ends(0)


def test_nobody_answers(agent, page):
    url = agent("--relay", "--listen", "0").url()
    caller, callee = page("chromium", url), page("chromium", url)
    caller.browser.evaluate("call.answerMs = 500")
    caller.call(callee.number)
    caller.says(f"{callee.number} does not answer.")
    callee.state("idle")


def test_keyboard_and_screen_reader(agent, page):
    """A call without a mouse; every control has a role and a name."""
    answer = agent("--answer", "--listen", "0")
    caller = page("chromium", answer.url())
    named = caller.accessible()
    assert ("button", "Start") in named
    assert ("textbox", "Number to call (empty: whoever answers)") in named
    assert not [role for role, name in named if role in ("button", "textbox") and not name]
    caller.tab_to("startBtn")
    caller.browser.do("press", key="Enter")
    caller.in_call()
    named = caller.accessible()
    assert {("button", name) for name in ("Hang up", "Mute microphone", "Camera off")} <= named
    caller.tab_to("hangupBtn")
    caller.browser.do("press", key="Space")
    answer.ends(0)


WATCH = """
    window.places = new Set();
    (function look() {
      const place = hangupBtn.getBoundingClientRect();
      if (!chat.hidden && place.width) places.add(`${place.left + scrollX} ${place.top + scrollY}`);
      requestAnimationFrame(look);
    })();
"""


@pytest.mark.parametrize("browser, viewport", [
    ("chromium", None), ("firefox", None), ("chromium", dict(width=360, height=640, isMobile=True, hasTouch=True))])
def test_what_is_pressed_stays_where_it_is(agent, page, tmp_path, browser, viewport):
    """Whatever comes of the other's picture and of the numbers: who wants to hang up presses that, and nothing else."""
    answer = agent("--answer", "--listen", "0")
    caller = page(browser, answer.url())
    if viewport:
        caller.browser.do("viewport", **viewport)
        caller.browser.wait("number !== ''")
    caller.browser.evaluate(WATCH)
    caller.press("#startBtn")
    caller.in_call()
    caller.browser.wait("numbers.textContent.includes('round trip')")
    answer.signal(signal.SIGSTOP)
    caller.browser.wait("state.textContent.includes('interrupted')", 30)
    answer.signal(signal.SIGCONT)
    caller.browser.screenshot(tmp_path / "page.png")
    places = caller.browser.evaluate("[...places]")
    assert len(places) == 1, places
    answer.signal(signal.SIGINT)
    answer.ends(0)


def test_an_alert_takes_the_keyboard(agent, page):
    url = agent("--relay", "--listen", "0").url()
    callee = page("chromium", url)
    offer = agent("--offer", url, "--to", callee.number)
    callee.state("alerting")
    callee.browser.wait("document.activeElement.id === 'acceptBtn'")
    callee.browser.do("press", key="Escape")
    offer.ends(11, says="declined")


@pytest.mark.parametrize("width, height", [(360, 640), (390, 844), (844, 390)])
def test_a_phone(agent, page, tmp_path, width, height):
    """Nothing beside the screen, and nothing too small for a finger."""
    answer = agent("--answer", "--listen", "0")
    caller = page("chromium", answer.url())
    caller.browser.do("viewport", width=width, height=height, isMobile=True, hasTouch=True, deviceScaleFactor=2)
    caller.call()
    caller.in_call()
    caller.browser.screenshot(tmp_path / "phone.png")
    assert caller.browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = caller.browser.evaluate("""[...document.querySelectorAll('button, input')].map((e) => [e.id,
        e.getBoundingClientRect()]).filter(([, r]) => r.width && (r.height < 40 || r.width < 40)).map(([id]) => id)""")
    assert small == []
    answer.signal(signal.SIGINT)
    answer.ends(0)


def test_the_agent_that_has_the_relay_goes(agent, page):
    answer = agent("--answer", "--listen", "0")
    caller = page("chromium", answer.url())
    caller.call()
    caller.in_call()
    answer.signal(signal.SIGINT)
    answer.ends(0)
    caller.state("idle")


def get(url, method="GET"):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as reply:
            return reply.status, dict(reply.headers), reply.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def test_only_the_page_is_served_with_headers_that_let_nothing_in(agent):
    url = agent("--relay", "--listen", "0").url()
    for path, kind in (("/", "text/html"), ("/index.html", "text/html"), ("/page.js", "text/javascript"),
                       ("/call.js", "text/javascript"), ("/renewal.js", "text/javascript"), ("/chat.js", "text/javascript"),
                       ("/page.css", "text/css")):
        status, headers, body = get(url + path)
        assert status == 200 and body
        assert headers["Content-Type"].startswith(kind)
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
    for path in ("/web.gresource.xml", "/../etc/passwd", "/page.js/", "/favicon.ico", "//etc/passwd", "/%2e%2e/x"):
        assert get(url + path)[0] == 404
    assert get(url + "/", "POST")[0] == 405
    assert get(url + "/", "HEAD")[::2] == (200, b"")


def test_the_page_demands_the_token(agent, page):
    answer = agent("--answer", "--listen", "0", env={"CALLAGENT_TOKEN": "open-sesame"})
    url = answer.url()
    assert get(url + "/")[0] == 401
    assert get(url + "/?token=wrong")[0] == 401
    caller = page("chromium", url + "/?token=open-sesame")
    caller.call()
    caller.in_call()
    caller.press("#hangupBtn")
    answer.ends(0)
