"""Where things are."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TESTS = ROOT / "tests"
BUILD = ROOT / "build-test"     # the program as users have it: what is black-box runs this one
CHECKED = ROOT / "build-asan"   # the same and the test programs, with AddressSanitizer and UBSan
LOGS = BUILD / "log"            # what the steps said

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "callagent"
