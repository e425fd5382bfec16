"""clang-format over all files is one test, clang-tidy one a file of src. A file that was clean with the same contents, headers
and flags is not looked at again, in whatever clone."""

import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import time

from runner.outcome import Outcome
from runner.paths import BUILD, CACHE, LOGS, ROOT, TESTS
from runner.processes import last_lines, run

WORKERS = 2
STAMPS = CACHE / "tidy"
DATABASE = BUILD / "tidy"
DAYS_KEPT = 60


def lint(only=None, prefix=()):
    outcome = Outcome()
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True).stdout
    if " 14." not in version:
        outcome.note = f"; not checked here, where Debian 12's clang 14 is not: {' '.join(version.split())[:80]}"
        return outcome
    log = LOGS / "format.log"
    status = run("clang-format", "--dry-run", "--Werror", *sources(".h", ".cpp"), seconds=120, log=log)
    outcome.add("clang-format", wrong=last_lines(log, 40) if status != 0 else None)
    STAMPS.mkdir(parents=True, exist_ok=True)
    forget()
    entries = compilations(only or "")
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for case in pool.map(lambda entry: tidy(entry, version, prefix), entries):
            outcome.add(*case)
    return outcome


def compilations(part):
    """Of each of our files, by itself: without what is precompiled a missing #include is an error here."""
    entries = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        if entry["file"].startswith("../src/") and entry["file"].endswith(".cpp") and part in entry["file"]:
            entries[entry["file"]] = {**entry, "command": re.sub(r" -include \S+| -fpch-\S+", "", entry["command"])}
    DATABASE.mkdir(exist_ok=True)
    (DATABASE / "compile_commands.json").write_text(json.dumps(list(entries.values())))
    return list(entries.values())


def sources(*suffixes):
    return sorted(path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*")
                  if path.suffix in suffixes and "node_modules" not in path.parts)


def forget():
    """Stamps that nobody has asked for in a long time."""
    for stamp in STAMPS.iterdir():
        if time.time() - stamp.stat().st_mtime > DAYS_KEPT * 24 * 3600:
            stamp.unlink(missing_ok=True)


def with_headers(path, seen=None):
    """The file and all of our headers that it includes."""
    seen = {} if seen is None else seen
    if path not in seen and path.exists():
        seen[path] = path.read_bytes()
        for name in re.findall(rb'^#include "([^"]+)"', seen[path], re.MULTILINE):
            for folder in (ROOT / "src", path.parent, TESTS):
                with_headers(folder / name.decode(), seen)
    return seen


def tidy(entry, version, prefix):
    """(name, seconds, what is wrong) of one file."""
    path = pathlib.Path(entry["directory"], entry["file"]).resolve()
    name = f"clang-tidy {path.relative_to(ROOT)}"
    digest = hashlib.sha256((version + entry["command"].replace(str(ROOT), "")).encode())
    digest.update((ROOT / ".clang-tidy").read_bytes())
    for _, text in sorted(with_headers(path).items()):
        digest.update(text)
    stamp = STAMPS / digest.hexdigest()
    if stamp.exists():
        stamp.touch()
        return name, 0.0, None
    begin = time.monotonic()
    log = LOGS / "tidy" / (str(path.relative_to(ROOT)).replace("/", "-") + ".log")
    status = run(*prefix, "clang-tidy", "--quiet", "-p", DATABASE, path, seconds=600, log=log)
    if status == 0:
        stamp.touch()
    return name, time.monotonic() - begin, None if status == 0 else f"{status}\n{last_lines(log, 40)}"
