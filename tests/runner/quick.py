"""What to run after a change of a file or two: the unit tests of what has changed, and one real call."""

import subprocess

from runner import builds, suites
from runner.outcome import Outcome
from runner.paths import CHECKED, ROOT, TESTS

CALL = "test_two_agents_over_the_embedded_relay"


def changed():
    """What differs from the last commit; where nothing does, what the last commit changed."""
    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")

    names = [*git("diff", "--name-only", "HEAD"), *git("ls-files", "--others", "--exclude-standard")]
    return [name for name in names if name] or [name for name in git("diff", "--name-only", "HEAD~1", "HEAD") if name]


def programs(names):
    """The test programs, by their names in tests/meson.build, that such files concern: `media-endpoint` for
    src/media/endpoint.h; all of the area where none has the file's name."""
    listed = subprocess.run(["meson", "test", "-C", CHECKED, "--list", "--no-rebuild"], capture_output=True, text=True)
    known = {line.rpartition("/")[2].strip() for line in listed.stdout.splitlines()}
    chosen = set()
    for name in names:
        folder, _, file = name.rpartition("/")
        area = folder.rpartition("/")[2]
        stem = file.partition(".")[0].removesuffix("_test")
        if f"{area}-{stem}" in known:
            chosen.add(f"{area}-{stem}")
        elif area in known:
            chosen.add(area)
        else:  # a loose file: option_values.cpp is tested by `options`
            chosen |= {one for one in known if one.startswith((f"{area}-", stem.partition("_")[0]))}
    return sorted(chosen)


def quick(only=None):
    outcome = Outcome()
    builds.configure_checked()
    if chosen := programs(changed()):
        builds.ninja(CHECKED, *(f"tests/{name.replace('-', '_')}_test" for name in chosen))
        outcome += suites.unit(only, chosen)
    outcome += suites.pytest("quick", only or CALL, 1, 90, TESTS / "cli" / "test_calls.py")
    outcome.note = f"; {', '.join(chosen) or 'no unit test'}, and a call"
    return outcome
