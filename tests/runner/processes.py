"""Commands with a bound on their time, of which nothing is left afterwards."""

import os
import pathlib
import signal
import subprocess
import threading

from harness.descendants import default_signals, descendants, left_behind
from runner.paths import ROOT

# In front of a command that is to have what time nobody else wants. Each command is a session, and Linux first deals
# out time to sessions (sched_autogroup), whatever their processes ask for.
IDLE = ("sh", "-c", 'echo 19 2>/dev/null >/proc/self/autogroup; exec chrt --idle 0 "$@"', "idle")

_running = set()
_stopping = False
_lock = threading.Lock()  # whoever has it sees no process of ours that is not in _running


class Failed(Exception):
    """A step that the rest of its suite needs; says which, and what it printed last."""


def run(*command, seconds, log, cwd=ROOT, env=None):
    """The exit status of a command, or a sentence where its time was up; its whole process group is killed then. Its
    output is in the file `log`."""
    pathlib.Path(log).parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        with _lock:
            if _stopping:
                raise Failed("interrupted")
            process = subprocess.Popen([str(word) for word in command], cwd=cwd, env=env, stdout=output,
                                       stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                                       preexec_fn=default_signals)
            _running.add(process.pid)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return f"not ready after {seconds} s"
        finally:
            end(process)


def signal_group(leader, number):
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        pass  # nothing is left of it


def end(process):
    """Ends it, where it still runs, and its group. pytest takes down what its tests have set up, when it is asked to."""
    if process.poll() is None:
        signal_group(process.pid, signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            pass
    signal_group(process.pid, signal.SIGKILL)
    process.wait()
    with _lock:
        _running.discard(process.pid)


def stop():
    """For the way out: no further command begins, and those of other threads end."""
    global _stopping
    with _lock:
        _stopping = True
        running = set(_running)
    for pid in running:
        signal_group(pid, signal.SIGINT)
    left_behind(lambda: descendants(os.getpid()), patience=20)
    stray_networks()


def need(*command, **options):
    """A command without which nothing that follows makes sense."""
    if (status := run(*command, **options)) != 0:
        raise Failed(f"{' '.join(str(word) for word in command)[:300]}: {status}\n{last_lines(options['log'], 60)}")


def last_lines(path, count):
    return "\n".join(pathlib.Path(path).read_text(errors="replace").splitlines()[-count:])


def strays():
    """What the commands that have ended left behind, a sentence each: processes and networks. It is ended."""
    def find():
        with _lock:
            return descendants(os.getpid(), but=_running)

    return [f"process {pid}: {command}" for pid, command in left_behind(find).items()] + stray_networks()


def stray_networks():
    """The same of networks, whoever made them."""
    found = []
    for space in pathlib.Path("/run/netns").glob("callagent-*"):  # callagent-PID-…, see harness/network.py
        if not pathlib.Path("/proc", space.name.split("-")[1]).exists():
            subprocess.run(["ip", "netns", "del", space.name], capture_output=True)
            found.append(f"network namespace {space.name}")
    return found


class Load:
    """Processes that are always busy, each a session with a share of its own."""

    def __init__(self, count):
        self._processes = [subprocess.Popen(["sh", "-c", "while :; do :; done"], preexec_fn=default_signals,
                                            start_new_session=True) for _ in range(count)]
        with _lock:
            _running.update(process.pid for process in self._processes)

    def close(self):
        for process in self._processes:
            process.kill()
            process.wait()
            with _lock:
                _running.discard(process.pid)
