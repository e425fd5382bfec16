"""scripts/signaling-cluster: nodes with a real Redis between them and a real load balancer before them."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from harness.agent import ROOT, in_call
from harness.process import free_port

CLUSTER = ROOT / "scripts" / "signaling-cluster"


@pytest.fixture
def redis(spawn, tmp_path):
    port = free_port()
    server = spawn(["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", tmp_path])
    deadline = time.monotonic() + 10
    while "Ready to accept connections" not in server.stdout:
        assert time.monotonic() < deadline, server.stdout
        time.sleep(0.02)
    return f"redis://127.0.0.1:{port}"


@pytest.fixture
def node(spawn, redis):
    """Starts a node: node() → its process, with a port."""
    def start(*options):
        process = spawn(["node", CLUSTER / "server.js", "--port", "0", "--redis", redis, *options])
        process.port = process.line("listening ")
        process.url = f"http://localhost:{process.port}"
        return process
    return start


@pytest.fixture
def balancer(spawn, tmp_path):
    """HAProxy before some nodes: balancer(nodes) → its URL."""
    def start(*nodes):
        port = free_port()
        servers = "\n".join(f"    server node{i} 127.0.0.1:{node.port} check inter 100 fall 1 rise 1"
                            for i, node in enumerate(nodes))
        config = tmp_path / "haproxy.cfg"
        config.write_text(f"""
defaults
    mode http
    timeout connect 1s
    timeout client 1m
    timeout server 1m
    timeout tunnel 1h
    option redispatch
