"""What was good, and of what: a suite is not run again in this clone while nothing that it depends on has changed."""

import hashlib
import json
import subprocess
import time

from runner.outcome import Outcome
from runner.paths import BUILD, ROOT

FOLDER = BUILD / "good"


def state():
    """A digest of all files of the tree, and of what is installed. None where git does not tell which these are."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True)
    if listed.returncode != 0:
        return None
    digest = hashlib.sha256()
    for name in sorted(set(filter(None, listed.stdout.split(b"\0")))):
        path = ROOT / name.decode()
        digest.update(name + b"\0")
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    digest.update(subprocess.run(["dpkg-query", "-W"], capture_output=True).stdout)
    return digest.hexdigest()


def recall(suite, now):
    """The outcome that it had with the same state, or None."""
    path = FOLDER / suite
    if not now:
        return None
    known = json.loads(path.read_text()) if path.exists() else {}
    if known.get("state") != now:
        return None
    return Outcome(known["passed"], note=f"; of {known['time']}, and nothing has changed since (--again runs it)")


def remember(suite, now, outcome):
    path = FOLDER / suite
    if outcome.failed:
        path.unlink(missing_ok=True)
        return
    FOLDER.mkdir(exist_ok=True)
    path.write_text(json.dumps({"state": now, "passed": outcome.passed, "time": time.strftime("%H:%M")}))
