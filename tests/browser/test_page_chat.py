"""What the relay's page and callagent, or two pages, write to each other in a call."""

import json
import signal
import subprocess

import pytest

from harness.page import sees

BROWSERS = ["chromium", "firefox"]
MARKUP = "<img src=x onerror=\"alert(1)\"> & <b>größer</b> 😀"


def say(process, text):
    """Over its --control -."""
    process.child.stdin.write(json.dumps({"command": "say", "text": text, "token": text[:20]}).encode() + b"\n")
    process.child.stdin.flush()


def answering(agent, *arguments):
    process = agent("--answer", *arguments, "--control", "-", stdin=subprocess.PIPE)
    process.event("signaling", where=lambda event: event["state"] == "connected")
    return process


def in_call(agent, page, browser, role, viewport=None):
    """A page and an agent. `role`: the page's. `viewport`: another would load the page anew in mid-call."""
    if role == "offers":
        process = answering(agent, "--listen", "0")
        one = page(browser, process.url())
        if viewport:
            one.browser.do("viewport", **viewport)
            one.browser.wait("number !== ''")
        one.press("#startBtn")
    else:
        url = agent("--relay", "--listen", "0").url()
        one = page(browser, url)
        process = agent("--offer", url, "--to", one.number, "--control", "-", stdin=subprocess.PIPE)
        one.state("alerting")
        one.press("#acceptBtn")
    one.can_write(20)
    sees(process)
    return one, process


@pytest.mark.parametrize("browser", BROWSERS)
@pytest.mark.parametrize("role", ["offers", "answers"])
def test_the_page_and_the_agent_write_to_each_other(agent, page, browser, role):
    one, process = in_call(agent, page, browser, role)
    one.write(MARKUP)
    assert process.event("text")["text"] == MARKUP
    assert one.browser.evaluate("document.getElementById('chatField').value") == ""
    say(process, f"back: {MARKUP}")
    one.shows(f"back: {MARKUP}")
    peer = one.browser.evaluate("call.peer")
    assert peer
    assert one.written() == [["mine", "You: ", MARKUP], ["theirs", f"{peer}: ", f"back: {MARKUP}"]]
    assert not one.browser.evaluate("document.querySelectorAll('#chatLog img, #chatLog span b').length")
    one.press("#hangupBtn")
    process.ends(0)
    one.state("idle")
    # It can still be read, and no more be written to.
    assert len(one.written()) == 2
    assert one.browser.evaluate("chatField.disabled && sayBtn.disabled && chat.offsetHeight > 0")


@pytest.mark.parametrize("caller, callee", [("chromium", "firefox"), ("firefox", "chromium")])
def test_two_pages_write_to_each_other(agent, page, caller, callee):
    url = agent("--relay", "--listen", "0").url()
    here, there = page(caller, url), page(callee, url)
    here.call(there.number)
    there.state("alerting")
    there.press("#acceptBtn")
    for each in (here, there):
        each.can_write(20)
    here.write("Can you hear me?")
    there.shows("Can you hear me?")
    there.write("Yes.")
    here.shows("Yes.")
    assert here.written() == [["mine", "You: ", "Can you hear me?"], ["theirs", f"{there.number}: ", "Yes."]]
    there.press("#hangupBtn")
    here.state("idle")
    # The next call begins with an empty page.
    there.call(here.number)
    here.state("alerting")
    here.press("#acceptBtn")
    for each in (here, there):
        each.can_write(20)
        assert each.written() == []


def test_lengths_are_bounded_at_both_ends(agent, page):
    """As callagent bounds them: in bytes, and never within a character."""
    one, process = in_call(agent, page, "chromium", "offers")
    one.browser.evaluate("chatField.value = 'é'.repeat(8001)")
    one.press("#sayBtn")
    one.browser.wait("chatError.textContent.includes('up to 16000 bytes')")
    one.browser.evaluate("chatField.value = 'é'.repeat(8000)")
    one.press("#sayBtn")
    assert process.event("text")["text"] == "é" * 8000
    assert one.browser.evaluate("chatError.textContent") == ""
    # A page that keeps to nothing, and a peer.
    one.browser.evaluate("texts.open().send('x' + 'é'.repeat(9000))")
    assert process.event("text", where=lambda event: event["text"][0] == "x")["text"] == "x" + "é" * 7999
    assert one.browser.evaluate("cut('x' + 'é'.repeat(9000)) === 'x' + 'é'.repeat(7999)")
    # The log keeps the last ones, and stays at its end.
    for number in range(205):
        say(process, f"line {number}")
        one.shows(f"line {number}")
    assert len(one.written()) == 200
    assert one.browser.evaluate("chatLog.scrollHeight - chatLog.scrollTop - chatLog.clientHeight < 5")
    one.press("#hangupBtn")
    process.ends(0)


def test_a_peer_without_a_data_channel(agent, page):
    """As the tutorial's page, which makes none: the call stands, and the page says that nobody reads."""
    relay = agent("--relay", "--listen", "0").url()
    one, other = page("chromium", relay), page("chromium", relay)
    other.browser.evaluate("call.connected = () => {}")
    other.call(one.number)
    one.state("alerting")
    one.press("#acceptBtn")
    for each in (one, other):
        each.in_call()
    assert one.browser.evaluate("chatField.disabled && sayBtn.disabled && chatField.placeholder") == "Not connected"
    assert other.browser.evaluate("chat.hidden")
    other.press("#hangupBtn")
    one.state("idle")
    assert one.browser.evaluate("chat.hidden")  # nothing was written


def test_keyboard_and_screen_reader(agent, page):
    one, process = in_call(agent, page, "chromium", "offers")
    nodes = one.accessible()
    assert {("textbox", "Your message"), ("button", "Send"), ("log", "Messages")} <= nodes
    one.tab_to("chatField")
    for key in "Hi":
        one.browser.do("press", key=key)
    one.browser.do("press", key="Tab")
    assert one.browser.evaluate("document.activeElement.id") == "sayBtn"
    one.browser.do("press", key="Space")
    assert process.event("text")["text"] == "Hi"
    # What does not fit is reached with the keyboard as well.
    one.tab_to("chatLog")
    process.signal(signal.SIGINT)
    process.ends(0)


@pytest.mark.parametrize("width, height", [(360, 640), (844, 390), (1280, 800)])
def test_long_words_and_every_size(agent, page, tmp_path, width, height):
    viewport = dict(width=width, height=height, isMobile=width < 1000, hasTouch=width < 1000)
    one, process = in_call(agent, page, "chromium", "offers", viewport)
    one.write("https://example.org/" + "a" * 300)
    say(process, "A line that is long enough to be broken into several on a telephone, and is read all the same.")
    one.browser.wait("chatLog.childElementCount === 2")
    one.browser.screenshot(tmp_path / "chat.png")
    assert one.browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert one.browser.evaluate("chatLog.scrollWidth <= chatLog.clientWidth && chatLog.clientHeight >= 100")
    process.signal(signal.SIGINT)
    process.ends(0)
