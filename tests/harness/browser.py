"""Chromium and Firefox, through tests/browser/driver.js."""

import itertools
import json
import pathlib
import subprocess
import threading

from harness.descendants import adopt_orphans

BROWSER = pathlib.Path(__file__).resolve().parent.parent / "browser"
PUBLIC = BROWSER / "tutorial" / "public"

# The tutorial's page is ready to be called: signaling stands and the camera is attached.
READY = "signaling._socket.connected && rtcConnection.getSenders().length === 2"


class Driver:
    """Browsers of one test run. Commands may come from several threads. `prefix`: in front of the command, for those
    of another host."""

    def __init__(self, prefix=()):
        self._child = subprocess.Popen([*prefix, "node", BROWSER / "driver.js"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, preexec_fn=adopt_orphans)
        self._ids = itertools.count(1)
        self._replies = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._child.stdout:
            reply = json.loads(line)
            with self._changed:
                self._replies[reply["id"]] = reply
                self._changed.notify_all()

    def do(self, command, **arguments):
        seconds = arguments.get("seconds", 20) + 20  # which the driver keeps to, and says what it waited for
        number = next(self._ids)
        self._child.stdin.write(json.dumps({"id": number, "do": command, **arguments}) + "\n")
        self._child.stdin.flush()
        with self._changed:
            came = self._changed.wait_for(lambda: number in self._replies, seconds)
            assert came, f"the browser driver did not answer {command} within {seconds} s"
            reply = self._replies.pop(number)
        assert "error" not in reply, reply["error"]
        return reply["result"]

    def launch(self, name, **options):
        return Browser(self, name, self.do("launch", browser=name, **options))

    def close(self):
        self._child.stdin.close()  # kills all browsers
        try:
            self._child.wait(20)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child.stdout.close()


class Leases:
    """The browsers of one test, out of a driver's that stay for the next one. `idle`: {name: [Browser]}, those that
    nobody uses. A browser with options of its own is started for the test, and ends with it."""

    def __init__(self, driver, idle):
        self._driver = driver
        self._idle = idle
        self._leased = []
        self._own = []

    def launch(self, name, **options):
        if options:
            self._own.append(self._driver.launch(name, **options))
            return self._own[-1]
        idle = self._idle.setdefault(name, [])
        browser = idle.pop() if idle else self._driver.launch(name)
        browser.do("fresh")
        self._leased.append(browser)
        return browser

    def close(self):
        """Ends what the test did in them; those without options go back to the idle ones."""
        for browser in self._own:
            if not browser.killed:
                browser.kill()
        for browser in self._leased:
            if browser.killed:
                continue
            try:
                browser.do("fresh")
                self._idle[browser.name].append(browser)
            except AssertionError:  # it hangs, or has crashed; the next test gets another one
                browser.kill()


class Browser:
    def __init__(self, driver, name, launched):
        self.name = name
        self.killed = False
        self.pid = launched["pid"]
        self._driver = driver
        self._handle = launched["handle"]

    def do(self, command, **arguments):
        return self._driver.do(command, handle=self._handle, **arguments)

    def open(self, url):
        """Opens the tutorial's page and waits until it could be called."""
        self.do("open", url=url)
        self.do("wait", expression=READY)

    def start_call(self):
        self.do("click", selector="#startBtn")

    def evaluate(self, expression):
        return self.do("evaluate", expression=expression)

    def wait(self, expression, seconds=20):
        return self.do("wait", expression=expression, seconds=seconds)

    def wait_frames(self, count, seconds=20):
        """Until so many frames of the peer's video are decoded."""
        self.wait("rtcConnection.getStats().then((report) => [...report.values()].some((s) => "
                  f"s.type === 'inbound-rtp' && s.framesDecoded >= {count}))", seconds)

    def stats(self, kind):
        """All getStats entries of a type, as {medium: entry}."""
        return {entry.get("kind", entry["id"]): entry
                for entry in self.do("stats") if entry["type"] == kind}

    def screenshot(self, file):
        self.do("screenshot", file=str(file))

    def log(self):
        return self.do("log")

    def close(self):
        self.killed = True
        self.do("close")

    def kill(self):
        self.killed = True
        self.do("kill")
