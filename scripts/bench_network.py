"""What becomes of a call on thin, lossy and long networks: two ends in network namespaces. For scripts/bench; as root.

Chromium on both sides of the same paths, measured once (156, Debian 12): 29.9 pictures a second and nothing frozen with
5 % loss, up to 0.35 s at 100 ms; 57 ms of jitter buffer at 500 kbit/s; 1.44 s frozen, and 11 to 12 s until it sends 730 kbit/s
again, where the path becomes thin and wide.
"""

import os
import pathlib
import signal
import statistics
import tempfile
import time

from harness.agent import Agent
from harness.network import Host

# What needs its bits: every picture is new everywhere, and full of edges.
ZONE_PLATE = ("videotestsrc is-live=true pattern=zone-plate kx2=12 ky2=12 kt=3 ! "
              "video/x-raw,width=640,height=480,framerate=30/1")
ADDRESSES = ["10.231.9.1", "10.231.9.2"]
ENOUGH = 730_000  # bit/s

# Seconds, percent lost, ms each way, (second, kbit/s) …
PATHS = {
    "5 % loss": (30, 5, 0, ()),
    "5 % loss, 100 ms round trip": (30, 5, 50, ()),
    "500 kbit/s, 200 ms queue": (30, 0, 0, ((0, 500),)),
    "2 Mbit/s, 500 kbit/s, 2 Mbit/s": (60, 0, 0, ((0, 2000), (15, 500), (30, 2000))),
}


def lay(loss, delay):
    hosts = [Host("a", ipv6=not delay), Host("b", ipv6=not delay)]
    if delay:
        hosts[0].long_cable("cable", f"{ADDRESSES[0]}/24", hosts[1], f"{ADDRESSES[1]}/24", delay)
    else:
        hosts[0].cable("cable", f"{ADDRESSES[0]}/24", hosts[1], "cable", f"{ADDRESSES[1]}/24")
        for host in hosts:
            host.wait_for_link("cable")
    for host in hosts if loss else ():
        host.loses(loss)
    return hosts


def call(hosts, folder, seconds, rates):
    """The events of both ends."""
    options = ["--no-ice-tcp", "--video", ZONE_PLATE]
    answer = Agent(["--answer", "--listen", f"{ADDRESSES[0]}:0", *options], folder=folder, name="answer",
                   prefix=hosts[0].prefix)
    offer = None
    try:
        for host in hosts if rates else ():
            host.narrow("cable", rates[0][1], 200)
        offer = Agent(["--offer", answer.url(), *options], folder=folder, name="offer", prefix=hosts[1].prefix)
        offer.event("connected", 30)
        begun = time.monotonic()
        for at, rate in rates[1:]:
            time.sleep(max(0, begun + at - time.monotonic()))
            for host in hosts:
                host.narrow("cable", rate, 200)
        time.sleep(max(0, begun + seconds - time.monotonic()))
        offer.signal(signal.SIGINT)
        for each in (offer, answer):
            each.ends(0)
        return [each.events() for each in (answer, offer)]
    finally:
        for each in filter(None, (answer, offer)):
            each.kill()


def series(events, kind, member):
    """(second of the call, value)"""
    begun = next(event["t"] for event in events if event["event"] == "connected")
    return [(event["t"] - begun, entry[member]) for event in events if event["event"] == "stats"
            for entry in event["stats"] if entry["type"] == kind and entry["kind"] == "video" and member in entry]


def judge(events, rates):
    rate = sorted(value for at, value in series(events, "inbound-rtp", "framesPerSecond") if at > 2)
    trips = sorted(1000 * value for at, value in series(events, "remote-inbound-rtp", "roundTripTime") if at > 2)
    frozen = events[-1]["summary"]["video"]["received"]["totalFreezesDuration"]
    back = ""
    if len(rates) > 2:
        wide = rates[2][0]
        again = [at - wide for at, value in series(events, "outbound-rtp", "targetBitrate") if at > wide and value > ENOUGH]
        back = f"   back at 730 kbit/s after {again[0]:.0f} s" if again else "   never back at 730 kbit/s"
    return (f"{statistics.mean(rate):5.1f} / {rate[len(rate) // 20]:4.1f} fps   {frozen:5.2f} s frozen   round trip "
            f"{statistics.mean(trips):4.0f} / {trips[len(trips) * 95 // 100]:4.0f} ms{back}")


def main(runs):
    if os.geteuid() != 0:
        print("network: namespaces need root; left out")
        return
    print("mean / 5th percentile of pictures a second, time frozen, mean / 95th percentile of the round trip; each end")
    for name, (seconds, loss, delay, rates) in PATHS.items():
        for _ in range(min(runs, 2)):
            hosts = lay(loss, delay)
            try:
                with tempfile.TemporaryDirectory() as folder:
                    for events in call(hosts, pathlib.Path(folder), seconds, rates):
                        print(f"{name:32} {judge(events, rates)}", flush=True)
            finally:
                for host in hosts:
                    host.close()
