"""What the relay carries: with the tutorial's Node server (socket.io 2.2.0) and with Socket.IO 4, under the same load in
the same run. For scripts/bench."""

import itertools
import json
import pathlib
import subprocess
import tempfile
import time

from bench_measure import cpu_seconds, median, pss_mb, row, tree
from harness.agent import Agent
from harness.process import Process

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVERS = ROOT / "tests" / "servers"
CLIENTS, WINDOW = 10, 5   # each message goes to all others
IDLE = 1000


class Server:
    def __init__(self, name, process, url, eio):
        self.name, self.process, self.url, self.eio = name, process, url.replace("http", "ws", 1), eio


def node(version):
    process = Process(["node", SERVERS / "tutorial.js", "--socketio", version, "--port", "0"], stdin=subprocess.PIPE)
    return Server(f"socket.io {version}", process, f"http://localhost:{process.line('listening ')}",
                  "3" if version == "2" else "4")


def ours(folder, names=itertools.count(1)):
    process = Agent(["--relay", "--listen", "0", "--limit", "rate=0", "--limit", "clients=2000", "--limit",
                     "address=2000"], folder=folder, name=f"relay-{next(names)}")
    return Server("callagent", process, process.url(), "4")


def generator(server, *options):
    return Process(["node", SERVERS / "load.js", "--url", server.url, "--eio", server.eio, *options],
                   stdin=subprocess.PIPE)


def loaded(server, *options):
    """The generator's numbers, and how much of a core the server took."""
    load = generator(server, "--clients", CLIENTS, "--seconds", 4, *options)
    time.sleep(2)
    before, begin = cpu_seconds(tree(server.process.pid)), time.monotonic()
    time.sleep(2)
    cpu = (cpu_seconds(tree(server.process.pid)) - before) / (time.monotonic() - begin)
    assert load.wait(30) == 0, load.stderr
    return json.loads(load.stdout), cpu


def measure(start):
    """(messages delivered a second, their 99th percentile of delay at half of that in ms, MB for idle clients)"""
    server = start()
    try:
        full, cpu = loaded(server, "--window", WINDOW)
        delivered = full["received"] / full["seconds"]
        half, _ = loaded(server, "--rate", delivered / (CLIENTS - 1) / 2)
        rate = delivered, half["p99_ms"], 100 * cpu
    finally:
        server.process.kill()
    server = start()
    try:
        load = generator(server, "--clients", IDLE, "--idle")
        load.line("idle", 60)
        time.sleep(2)
        return *rate, pss_mb(tree(server.process.pid))
    finally:
        server.process.kill()
        load.kill()


def main(runs):
    with tempfile.TemporaryDirectory() as folder:
        starts = {"socket.io 2.2.0": lambda: node("2"), "socket.io 4": lambda: node("4"),
                  "callagent": lambda: ours(folder)}
        rounds = {name: [] for name in starts}
        for _ in range(min(runs, 3)):  # in turn: what else the machine does meets all of them
            for name, start in starts.items():
                rounds[name].append(measure(start))
    results = {name: median(each) for name, each in rounds.items()}
    rate, p99, cpu, memory = results["callagent"]
    old, new = results["socket.io 2.2.0"], results["socket.io 4"]
    print(f"{f'relay, {CLIENTS} clients, 250 bytes':38} {'':8} {'':7} {'target':32} beside (socket.io 2.2.0, 4)")
    row("messages delivered a second", rate / 1000, "1000/s", f"≥ {2 * old[0] / 1000:.0f} (2 × 2.2.0)", rate >= 2 * old[0],
        f"{old[0] / 1000:.0f}, {new[0] / 1000:.0f}")
    row("  the server's CPU meanwhile", cpu, "% core", "", True, f"{old[2]:.0f}, {new[2]:.0f}")
    row("99th percentile at half of its own", p99, "ms", "", True, f"{old[1]:.1f}, {new[1]:.1f}")
    row(f"memory with {IDLE} idle clients (PSS)", memory, "MB", f"≤ {old[3] / 3:.0f} (a third of 2.2.0)", memory <= old[3] / 3,
        f"{old[3]:.0f}, {new[3]:.0f}")
