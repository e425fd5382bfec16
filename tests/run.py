"""Runs the suites and adds up what passed and what failed. Start it through scripts/test."""

import argparse
import concurrent.futures
import os
import shutil
import signal
import sys
import tempfile
import time

from harness.descendants import adopt_orphans
from runner import builds, memory, quick, suites
from runner.lint import lint
from runner.outcome import Outcome
from runner.processes import IDLE, Failed, Load, stop, stray_networks, strays

# Seconds on two cores with nothing else running. The closing lines name a suite that takes longer: to be read, not a
# failure. All of it together: 720.
BUDGET = {"build": 150, "unit": 90, "cli": 240, "alone": 290, "browser": 230, "lint": 180,
          "quick": 90}

SUITES = {"unit": suites.unit, "cli": suites.cli, "alone": suites.alone, "browser": suites.browser, "lint": lint}


class Run:
    """All that was asked for, told suite by suite as each ends."""

    def __init__(self, arguments):
        self._arguments = arguments
        self._state = memory.state() if not (arguments.only or arguments.again or arguments.repeat > 1) else None
        self._total = Outcome()
        self._failures = {}  # how often each case was bad
        self._over = []

    def build(self):
        """Whether there is something to test."""
        outcome, seconds = timed(lambda: ready(builds.plain))
        if outcome.failed:
            self._add("build", outcome, seconds)
        else:
            outcome.tell("build", seconds, BUDGET["build"])
        return not outcome.failed

    def suite(self, name, work=None):
        if known := memory.recall(name, self._state):
            self._add(name, known, 0)
            return
        for _ in range(self._arguments.repeat):
            outcome, seconds = timed(lambda: guarded(work or SUITES[name], self._arguments.only))
            for stray in strays():
                outcome.add("nothing is left behind", wrong=stray)
            if self._state:
                memory.remember(name, self._state, outcome)
            self._add(name, outcome, seconds)

    def _add(self, name, outcome, seconds):
        outcome.tell(name, seconds, BUDGET[name])
        if seconds > BUDGET[name]:
            self._over.append(f"{name}: {seconds:.0f} s of {BUDGET[name]}")
        for case in outcome.bad:
            self._failures[f"{name}: {case.name}"] = self._failures.get(f"{name}: {case.name}", 0) + 1
        self._total += outcome

    def close(self, seconds):
        """The closing lines. The exit status is 0 only where nothing failed."""
        print(f"== all: {seconds:.0f} s")
        for line in self._over:
            print(f"over its budget: {line}")
        for name, times in self._failures.items():
            print(f"FAILED {name}" + (f" ({times} times of {self._arguments.repeat})" if self._arguments.repeat > 1 else ""))
        print(f"{self._total.passed} passed, {self._total.failed} failed", flush=True)
        return 1 if self._total.failed or not self._total.passed else 0


def timed(work):
    begin = time.monotonic()
    return work(), time.monotonic() - begin


def ready(build):
    outcome = Outcome()
    try:
        build()
    except Failed as step:
        outcome.add(build.__name__, wrong=str(step))
    return outcome


def guarded(suite, only):
    try:
        return suite(only)
    except Failed as step:
        outcome = Outcome()
        outcome.add("what the suite needs", wrong=str(step))
        return outcome


def everything(run, wanted):
    """What computes all the time (the checked build, lint) gets what the calls leave of the processors, which wait for
    most of theirs. What measures comes last, and has them to itself."""
    def computes():
        if "unit" in wanted:
            built.append(ready(lambda: builds.checked(*IDLE)))
        if "lint" in wanted:
            run.suite("lint", lambda only: lint(only, IDLE))

    built = []
    computing = concurrent.futures.ThreadPoolExecutor(1).submit(computes)
    for name in ("cli", "browser"):
        if name in wanted:
            run.suite(name)
    computing.result()
    if "unit" in wanted:
        run.suite("unit", lambda only: built[0] if built[0].failed else guarded(suites.unit, only))
    if "alone" in wanted:
        run.suite("alone")


def parsed():
    usage = argparse.ArgumentParser(prog="scripts/test", description=__doc__, usage="scripts/test [OPTION…] [SUITE…]")
    usage.add_argument("suites", nargs="*", metavar="SUITE",
                       help=f"{', '.join(SUITES)}; all of them unless given. `cli` brings `alone` with it. "
                            "quick: what tests the files that have changed, and one call")
    usage.add_argument("--no-install", action="store_true", help="install nothing")
    usage.add_argument("--only", metavar="PATTERN", help="tests with that in their name")
    usage.add_argument("--again", action="store_true", help="also what was good, where nothing has changed since")
    usage.add_argument("--repeat", type=int, default=1, metavar="N", help="N times, and tell what failed at least once")
    usage.add_argument("--load", type=int, default=0, metavar="N", help="with N busy processes beside the tests")
    given = usage.parse_args()
    for name in given.suites:
        if name not in SUITES and name != "quick":
            usage.error(f"no suite {name}; there are: {', '.join([*SUITES, 'quick'])}")
    return given


def main():
    given = parsed()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what is running is ended on the way out
    adopt_orphans()
    stray_networks()  # of a run that was killed: they are not ours to answer for
    builds.environment()
    tempfile.tempdir = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="callagent-")  # short: sockets are made in it
    begin = time.monotonic()
    run = Run(given)
    suites.load = given.load
    load = Load(given.load)
    try:
        if run.build():
            if "quick" in given.suites:
                run.suite("quick", quick.quick)
            else:
                wanted = set(given.suites or SUITES)
                everything(run, wanted | ({"alone"} if "cli" in wanted else set()))
    finally:
        load.close()
        stop()
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    sys.exit(run.close(time.monotonic() - begin))


main()
