"""callagent as a user has it: the binary, its exit status, its stderr and its events."""

import json
import os
import pathlib
import time

import jsonschema

from harness.process import Process

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = os.environ.get("CALLAGENT") or ROOT / "build" / "src" / "callagent"

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "src" / "report" / "events.schema.json").read_text()))

# What nearly every test wants: no devices, and no server outside of this machine.
QUIET = ["--headless", "--stun", "none"]

# And what a test that does not look at the picture wants: such a call costs a tenth of the processor.
SMALL = ["--size", "160x120"]
SLOW = ["--framerate", "10"]


def environment(home):
    """A user without a display, a sound server or a configuration."""
    kept = {name: os.environ[name] for name in ("PATH", "GST_REGISTRY", "LANG") if name in os.environ}
    return {**kept, "HOME": str(home), "XDG_RUNTIME_DIR": str(home),
            "CALLAGENT_PIPELINES": str(ROOT / "pipelines")}


class Agent(Process):
    def __init__(self, arguments, *, folder, name, env=None, prefix=(), defaults=True, quiet=True, less=(),
                 **options):
        self.name = name
        self.events_file = pathlib.Path(folder) / f"{name}.ndjson"
        self._events, self._read_up_to = [], 0
        command = [*prefix, BINARY, *arguments]
        if defaults:
            command += [*(QUIET if quiet else []), "--events", self.events_file]
            if arguments[0] in ("--answer", "--offer") and not {"--size", "--framerate"} & {*map(str, arguments)}:
                command += less
        super().__init__(command, env={**environment(folder), **(env or {})}, **options)

    # Events

    def events(self, name=None):
        """All whole lines that there are. What was read before is not read again: tests ask many times a second."""
        if self.events_file.exists():
            with open(self.events_file, "rb") as file:
                file.seek(self._read_up_to)
                whole = file.read().rpartition(b"\n")[0]
            if whole:
                self._events += [json.loads(line) for line in whole.split(b"\n")]
                self._read_up_to += len(whole) + 1
        return [event for event in self._events if name in (None, event["event"])]

    def event(self, name, seconds=10, where=lambda event: True):
        """The first such event; waits for it."""
        deadline = time.monotonic() + seconds
        while True:
            gone = self.child.poll() is not None
            for event in self.events(name):
                if where(event):
                    return event
            assert not gone, f"{self.name} ended with {self.child.poll()} without an event {name}"
            assert time.monotonic() < deadline, f"{self.name}: no event {name} within {seconds} s"
            time.sleep(0.02)

    def url(self):
        """Of its embedded relay."""
        return self.event("listening")["url"]

    # Its end

    def ends(self, exit_status, seconds=20, says=""):
        """Waits for the end, holds it against the contract, and returns the last event. `says`: a word
        that the reason must have."""
        status = self.wait(seconds)
        assert status == exit_status, f"{self.name} ended with {status}, not {exit_status}"
        events = self.events()
        assert events, f"{self.name} wrote no events"
        end = events[-1]
        assert end["event"] == "end", f"{self.name}: the last event is {end}"
        assert end["exit_code"] == status
        assert isinstance(end["summary"], dict)
        assert says.lower() in end["reason"].lower()
        if status != 0:
            self.says_one_line(end["reason"])
        times = [event["t"] for event in events]
        assert times == sorted(times)
        assert all(event["schema"] == 1 and event["ts"].endswith("Z") for event in events)
        for word in ("CRITICAL", "runtime error", "AddressSanitizer", "Assertion"):
            assert word not in self.stderr
        return end

    def keeps_the_schema(self):
        """Every event that it wrote is what src/report/events.schema.json says."""
        for event in self.events():
            wrong = jsonschema.exceptions.best_match(SCHEMA.iter_errors(event))
            assert not wrong, f"{self.name}: {'/'.join(map(str, wrong.absolute_path))}: {wrong.message} in {event}"

    def says_one_line(self, reason):
        """The reason of a failure stands on stderr, whole, on one line, once."""
        assert reason and "\n" not in reason
        assert sum(line == f"callagent: {reason}" for line in self.stderr.splitlines()) == 1, \
            f"{self.name}: {reason!r} is not on one line of stderr"

    def story(self):
        lines = self.events_file.read_text(errors="replace").splitlines() if self.events_file.exists() else []
        told = [line[:600] for line in lines if '"event":"stats"' not in line.replace(" ", "")]
        return "\n".join([super().story(), *told[-30:]])


def in_call(*agents):
    """Waits until each of them sees and hears the other."""
    for each in agents:
        each.event("connected", 20)
        for medium in ("audio", "video"):
            each.event("first-frame", 10, where=lambda event: event["media"] == medium)
