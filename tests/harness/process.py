"""Programs that a test starts and that do not outlive it."""

import contextlib
import os
import pathlib
import random
import signal
import socket
import subprocess
import threading
import time

from harness.descendants import begin_afresh, descendants, kill


def free_port(count=1):
    """For a program that cannot choose by itself: the first of so many free ones. Below those that Linux gives to
    whoever asks for any, which could be taken by the time it is used."""
    while True:
        first = random.randrange(10_000, 32_000)
        with contextlib.ExitStack() as taken:
            try:
                for port in range(first, first + count):
                    taken.enter_context(socket.socket()).bind(("127.0.0.1", port))
                return first
            except OSError:
                continue


def wait_until(happened, what, seconds=10, pause=0.005):
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(pause)


def is_read(connection):
    """Whether the process at the other end, on this machine, has taken all that was written into a TCP connection."""
    ours, theirs = (f":{name[1]:04X}" for name in (connection.getsockname(), connection.getpeername()))
    lines = [line for table in ("tcp", "tcp6") for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()]
    for line in lines:
        _, local, remote, _, queues, *_, inode = line.split()[:10]
        if local.endswith(theirs) and remote.endswith(ours):
            return inode != "0" and queues.endswith(":00000000")
    return False


class Process:
    """A program in a process group of its own, with both outputs collected as they come."""

    name = ""  # of whom there are several

    def __init__(self, command, *, env=None, cwd=None, stdin=subprocess.DEVNULL):
        self.command = [str(word) for word in command]
        self.child = subprocess.Popen(self.command, env=env, cwd=cwd, stdin=stdin,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      start_new_session=True, preexec_fn=begin_afresh)
        self.output = {"out": b"", "err": b""}
        self._changed = threading.Condition()
        self._readers = [threading.Thread(target=self._read, args=(stream, name), daemon=True)
                         for stream, name in ((self.child.stdout, "out"), (self.child.stderr, "err"))]
        for reader in self._readers:
            reader.start()

    def _read(self, stream, name):
        while chunk := os.read(stream.fileno(), 65536):
            with self._changed:
                self.output[name] += chunk
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def pid(self):
        return self.child.pid

    @property
    def stdout(self):
        return self.output["out"].decode(errors="replace")

    @property
    def stderr(self):
        return self.output["err"].decode(errors="replace")

    def line(self, prefix, seconds=10):
        """The rest of the first whole line on stdout that begins so."""
        def found():
            for line in self.stdout.splitlines(keepends=True):
                if line.startswith(prefix) and line.endswith("\n"):
                    return line[len(prefix):].strip()
            return None
        with self._changed:
            self._changed.wait_for(lambda: found() is not None or self.child.poll() is not None, seconds)
        value = found()
        assert value is not None, f"no line {prefix!r} from {self.command}\n{self.stdout}{self.stderr}"
        return value

    def story(self):
        """For whoever reads of a failure: the command, its exit status, what it said."""
        said = f"{self.stdout[-4000:]}{self.stderr[-8000:]}"
        return f"{' '.join(self.command)}\nexit status {self.child.poll()}\n{said}"

    def signal(self, number):
        self.child.send_signal(number)

    def wait(self, seconds=20):
        """The exit status, negative for a signal as in subprocess."""
        status = self.child.wait(seconds)
        for reader in self._readers:
            reader.join(2)  # a grandchild may hold the pipe open
        return status

    def kill(self):
        """Ends it and everything it started, in whatever session, at once. Twice is once."""
        below = descendants(self.child.pid)
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        kill(below)
        self.child.wait()
        for reader in self._readers:
            reader.join(2)