listen signaling
    bind 127.0.0.1:{port}
    balance roundrobin
    option httpchk GET /health
{servers}
""")
        spawn(["haproxy", "-db", "-f", config])
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        return f"http://localhost:{port}"
    return start


def connected(process, times=1):
    deadline = time.monotonic() + 20
    while len([e for e in process.events("signaling") if e["state"] == "connected"]) < times:
        assert time.monotonic() < deadline, process.stderr
        time.sleep(0.02)


def test_a_call_by_number_between_two_nodes(agent, node):
    here, there = node(), node()
    answer = agent("--answer", here.url, "--number", "482193")
    connected(answer)
    other = agent("--answer", there.url, "--number", "482194")
    connected(other)
    offer = agent("--offer", there.url, "--to", "482193")
    in_call(offer, answer)
    assert not other.events("peer")
    agent("--offer", here.url, "--to", "482193").ends(11, says="busy")
    agent("--offer", here.url, "--to", "999").ends(4, says="nobody has number 999")
    offer.signal(signal.SIGINT)
    offer.ends(0)
    answer.ends(0)
    other.signal(signal.SIGINT)
    other.wait()


def test_a_node_is_killed(agent, node, balancer):
    """The calls that stand go on; its clients come to the other node, keep their numbers, and can be called there."""
    nodes = [node("--grace", "2000"), node("--grace", "2000")]
    url = balancer(*nodes)
    answer = agent("--answer", url, "--number", "482193", "--keep")
    connected(answer)
    offer = agent("--offer", url, "--to", "482193")
    in_call(answer, offer)
    nodes[0].kill()
    deadline = time.monotonic() + 20
    while not any(e["state"] == "reconnecting" for p in (answer, offer) for e in p.events("signaling")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for process in (answer, offer):
        if any(e["state"] == "reconnecting" for e in process.events("signaling")):
            connected(process, 2)
    time.sleep(5)  # longer than the grace: the call must not be told that anybody left
    assert answer.child.poll() is None and offer.child.poll() is None
    agent("--offer", nodes[1].url, "--to", "482193").ends(11, says="busy")
    offer.signal(signal.SIGINT)
    assert offer.ends(0)["summary"]["stalls"] == 0
    agent("--offer", nodes[1].url, "--to", "482193", "--duration", "1").ends(0)
    answer.signal(signal.SIGINT)
    answer.wait()


def test_a_node_that_ends_hands_its_clients_over(agent, node, balancer):
    nodes = [node(), node()]
    url = balancer(*nodes)
    answers = [agent("--answer", url, "--number", number) for number in ("1001", "1002")]
    for answer in answers:
        connected(answer)
    begin = time.monotonic()
    nodes[0].signal(signal.SIGTERM)
    assert nodes[0].wait(10) == 0
    assert time.monotonic() - begin < 5
    deadline = time.monotonic() + 20
    while sum(len([e for e in a.events("signaling") if e["state"] == "connected"]) for a in answers) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for number, answer in zip(("1001", "1002"), answers):
        agent("--offer", url, "--to", number, "--duration", "1").ends(0)
        answer.ends(0)


def test_who_goes_with_its_node_has_left_after_the_grace(agent, node, spawn):
    here, there = node("--grace", "500"), node("--grace", "500")
    answer = agent("--answer", here.url, "--number", "7")
    connected(answer)
    witness = spawn(["node", ROOT / "tests" / "servers" / "client.js", "--socketio", "4", "--url", there.url],
                    stdin=subprocess.PIPE)
    witness.line("connected")
    here.kill()
    answer.kill()
    assert witness.line('{"type":"left","id":', 20) == '"7"}'


@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("transports", ["polling", "default"])
def test_socketio_clients_of_every_age(spawn, node, version, transports):
    url = node("--ping-interval", "300", "--ping-timeout", "300").url
    command = ["node", ROOT / "tests" / "servers" / "client.js", "--url", url]
    one = spawn([*command, "--socketio", version, "--transports", transports], stdin=subprocess.PIPE)
    number = json.loads('{"type":"id",' + one.line('{"type":"id",'))["id"]
    two = spawn([*command, "--socketio", "4"], stdin=subprocess.PIPE)
    assert one.line('{"type":"joined",')
    two.line("connected")
    one.kill()
    assert two.line('{"type":"left","id":') == f'"{number}"}}'


def test_messages_that_are_none_and_the_order_of_those_that_are(agent, node, spawn):
    url = node().url
    command = ["node", ROOT / "tests" / "servers" / "client.js", "--socketio", "4", "--url", url]
    one, two = (spawn(command, stdin=subprocess.PIPE) for _ in range(2))
    number = json.loads('{"type":"id",' + two.line('{"type":"id",'))["id"]
    one.line('{"type":"id",')
    for text in ('{"to":{"toString":null}}', '{"x":' + "[" * 50000 + "]" * 50000 + "}", "[]", "no JSON", "null",
                 json.dumps({"type": "n", "n": 1, "to": number}), '{"type":"n","n":2}',
                 json.dumps({"type": "n", "n": 3, "to": number})):
        one.child.stdin.write(text.encode() + b"\n")
    one.child.stdin.flush()
    two.line('{"type":"n","n":3')
    said = [json.loads(line) for line in two.stdout.splitlines() if line.startswith('{"type":"n"')]
    assert [message["n"] for message in said] == [1, 2, 3]


@pytest.mark.parametrize("forged", ['{"type":"left","id":"7"}', '{"type":"id","id":"1"}', '{"type":"x","type":"joined","id":"7"}'])
def test_nobody_says_what_only_a_server_says(spawn, node, forged):
    server = node()
    command = ["node", ROOT / "tests" / "servers" / "client.js", "--socketio", "4", "--url", server.url]
    one, two = (spawn(command, stdin=subprocess.PIPE) for _ in range(2))
    number = json.loads('{"type":"id",' + two.line('{"type":"id",'))["id"]
    one.line('{"type":"id",')
    for text in (forged, json.dumps({"type": "said", "to": number})):
        one.child.stdin.write(text.encode() + b"\n")
    one.child.stdin.flush()
    two.line('{"type":"said"')
    assert '"7"' not in two.stdout and '"1"' not in two.stdout


def test_pages_from_elsewhere(node):
    def status(server, **headers):
        connection = http.client.HTTPConnection("localhost", int(server.port), timeout=10)
        connection.request("GET", "/socket.io/?EIO=4&transport=polling", headers=headers)
        return connection.getresponse().status

    server = node()
    assert status(server) == 200
    assert status(server, Origin="http://localhost:8080") == 200
    assert status(server, Origin="https://elsewhere.example") == 403
    assert status(server, Origin="null") == 403
    assert status(server, Host="evil.example", Origin="http://evil.example") == 403
    server = node("--allow-origin", "https://elsewhere.example")
    assert status(server, Origin="https://elsewhere.example") == 200
    assert status(server, Host="elsewhere.example") == 200
    assert status(server, Origin="http://elsewhere.example") == 403


def test_a_redis_that_forgot_everything_is_told_again(agent, node, redis, spawn):
    server = node()
    answer = agent("--answer", server.url, "--number", "482193", "--keep")
    connected(answer)
    port = redis.rpartition(":")[2]
    assert spawn(["redis-cli", "-p", port, "flushall"]).wait() == 0
    deadline = time.monotonic() + 10
    keys = ""
    while "callagent:number:482193" not in keys:
        assert time.monotonic() < deadline
        ask = spawn(["redis-cli", "-p", port, "keys", "*"])
        ask.wait()
        keys = ask.stdout
    agent("--offer", server.url, "--to", "482193", "--duration", "1").ends(0)
    answer.signal(signal.SIGINT)
    answer.wait()


def test_a_node_that_ends_within_the_grace_of_another_leaves_nothing_behind(agent, node, spawn):
    here, there = node("--grace", "3000"), node("--grace", "3000")
    gone = agent("--answer", here.url, "--number", "4711")
    connected(gone)
    here.kill()
    gone.kill()
    time.sleep(1.5)  # the other node has found out, and its grace runs
    there.signal(signal.SIGTERM)
    assert there.wait(10) == 0
    last = node("--grace", "500")
    witness = spawn(["node", ROOT / "tests" / "servers" / "client.js", "--socketio", "4", "--url", last.url],
                    stdin=subprocess.PIPE)
    witness.line("connected")
    assert witness.line('{"type":"left","id":', 20) == '"4711"}'


def test_the_token_and_what_is_missing(agent, node, spawn):
    server = node("--token", "s3cret")
    agent("--offer", server.url).ends(3)
    answer = agent("--answer", server.url, "--token", "s3cret")
    connected(answer)
    agent("--offer", server.url, "--token", "s3cret", "--duration", "1").ends(0)
    answer.ends(0)
    empty = spawn(["node", CLUSTER / "server.js", "--port", "0"], env={**os.environ, "CALLAGENT_TOKEN": ""})
    assert empty.wait(20) == 1
    assert "CALLAGENT_TOKEN" in empty.stderr and "is empty" in empty.stderr
    alone = spawn(["node", CLUSTER / "server.js", "--port", "0", "--redis", f"redis://127.0.0.1:{free_port()}"])
    assert alone.wait(20) == 1
    assert "no Redis at redis://127.0.0.1:" in alone.stderr


def test_one_command_starts_the_nodes_and_starts_them_again(agent, spawn, redis):
    port = free_port(2)
    cluster = spawn(["node", CLUSTER / "start.js", "--nodes", "2", "--port", port, "--redis", redis])
    places = [cluster.line(f"node {i} at ") for i in (1, 2)]
    assert places[1].startswith(f"http://localhost:{port + 1} ")
    answer = agent("--answer", f"http://localhost:{port}", "--number", "5")
    connected(answer)
    agent("--offer", f"http://localhost:{port + 1}", "--to", "5", "--duration", "1").ends(0)
    answer.ends(0)
    victim = int(places[0].split("process ")[1].rstrip(")"))
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while cluster.stdout.count("node 1 at ") < 2:
        assert time.monotonic() < deadline, cluster.stdout + cluster.stderr
        time.sleep(0.02)
    cluster.signal(signal.SIGTERM)
    assert cluster.wait(10) == 0
