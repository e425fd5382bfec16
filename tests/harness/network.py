"""Networks of network namespaces: hosts, cables, routers with NAT, firewalls. All of it ends with the test."""

import itertools
import os
import pathlib
import shutil
import subprocess
import sys
from urllib.parse import quote

from harness.process import wait_until

NUMBERS = itertools.count(1)


class Host:
    """A network namespace. `prefix` goes in front of a command that is to run on it."""

    def __init__(self, name, ipv6=False):
        self.space = f"callagent-{os.getpid()}-{next(NUMBERS)}-{name}"
        subprocess.run(["ip", "netns", "add", self.space], check=True, capture_output=True)
        self.prefix = ["ip", "netns", "exec", self.space]
        self.lines = []  # delay lines that begin here
        if not ipv6:  # then there is no waiting until it has found its addresses to be nobody else's
            self.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *command, stdin=None):
        done = subprocess.run([*self.prefix, *command], input=stdin, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    def address(self, device, address):
        self.run("ip", "addr", "add", address, "dev", device)
        self.run("ip", "link", "set", device, "up")

    def route(self, via):
        self.run("ip", "route", "add", "default", "via", via)

    def forward(self):
        self.run("sysctl", "-qw", "net.ipv4.ip_forward=1")

    def cable(self, name, address, other, its_name, its_address):
        """Between two hosts: the device at each end, and its address."""
        self.run("ip", "link", "add", name, "type", "veth", "peer", "name", its_name, "netns", other.space)
        self.address(name, address)
        other.address(its_name, its_address)

    def wait_for_link(self, device):
        """Until the cable carries, and IPv6 has found its address to be nobody else's: a second or two."""
        def is_up():
            said = self.run("ip", "addr", "show", "dev", device)
            return "state UP" in said and "tentative" not in said and "inet6" in said

        wait_until(is_up, "the cable is up")

    def long_cable(self, name, address, other, its_address, milliseconds):
        """A cable that takes so long each way. The device has the same name at both ends."""
        line = subprocess.Popen([sys.executable, str(pathlib.Path(__file__).with_name("delay_line.py")), self.space,
                                 other.space, name, str(milliseconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines.append(line)
        assert line.stdout.readline() == b"ready\n", "no delay line"
        self.address(name, address)
        other.address(name, its_address)

    def narrow(self, device, rate, queue):
        """What leaves there: at most `rate` kbit/s, with a queue of `queue` ms in front of it."""
        self.run("tc", "qdisc", "replace", "dev", device, "root", "tbf", "rate", f"{rate}kbit", "burst", "3000",
                 "latency", f"{queue}ms")

    def loses(self, percent):
        """So much of the UDP that arrives, at random."""
        self.rules(f"""
            table inet lossy {{
                chain in {{
                    type filter hook input priority 0
                    meta l4proto udp numgen random mod 1000 < {round(percent * 10)} counter drop
                }}
            }}""")

    def rules(self, text):
        """Of nftables. Lines, as nft has it."""
        self.run("nft", "-f", "-", stdin=text)

    def block_udp(self):
        """A firewall that lets no UDP out or in."""
        self.rules("""
            table inet no_udp {
                chain out { type filter hook output priority 0; meta l4proto udp drop; }
                chain in { type filter hook input priority 0; meta l4proto udp drop; }
            }""")

    def names_from(self, server):
        """Who is asked for names; nobody else, and no cache in between."""
        folder = pathlib.Path("/etc/netns") / self.space
        folder.mkdir(parents=True)
        (folder / "resolv.conf").write_text(f"nameserver {server}\n")

    def sockets(self, pid):
        """(address, port) of each socket of a process that waits for packets: UDP, and TCP that listens."""
        found = set()
        for line in self.run("ss", "-Hanptu").splitlines():
            protocol, state, _, _, local = line.split()[:5]
            if f"pid={pid}," in line and (protocol == "udp" or state == "LISTEN"):
                address, _, port = local.rpartition(":")
                found.add((address, int(port)))
        return found

    def close(self):
        for line in self.lines:
            line.stdin.close()
            line.wait()
        subprocess.run(["ip", "netns", "del", self.space], capture_output=True)
        shutil.rmtree(pathlib.Path("/etc/netns") / self.space, ignore_errors=True)


class Internet:
    """Two hosts, each alone in its home behind a router, and a server that both reach:

        host a (10.231.1.2) - router - 10.231.101.2 -+
                                                     server (10.231.200.1)
        host b (10.231.2.2) - router - 10.231.102.2 -+

    No home is reached from outside; a router lets in only what answers something that went out.
    """

    SERVER = "10.231.200.1"
    # The router keeps the port that its host took, whatever the destination, where it can: what STUN
    # found out is true for a peer as well. With fully-random each destination sees another port.
    PLAIN, SYMMETRIC = "", "fully-random"

    def __init__(self):
        self.hosts = []

    def build(self):
        self.server = self._host("server")
        self.server.forward()
        self.server.address("lo", f"{self.SERVER}/32")
        # What is for nobody here is lost, as out there: coturn ends an allocation whose packet has no route.
        nowhere = self._host("nowhere")
        self.server.run("ip", "link", "add", "away", "type", "veth", "peer", "name", "away", "netns", nowhere.space)
        nowhere.run("ip", "link", "set", "away", "up")
        self.server.run("ip", "link", "set", "away", "arp", "off", "up")
        self.server.run("ip", "route", "add", "default", "dev", "away")

    def _host(self, name):
        self.hosts.append(Host(name))
        return self.hosts[-1]

    def home(self, number, nat):
        """A host behind a router of its own."""
        host, router = self._host(f"host{number}"), self._host(f"router{number}")
        host.cable("cable", f"10.231.{number}.2/24", router, "home", f"10.231.{number}.1/24")
        router.cable("out", f"10.231.10{number}.2/24", self.server, f"home{number}", f"10.231.10{number}.1/24")
        host.route(f"10.231.{number}.1")
        router.route(f"10.231.10{number}.1")
        router.forward()
        guard = 'iifname "out" ct state established,related accept; iifname "out" drop;'
        router.rules(f"""
            table ip nat {{
                chain out {{ type nat hook postrouting priority 100; oifname "out" masquerade {nat}; }}
            }}
            table inet guard {{
                chain in {{ type filter hook input priority 0; {guard} }}
                chain through {{ type filter hook forward priority 0; {guard} }}
            }}""")
        return host

    def close(self):
        for host in self.hosts:
            host.close()


class Routed:
    """Two hosts, each at an arm of a router, which is where a signaling server can run:

        a (10.231.11.2) - server (10.231.11.1, 10.231.12.1) - b (10.231.12.2)
    """

    def __init__(self):
        self.hosts = []

    def build(self):
        self.server, self.a, self.b = (self._host(name) for name in ("server", "a", "b"))
        self.server.forward()
        for number, host in ((11, self.a), (12, self.b)):
            host.network = f"10.231.{number}"
            host.cable("cable", f"{host.network}.2/24", self.server, f"to{number}", f"{host.network}.1/24")
            host.route(f"{host.network}.1")

    def _host(self, name):
        self.hosts.append(Host(name))
        return self.hosts[-1]

    @staticmethod
    def cut(host):
        host.run("ip", "link", "set", "cable", "down")

    @staticmethod
    def mend(host):
        host.run("ip", "link", "set", "cable", "up")
        host.route(f"{host.network}.1")  # it went with the link

    @staticmethod
    def readdress(host):
        """As where another router gives out the addresses."""
        host.run("ip", "addr", "flush", "dev", "cable")
        host.run("ip", "addr", "add", f"{host.network}.7/24", "dev", "cable")
        host.route(f"{host.network}.1")

    def close(self):
        for host in self.hosts:
            host.close()


class Coturn:
    """A TURN and STUN server, on a port for UDP and TCP and one for TLS. `spawn` is the fixture."""

    USER, PASSWORD = "alice", "s:cr@t/1"

    def __init__(self, spawn, folder, host, address, *, port=3478, tls_port=5349, secret=None,
                 certificate=None, family=None):
        self.address, self.port, self.tls_port = address, port, tls_port
        users = ["--use-auth-secret", f"--static-auth-secret={secret}"] if secret else \
            ["--lt-cred-mech", f"--user={self.USER}:{self.PASSWORD}"]
        tls = [f"--cert={certificate[0]}", f"--pkey={certificate[1]}"] if certificate else ["--no-tls", "--no-dtls"]
        kind = [f"--allocation-default-address-family={family}"] if family else []
        self.authority = f"[{address}]" if ":" in address else address
        self.process = spawn([*host.prefix, "turnserver", "-n", f"--listening-ip={address}", f"--relay-ip={address}",
                              f"--listening-port={port}", f"--tls-listening-port={tls_port}", *users, *tls, *kind,
                              "--realm=example.org", "--no-cli", "--fingerprint", "--verbose", "--log-file=stdout",
                              f"--pidfile={folder}/coturn-{port}.pid", f"--userdb={folder}/coturn-{port}.db"],
                             cwd=folder)
        self.host = host
        wait_until(self._listens, "coturn listens")

    def _listens(self):
        return f"{self.authority}:{self.port} " in self.host.run("ss", "-Hlnt")

    @property
    def stun(self):
        return f"stun://{self.authority}:{self.port}"

    def turn(self, transport="udp", user=None, password=None, scheme="turn"):
        port = self.tls_port if scheme == "turns" else self.port
        who = f"{quote(user or self.USER, safe='')}:{quote(password or self.PASSWORD, safe='')}"
        return f"{scheme}://{who}@{self.authority}:{port}?transport={transport}"
