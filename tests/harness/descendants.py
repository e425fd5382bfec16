"""Every process that this one has started, however far down, and also where it has left its group, its session or its
parent: nothing may outlive the tests."""

import ctypes
import os
import pathlib
import signal
import time

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """From now on a process whose parent ends becomes a child of this one, and not of init."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


def begin_afresh():
    """For a child, before it becomes another program: it ends with its parent, and no signal is ignored because
    whoever started the tests ignored it (nohup, a shell's `&`)."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    default_signals()


def default_signals():
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def descendants(root, but=()):
    """{pid: command} of what runs below that process, without those of `but` and what is below them. What has ended
    counts no more, whether it was waited for or not."""
    children, commands = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (entry / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        pid = int(entry.name)
        children.setdefault(int(parent), []).append(pid)
        if state not in "ZX":
            commands[pid] = command
    found, waiting = {}, [root]
    while waiting:
        for pid in children.get(waiting.pop(), []):
            if pid in but:
                continue
            waiting.append(pid)
            if pid in commands:
                found[pid] = commands[pid]
    return found


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def left_behind(find, patience=2):
    """What `find()` still finds, {pid: command}, after `patience` seconds, in which what is about to end may end: the
    kernel takes its time with what ends with its parent. It is killed."""
    end = time.monotonic() + patience
    while (left := find()) and time.monotonic() < end:
        time.sleep(0.01)
    kill(left)
    return left
