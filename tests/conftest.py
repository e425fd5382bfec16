"""What the black-box tests share. Everything that a fixture starts ends with the test."""

import itertools
import os
import pathlib
import subprocess

import pytest
from xdist.scheduler import LoadScheduling

from harness import browser as browsers
from harness.agent import ROOT, SLOW, SMALL, Agent
from harness.descendants import adopt_orphans, descendants, left_behind
from harness.network import Coturn, Host, Internet, Routed
from harness.page import Page
from harness.process import Process
from harness.wire import Wire

TESTS = pathlib.Path(__file__).resolve().parent


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: keeps both cores busy, or measures; at most one other of its kind beside it, and no browser")
    config.addinivalue_line("markers", "pictures: looks at them, so that they are as large and as many as users have them")
    config.addinivalue_line("markers", "long: waits for many seconds, so that it is begun first")
    adopt_orphans()


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


class OneByOne(LoadScheduling):
    """Deals out two tests at a time, where xdist begins with a quarter of all of them: a long test holds up no other that
    was dealt with it."""

    def _send_tests(self, node, num):
        super()._send_tests(node, min(num, 2))


def pytest_xdist_make_scheduler(config, log):
    return OneByOne(config, log)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failure shows what the programs it is about said."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for process in getattr(item, "processes", []):
            told = process.name or pathlib.Path(process.command[0]).name, process.story()
            report.sections.append(told)  # for the terminal
            item.user_properties.append(told)  # for the JUnit file


@pytest.fixture(autouse=True)
def nothing_is_left():
    """No program that a test starts outlives it. Those of the module's or the session's fixtures are there before."""
    before = descendants(os.getpid())
    yield
    left = left_behind(lambda: descendants(os.getpid(), but=before))
    assert not left, "still running after the test: " + "; ".join(f"{pid} {what}" for pid, what in left.items())


@pytest.fixture
def processes(request):
    request.node.processes = []
    yield request.node.processes
    for process in reversed(request.node.processes):
        process.kill()
    for process in request.node.processes:
        if isinstance(process, Agent):
            process.keeps_the_schema()


@pytest.fixture
def spawn(processes):
    """Starts programs: spawn(["node", …]) → Process."""
    def start(command, **options):
        processes.append(Process(command, **options))
        return processes[-1]

    return start


@pytest.fixture
def agent(request, processes, tmp_path):
    """Starts callagent: agent("--answer", …) → Agent."""
    numbers = itertools.count(1)
    if any(request.node.get_closest_marker(name) for name in ("alone", "pictures")):
        less = []
    else:  # a browser's frames are counted, an agent's looked for
        less = SMALL if "browser" in request.path.parts else SMALL + SLOW

    def start(*arguments, name=None, **options):
        name = name or f"{arguments[0].lstrip('-')}-{next(numbers)}"
        processes.append(Agent(arguments, folder=tmp_path, name=name, less=less, **options))
        return processes[-1]

    return start


@pytest.fixture
def tutorial(spawn):
    """Starts the tutorial's server and page: tutorial("2") → its URL."""
    def start(socketio="2", port=0):
        start.server = spawn(["node", TESTS / "servers" / "tutorial.js", "--socketio", socketio,
                              "--port", port, "--public", browsers.PUBLIC], stdin=subprocess.PIPE)
        return f"http://localhost:{start.server.line('listening ')}"

    return start


@pytest.fixture
def wire():
    """Starts signaling servers that alter what goes through them: wire(alter) → Wire."""
    started = []

    def start(alter=None):
        started.append(Wire(alter))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture(scope="session")
def browser_pool():
    """(driver, {name: [idle browser]}): starting one takes seconds, so that they stay for the next test."""
    driver = browsers.Driver()
    yield driver, {}
    driver.close()


@pytest.fixture
def driver(browser_pool):
    """Starts browsers, each as if it had just been installed: driver.launch("firefox") → Browser."""
    leases = browsers.Leases(*browser_pool)
    yield leases
    leases.close()


@pytest.fixture
def page(driver):
    """The relay's page in a browser: page("firefox", url) → Page."""
    return lambda browser, url, **options: Page(driver.launch(browser, **options), url)


def built(kind):
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    net = kind()
    try:
        net.build()
        yield net
    finally:
        net.close()


@pytest.fixture
def internet():
    """Homes behind routers with NAT, and a server in between; see Internet."""
    yield from built(Internet)


@pytest.fixture
def routed():
    """Two hosts and a router between them; see Routed."""
    yield from built(Routed)


@pytest.fixture
def two_hosts():
    """Two network namespaces with a cable between them, and their addresses."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    addresses = ["10.231.7.1", "10.231.7.2"]
    hosts = []
    try:
        for side in "ab":
            hosts.append(Host(side, ipv6=True))
        hosts[0].cable("cable", f"{addresses[0]}/24", hosts[1], "cable", f"{addresses[1]}/24")
        for host in hosts:
            host.wait_for_link("cable")
        yield hosts, addresses
    finally:
        for host in hosts:
            host.close()


@pytest.fixture
def far_hosts():
    """The same, 50 ms away from each other."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    addresses = ["10.231.8.1", "10.231.8.2"]
    hosts = []
    try:
        for side in "ab":
            hosts.append(Host(side))
        hosts[0].long_cable("cable", f"{addresses[0]}/24", hosts[1], f"{addresses[1]}/24", 50)
        yield hosts, addresses
    finally:
        for host in hosts:
            host.close()


@pytest.fixture
def coturn(spawn, tmp_path, internet):
    """Starts coturn on the server of that internet: coturn() → Coturn."""
    def start(**options):
        return Coturn(spawn, tmp_path, internet.server, internet.SERVER, **options)

    return start


@pytest.fixture
def caller(agent, internet):
    """Starts callagent in a home, against a relay on that internet's server: caller(home, "--offer", …) → Agent."""
    relay = []

    def start(home, mode, *options):
        if not relay:
            relay.append(agent("--relay", "--listen", f"{internet.SERVER}:0", prefix=internet.server.prefix))
        stun = () if "--stun" in options else ("--stun", "none")
        return agent(mode, relay[0].url(), "--headless", *stun, *options, prefix=home.prefix, quiet=False)

    return start


@pytest.fixture
def make_cert(spawn, tmp_path):
    """scripts/make-cert NAME…, in a folder of the test's: (certificate, key)."""
    def make(*names, status=0, out=tmp_path):
        made = spawn([ROOT / "scripts" / "make-cert", "--out", out, *names])
        assert made.wait() == status, made.stderr
        return out / "server.cert", out / "server.key"
    return make


@pytest.fixture
def certificate(make_cert):
    """Of that internet's server, signed by itself."""
    return make_cert(Internet.SERVER)
