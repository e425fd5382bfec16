"""The suites that run programs: each a function that returns its Outcome."""

import json
import os

from runner.builds import node_modules
from runner.outcome import Outcome, of_junit
from runner.paths import BUILD, CHECKED, LOGS, ROOT, TESTS
from runner.processes import last_lines, run

SERVERS = TESTS / "servers"
CLUSTER = ROOT / "scripts" / "signaling-cluster"

# So many at once on two cores: calls wait most of their time, browsers do not. Of what measures, calls leave each
# other room; a browser that starts does not (others then wait for up to half a second for a core).
UNIT, CLI, ALONE, BROWSER = 4, 6, 2, 2

load = 0  # busy processes beside the tests


def beside_load(workers):
    """What is left of the workers where others have their share of the two cores."""
    return max(1, 2 * workers // (2 + load))


def unit(only=None, programs=()):
    """The tests in C++, sanitized. `programs`: some of them only."""
    node_modules(SERVERS)
    report = CHECKED / "meson-logs" / "testlog.junit.xml"
    report.unlink(missing_ok=True)
    chosen = [f"--test-args=--gtest_filter=*{only}*"] if only else []
    status = run("meson", "test", "-C", CHECKED, "--no-rebuild", "--num-processes", beside_load(UNIT),
                 "--timeout-multiplier", "3", *chosen, *programs, seconds=900, log=LOGS / "unit.log")
    outcome = of_junit(report) if report.exists() else Outcome()
    if status != 0 and not outcome.failed:  # a program that crashed has no case of its own
        log = report.with_name("testlog.json")
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        for program in lines:
            if program["result"] not in ("OK", "SKIP"):
                said = program.get("stdout", "") + program.get("stderr", "")
                outcome.add(f"{program['name']}: {program['result']}", wrong="\n".join(said.splitlines()[-60:]))
        if not outcome.failed:
            outcome.add("meson test", wrong=f"{status}\n{last_lines(LOGS / 'unit.log', 60)}")
    return outcome


def cli(only=None):
    node_modules(SERVERS)
    node_modules(CLUSTER)
    return pytest("cli", only, CLI, 1200, "-m", "not alone", TESTS / "cli")


def alone(only=None):
    """Those of cli and browser that measure, or keep both cores busy."""
    node_modules(SERVERS)
    node_modules(TESTS / "browser")
    outcome = pytest("alone", only, ALONE, 900, "-m", "alone", TESTS / "cli")
    outcome += pytest("alone-browser", only, 1, 300, "-m", "alone", TESTS / "browser")
    return outcome


def browser(only=None):
    node_modules(SERVERS)
    node_modules(TESTS / "browser")
    return pytest("browser", only, BROWSER, 900, "-m", "not alone", TESTS / "browser")


NOTHING_CHOSEN = 5  # pytest's exit status


def pytest(name, only, workers, seconds, *options):
    report = BUILD / f"pytest-{name}.xml"
    report.unlink(missing_ok=True)
    log = LOGS / f"{name}.log"
    status = run("/usr/bin/python3", "-m", "pytest", "-v", "--tb=short", "--timeout=150", "-p", "no:cacheprovider",
                 f"--junitxml={report}", f"--basetemp={os.environ['TMPDIR']}/{name}",
                 *(("-n", beside_load(workers)) if workers > 1 else ()), *(("-k", only) if only else ()), *options,
                 seconds=seconds, log=log,
                 env={**os.environ, "CALLAGENT": str(BUILD / "src" / "callagent")})
    outcome = of_junit(report) if report.exists() else Outcome()
    if status not in (0, NOTHING_CHOSEN if only else 0) and not outcome.failed:
        outcome.add(f"pytest {name}", wrong=f"{status}\n{last_lines(log, 60)}")
    return outcome
