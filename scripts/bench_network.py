"""What becomes of a call on thin, lossy and long networks: callagent and Chromium, each with itself and with the other, on
two hosts that are network namespaces. For scripts/bench; as root.
"""

import os
import pathlib
import statistics
import tempfile
import time

from bench_network_ends import Callagent, Chromium
from harness.agent import Agent
from harness.network import Host

ADDRESSES = ["10.231.9.1", "10.231.9.2"]
ENOUGH = 730_000  # bit/s
QUEUE = 200  # ms
SETTLING = 2  # seconds that are not judged

# Seconds, percent lost, ms each way, (second, kbit/s) …
PATHS = {
    "5 % loss": (30, 5, 0, ()),
    "5 % loss, 100 ms round trip": (30, 5, 50, ()),
    "500 kbit/s, 200 ms queue": (30, 0, 0, ((0, 500),)),
    "2 Mbit/s, 500 kbit/s, 2 Mbit/s": (60, 0, 0, ((0, 2000), (15, 500), (30, 2000))),
}
# Who is called, who calls.
PAIRS = ((Callagent, Callagent), (Callagent, Chromium), (Chromium, Chromium))


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


def narrow(hosts, rate):
    for host in hosts:
        host.narrow("cable", rate, QUEUE)


def hold(hosts, pair, folder, seconds, rates):
    """A call: what both ends saw of it."""
    relay = Agent(["--relay", "--listen", f"{ADDRESSES[0]}:0"], folder=folder, name="relay", prefix=hosts[0].prefix)
    ends = []
    try:
        for host, kind in zip(hosts, pair):
            ends.append(kind(host, relay.url(), folder, calls=bool(ends)))
        if rates:
            narrow(hosts, rates[0][1])
        ends[1].call()
        ends[0].accept()
        for end in ends:
            end.connected()
        begun = time.time()
        for at, rate in rates[1:]:
            time.sleep(max(0, begun + at - time.time()))
            narrow(hosts, rate)
        time.sleep(max(0, begun + seconds - time.time()))
        for end in reversed(ends):
            end.hang_up()
        return [Seen(begun, end) for end in ends]
    finally:
        for end in ends:
            end.close()
        relay.kill()


class Seen:
    """What an end saw of the video, by second of the call, and in ms how long it kept it back."""

    def __init__(self, begun, end):
        self._samples = [(at - begun, entries) for at, entries in end.samples()]
        self.kept_back = [kept for at, kept in end.kept_back() if at - begun > SETTLING]

    def series(self, kind, member):
        return [(at, entry[member]) for at, entries in self._samples for entry in entries
                if entry["type"] == kind and entry.get("kind") == "video" and member in entry]

    def settled(self, kind, member):
        return sorted(value for at, value in self.series(kind, member) if at > SETTLING)

    def last(self, kind, member):
        return max((value for _, value in self.series(kind, member)), default=None)


def judge(receiver, sender, rates):
    """One direction of a call: its pictures where they arrive; its round trips and its bitrate where it is sent."""
    rate = receiver.settled("inbound-rtp", "framesPerSecond")
    frozen = receiver.last("inbound-rtp", "totalFreezesDuration")
    kept = f"{statistics.median(receiver.kept_back):4.0f} ms" if receiver.kept_back else "      –"
    trips = [1000 * value for value in sender.settled("remote-inbound-rtp", "roundTripTime")]
    back = ""
    if len(rates) > 2:
        wide = rates[2][0]
        again = [at - wide for at, value in sender.series("outbound-rtp", "targetBitrate") if at > wide and value > ENOUGH]
        back = f"   back at 730 kbit/s after {again[0]:.0f} s" if again else "   never back at 730 kbit/s"
    return (f"{statistics.mean(rate):5.1f} / {rate[len(rate) // 20]:4.1f} fps   {frozen:5.2f} s frozen   "
            f"kept back {kept}   "
            f"round trip {statistics.mean(trips):4.0f} / {trips[len(trips) * 95 // 100]:4.0f} ms{back}")


def main(runs):
    if os.geteuid() != 0:
        print("network: namespaces need root; left out")
        return
    print("each direction of each call: mean / 5th percentile of pictures a second, time frozen, median of how long pictures\n"
          "are kept back (playout delay, Chromium's jitter buffer), mean / 95th percentile of the round trip")
    for name, (seconds, loss, delay, rates) in PATHS.items():
        for pair in PAIRS:
            for _ in range(min(runs, 2)):
                hosts = lay(loss, delay)
                try:
                    with tempfile.TemporaryDirectory() as folder:
                        callee, caller = hold(hosts, pair, pathlib.Path(folder), seconds, rates)
                finally:
                    for host in hosts:
                        host.close()
                for receiver, sender, way in ((callee, caller, pair[::-1]), (caller, callee, pair)):
                    direction = " → ".join(kind.name for kind in way)
                    print(f"{name:30}  {direction:23} {judge(receiver, sender, rates)}", flush=True)
