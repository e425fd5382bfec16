"""Runs the suites and adds up what passed and what failed. Start it through scripts/test.

Each suite is a function that returns (passed, failed). Whatever it starts is ended when its time is up:
a test that hangs is a failure, never a hang of this script.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-test"
ASAN = ROOT / "build-asan"
JOBS = os.cpu_count() or 2


failures = []  # said again at the end, where whoever sees only that finds them


class Failed(Exception):
    """A step that the rest of its suite needs."""


def fails(name, why=""):
    failures.append(f"FAILED {name}\n" + "".join(f"    {line}\n" for line in why.strip().splitlines()[-15:]))
    print(failures[-1], flush=True)


def run(*command, seconds, log=None, cwd=ROOT, env=None):
    """The exit status of a command, which is killed with its whole process group when its time is up. With
    `log` its output goes there, and is shown only where the command failed."""
    output = open(log, "wb") if log else None
    process = subprocess.Popen([str(word) for word in command], cwd=cwd, env=env, stdout=output,
                               stderr=output and subprocess.STDOUT, stdin=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        status = f"timeout after {seconds} s"
        os.killpg(process.pid, signal.SIGINT)  # pytest then ends what its tests have started
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            pass
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)  # and whatever it left behind
        except ProcessLookupError:
            pass
        process.wait()
    if output:
        output.close()
        if status != 0:
            text = pathlib.Path(log).read_text(errors="replace").splitlines()
            print(*text[-200:], sep="\n")
    if status != 0:
        print(f"{' '.join(str(word) for word in command)[:300]}: {status}", flush=True)
    return status


def need(*command, **options):
    if run(*command, **options) != 0:
        fails(" ".join(str(word) for word in command)[:300])
        raise Failed(command[0])


def build(folder, *options):
    if not (folder / "build.ninja").exists():
        folder.mkdir(exist_ok=True)
        # Functions and lines are what a stack is read for; types and variables take a quarter of the whole build.
        need("meson", "setup", folder, "-Dcpp_args=-g1", *options, seconds=120, log=folder / "setup.log")
    need("ninja", "-C", folder, seconds=1500, log=folder / "build.log")


def junit(path):
    """(passed, failed) of a JUnit file; the failed ones are named."""
    passed = failed = 0
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        if case.find("skipped") is not None:
            continue
        # A program that crashed is an error, a case that did not hold a failure: each says why.
        wrong = [part for part in (case.find("failure"), case.find("error")) if part is not None]
        if wrong:
            fails(f"{case.get('classname', '')} {case.get('name')}", wrong[0].text or wrong[0].get("message", ""))
            failed += 1
        else:
            passed += 1
    return passed, failed


def meson_tests(folder):
    report = folder / "meson-logs" / "testlog.junit.xml"
    report.unlink(missing_ok=True)
    status = run("meson", "test", "-C", folder, "--no-rebuild", "--num-processes", "2",
                 "--print-errorlogs", "--timeout-multiplier", "3" if folder == ASAN else "1", seconds=600)
    passed, failed = junit(report) if report.exists() else (0, 0)
    if status != 0 and not failed:  # a program that crashed has no case of its own
        log = report.with_name("testlog.json")
        programs = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        for program in programs:
            if program["result"] not in ("OK", "SKIP"):
                fails(f"{program['name']}: {program['result']}", program.get("stdout", "") + program.get("stderr", ""))
        return passed, 1
    return passed, failed


def pytest(name, seconds, *options):
    report = BUILD / f"pytest-{name}.xml"
    report.unlink(missing_ok=True)
    status = run("/usr/bin/python3", "-m", "pytest", "-v", "--tb=short", "--durations=5", "--timeout=150",
                 "-p", "no:cacheprovider", f"--junitxml={report}", *options,
                 seconds=seconds, env=dict(os.environ, CALLAGENT=str(BUILD / "src" / "callagent")))
    passed, failed = junit(report) if report.exists() else (0, 0)
    if status != 0 and not failed:
        fails(f"pytest {name}: {status}")
        return passed, 1
    return passed, failed


# Lint: clang-format over all files is one test, clang-tidy one a file. It takes seconds a file, so a file
# that was clean with the same contents, headers and flags is not looked at again.

def sources(*suffixes):
    return sorted(path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*")
                  if path.suffix in suffixes and "node_modules" not in path.parts)


def with_headers(path, seen=None):
    """The file and all of our headers that it includes."""
    seen = {} if seen is None else seen
    if path not in seen and path.exists():
        seen[path] = path.read_bytes()
        for name in re.findall(rb'^#include "([^"]+)"', seen[path], re.MULTILINE):
            for folder in (ROOT / "src", path.parent, ROOT / "tests"):
                with_headers(folder / name.decode(), seen)
    return seen


def tidy(entry, stamps):
    path = pathlib.Path(entry["directory"], entry["file"]).resolve()
    digest = hashlib.sha256(entry["command"].encode())
    for configuration in (ROOT / ".clang-tidy", ROOT / "tests" / ".clang-tidy"):
        digest.update(configuration.read_bytes())
    for _, text in sorted(with_headers(path).items()):
        digest.update(text)
    stamp = stamps / digest.hexdigest()
    if stamp.exists():
        return True
    done = subprocess.run(["clang-tidy", "--quiet", "-p", str(BUILD), str(path)], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, timeout=300)
    if done.returncode == 0:
        stamp.touch()
        return True
    fails(f"clang-tidy {path.relative_to(ROOT)}", done.stdout + done.stderr[-2000:])
    return False


def lint():
    version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True).stdout
    if " 14." not in version:
        print(f"not checked here, where Debian 12's clang 14 is not: {version.strip()}")
        return 0, 0
    failed = int(run("clang-format", "--dry-run", "--Werror", *sources(".h", ".cpp"), seconds=120) != 0)
    passed = 1 - failed
    stamps = BUILD / "tidy"
    stamps.mkdir(exist_ok=True)
    entries = {entry["file"]: entry for entry in json.loads((BUILD / "compile_commands.json").read_text())
               if entry["file"].endswith(".cpp")}  # not what is generated
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for clean in pool.map(lambda entry: tidy(entry, stamps), entries.values()):
            passed += clean
            failed += not clean
    return passed, failed


def unit():
    node_modules(ROOT / "tests" / "servers")
    return meson_tests(BUILD)


def asan():
    node_modules(ROOT / "tests" / "servers")
    build(ASAN, "-Db_sanitize=address,undefined", "-Db_lundef=false", "-Doptimization=0")
    return meson_tests(ASAN)


def node_modules(folder):
    """`npm ci`, unless what is there came from the same lock file."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".lock-digest"
    if not (stamp.exists() and stamp.read_text() == lock):
        need("npm", "ci", "--no-audit", "--no-fund", cwd=folder, seconds=300, log=BUILD / "npm.log")
        stamp.write_text(lock)


def cli():
    node_modules(ROOT / "tests" / "servers")
    node_modules(ROOT / "scripts" / "signaling-cluster")
    together = pytest("cli", 1200, "-n", "2", "-m", "not alone", ROOT / "tests" / "cli")
    alone = pytest("alone", 600, "-m", "alone", ROOT / "tests" / "cli")
    return tuple(map(sum, zip(together, alone)))


def browser():
    node_modules(ROOT / "tests" / "servers")
    node_modules(ROOT / "tests" / "browser")
    return pytest("browser", 900, ROOT / "tests" / "browser")


SUITES = {"unit": unit, "asan": asan, "cli": cli, "browser": browser, "lint": lint}


def environment():
    os.environ["PATH"] = "/usr/lib/ccache:" + os.environ["PATH"]
    # Tests run without a home; what plugins there are is looked up once for all of them, here.
    os.environ["GST_REGISTRY"] = str(BUILD / "gst-registry.bin")
    # The same on a desktop as on a server: no display, no sound, unless a test starts its own.
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "PULSE_SERVER", "XDG_RUNTIME_DIR"):
        os.environ.pop(name, None)
    if shutil.which("gst-inspect-1.0"):
        run("gst-inspect-1.0", "webrtcbin", seconds=120, log=BUILD / "registry.log")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what is running is ended on the way out
    wanted = sys.argv[1:] or list(SUITES)
    unknown = [name for name in wanted if name not in SUITES]
    if unknown:
        sys.exit(f"no suite {unknown[0]}; there are: {' '.join(SUITES)}")
    BUILD.mkdir(exist_ok=True)
    environment()

    passed = failed = 0
    try:
        print("== build", flush=True)
        node_modules(ROOT / "src" / "web")
        build(BUILD, "-Dwerror=true")
    except Failed:
        failed, wanted = 1, []
    for name in wanted:
        print(f"== {name}", flush=True)
        begin = time.monotonic()
        try:
            good, bad = SUITES[name]()
        except Failed:
            good, bad = 0, 1
        except subprocess.TimeoutExpired as error:
            print(error)
            good, bad = 0, 1
        passed += good
        failed += bad
        print(f"== {name}: {good} good, {bad} bad, {time.monotonic() - begin:.0f} s", flush=True)
    print(*failures, sep="")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
