"""The relay and Engine.IO, byte by byte, in both of its versions: what the protocol's own test suites ask of any
server. Not asked here: binary packets, which come back from an echo server there and are ignored by a relay of
signaling; and namespaces of one's own, of which a relay has none."""

import asyncio
import contextlib
import http.client
import json
import socket
import time

import pytest
import websockets

from harness.process import is_read, wait_until

INTERVAL, TIMEOUT = 300, 200
VERSIONS = [3, 4]


class Server:
    def __init__(self, url, version):
        self.host = url.removeprefix("http://")
        self.version = version

    def path(self, query):
        return f"/socket.io/?EIO={self.version}&{query}"

    def request(self, method, path, body=None, headers=None):
        """(status, headers, text)"""
        connection = http.client.HTTPConnection(self.host, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def payload(self, *packets):
        if self.version == 4:
            return "\x1e".join(packets)
        return "".join(f"{len(packet.encode('utf-16-le')) // 2}:{packet}" for packet in packets)

    def packets(self, body):
        if self.version == 4:
            return body.split("\x1e")
        packets = []
        while body:
            length, _, rest = body.partition(":")
            packets.append(rest[:int(length)])  # no test here has characters beyond 16 bits
            body = rest[int(length):]
        return packets

    def open(self):
        """A session: its handshake, and the packets that came with it."""
        status, _, body = self.request("GET", self.path("transport=polling"))
        assert status == 200
        first, *more = self.packets(body)
        assert first[0] == "0"
        return json.loads(first[1:]), more

    def session(self):
        """A session in the room: its sid."""
        handshake, more = self.open()
        sid = handshake["sid"]
        if self.version == 4:
            assert self.post(sid, "40") == (200, "ok")
            more = self.poll(sid)[1]
        while not any(packet.startswith('42["onEvent"') for packet in more):
            more = self.poll(sid)[1]
        return sid

    def poll(self, sid):
        status, _, body = self.request("GET", self.path(f"transport=polling&sid={sid}"))
        return status, self.packets(body) if status == 200 else json.loads(body)

    def post(self, sid, *packets):
        status, _, body = self.request("POST", self.path(f"transport=polling&sid={sid}"), self.payload(*packets))
        return status, body

    def is_over(self, sid):
        return self.poll(sid)[0] == 400

    def websocket(self, query="transport=websocket"):
        return websockets.connect(f"ws://{self.host}{self.path(query)}", ping_interval=None)

    async def upgrade(self, sid):
        ws = await self.websocket(f"transport=websocket&sid={sid}")
        await ws.send("2probe")
        assert await ws.recv() == "3probe"
        await ws.send("5")
        return ws


@pytest.fixture
def relay(agent):
    def start(version, *options):
        heartbeat = ("--ping-interval", INTERVAL, "--ping-timeout", TIMEOUT)
        process = agent("--relay", "--listen", "0", *(options or heartbeat))
        return Server(process.url(), version)
    return start


@pytest.fixture(params=VERSIONS)
def server(relay, request):
    return relay(request.param)


@pytest.fixture(params=VERSIONS)
def patient(relay, request):
    """With the heartbeat that it has by default."""
    return relay(request.param, "--ping-interval", 25000)


def waiting(server, sid):
    """The connection of a GET that waits, once the relay has read it: other connections are not before it then."""
    host, port = server.host.split(":")
    connection = socket.create_connection((host, int(port)))
    connection.sendall(f"GET {server.path('transport=polling')}&sid={sid} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    wait_until(lambda: is_read(connection), "the relay reads what it was sent")
    return connection


def answer(connection):
    """What comes until it ends, or until a body without further headers is there."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.read().decode()


# Handshake

def test_the_handshake(patient):
    handshake, more = patient.open()
    expected = {"sid", "upgrades", "pingInterval", "pingTimeout", "callagent"} | ({"maxPayload"} if patient.version == 4 else set())
    assert set(handshake) == expected
    assert handshake["upgrades"] == ["websocket"]
    assert (handshake["pingInterval"], handshake["pingTimeout"]) == (25000, 20000)
    assert handshake.get("maxPayload", 1_000_000) == 1_000_000
    assert more[:1] == (["40"] if patient.version == 3 else [])


def test_the_handshake_over_websocket(patient):
    async def first():
        async with patient.websocket() as ws:
            return await ws.recv()
    handshake = asyncio.run(first())
    assert json.loads(handshake[1:])["upgrades"] == []


@pytest.mark.parametrize("method, query, code", [
    ("GET", "EIO=4", 0), ("GET", "EIO=4&transport=abc", 0), ("GET", "EIO=4&transport=websocket", 0),
    ("GET", "transport=polling", 5), ("GET", "EIO=abc&transport=polling", 5), ("GET", "EIO=2&transport=polling", 5),
    ("POST", "EIO=4&transport=polling", 2), ("PUT", "EIO=4&transport=polling", 2),
    ("DELETE", "EIO=3&transport=polling&sid=x", 2),
    ("GET", "EIO=4&transport=polling&sid=x", 1), ("POST", "EIO=3&transport=polling&sid=x", 1)])
def test_requests_that_are_none(relay, method, query, code):
    status, _, body = relay(4).request(method, f"/socket.io/?{query}")
    assert (status, json.loads(body)["code"]) == (400, code)


# Messages

def test_packets_there_and_back(patient):
    one, two = patient.session(), patient.session()
    texts = [json.dumps({"type": "bye", "reason": reason}) for reason in ("a", "ü€", "c")]
    assert patient.post(one, *(f'42["dispatchEvent",{json.dumps(text)}]' for text in texts)) == (200, "ok")
    status, packets = patient.poll(two)
    assert status == 200
    said = [json.loads(json.loads(packet[2:])[1]) for packet in packets]
    assert [message["reason"] for message in said if message["type"] == "bye"] == ["a", "ü€", "c"]


def test_a_binary_packet_is_ignored(patient):
    sid = patient.session()
    assert patient.post(sid, "bAQIDBA==") == (200, "ok")
    assert patient.post(sid, "2probe" if patient.version == 3 else "3") == (200, "ok")


@pytest.mark.parametrize("body", [b"abc", b"", b"4\xff\xfe", b"9", b"\x1e"])
def test_a_body_that_is_no_payload_ends_the_session(patient, body):
    sid = patient.session()
    status, _, _ = patient.request("POST", patient.path(f"transport=polling&sid={sid}"), body)
    assert status == 400
    assert patient.is_over(sid)


def test_a_packet_that_is_none_ends_the_session(patient):
    sid = patient.session()
    patient.post(sid, "4abc")
    assert patient.is_over(sid)

    async def over_websocket():
        async with patient.websocket() as ws:
            await ws.send("abc")
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    await asyncio.wait_for(ws.recv(), 10)
    asyncio.run(over_websocket())


def test_polling_twice_at_the_same_time_ends_the_session(patient):
    sid = patient.session()
    first = waiting(patient, sid)
    assert patient.poll(sid)[0] == 400
    assert answer(first) == (200, patient.payload("1"))
    assert patient.is_over(sid)


def test_a_poll_that_is_given_up_ends_the_session(patient):
    """A page that is closed. The others are told at once."""
    witness, sid = patient.session(), patient.session()
    waiting(patient, sid).close()
    deadline = time.monotonic() + 10
    while not any("left" in packet for packet in patient.poll(witness)[1]):
        assert time.monotonic() < deadline
    assert patient.is_over(sid)


# Heartbeat

def test_the_heartbeat(server):
    sid = server.session()
    ours, theirs = ("2", "3") if server.version == 4 else ("3", "2")
    for _ in range(4):
        if server.version == 3:
            assert server.post(sid, theirs) == (200, "ok")
        assert server.poll(sid) == (200, [ours])
        if server.version == 4:
            assert server.post(sid, theirs) == (200, "ok")


def test_without_a_heartbeat_the_session_is_over(server):
    sid = server.session()
    begin = time.monotonic()
    if server.version == 4:
        assert server.poll(sid) == (200, ["2"])
    assert server.poll(sid) == (200, ["1"])
    assert time.monotonic() - begin < 5
    assert server.is_over(sid)


# Close

def test_close(patient):
    witness, sid = patient.session(), patient.session()
    pending = waiting(patient, sid)
    assert patient.post(sid, "1")[0] == 200
    assert answer(pending) == (200, patient.payload("6"))
    assert patient.is_over(sid)
    assert any("left" in packet for packet in patient.poll(witness)[1])


# Upgrade

def test_the_change_to_a_websocket(patient):
    sid, other = patient.session(), patient.session()

    async def change():
        ws = await patient.websocket(f"transport=websocket&sid={sid}")
        await ws.send("2probe")
        assert await ws.recv() == "3probe"
        loop = asyncio.get_running_loop()
        joined = await loop.run_in_executor(None, patient.poll, sid)
        if joined[1] != ["6"]:  # of the other one
            joined = await loop.run_in_executor(None, patient.poll, sid)
        assert joined == (200, ["6"])
        # What comes in the meantime is not lost.
        say = f'42["dispatchEvent",{json.dumps(json.dumps({"type": "ringing"}))}]'
        assert (await loop.run_in_executor(None, patient.post, other, say))[0] == 200
        await ws.send("5")
        assert "ringing" in await asyncio.wait_for(ws.recv(), 10)
        assert await loop.run_in_executor(None, patient.is_over, sid)
        with pytest.raises(websockets.InvalidStatusCode):
            await patient.websocket(f"transport=websocket&sid={sid}")
        await ws.send('42["dispatchEvent","{\\"type\\":\\"busy\\"}"]')
        while "busy" not in str((await loop.run_in_executor(None, patient.poll, other))[1]):
            pass
        await ws.close()
        assert "left" in str((await loop.run_in_executor(None, patient.poll, other))[1])
    asyncio.run(asyncio.wait_for(change(), 30))


def test_what_was_not_fetched_before_the_change_comes_over_the_websocket(patient):
    one, other = patient.session(), patient.session()
    texts = [f'42["dispatchEvent",{json.dumps(json.dumps({"type": "bye", "reason": str(i)}))}]' for i in range(3)]
    assert patient.post(other, *texts) == (200, "ok")

    async def change():
        ws = await patient.upgrade(one)
        packets = [await asyncio.wait_for(ws.recv(), 10) for _ in range(4)]
        assert "joined" in packets[0]
        assert [json.loads(json.loads(packet[2:])[1])["reason"] for packet in packets[1:]] == ["0", "1", "2"]
        await ws.close()
    asyncio.run(change())


def test_a_client_probes_once(patient):
    sid = patient.session()

    async def flood():
        ws = await patient.websocket(f"transport=websocket&sid={sid}")
        await ws.send("2probe")
        assert await ws.recv() == "3probe"
        await ws.send("2probe")
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(ws.recv(), 10)
    asyncio.run(flood())


def test_what_is_no_message_counts_after_the_change_too(relay):
    server = relay(4, "--limit", "rate=10", "--ping-interval", "25000")
    sid = server.session()

    async def flood():
        ws = await server.upgrade(sid)
        with pytest.raises(websockets.ConnectionClosed):
            for _ in range(10_000):
                await ws.send(b"x")
            await asyncio.wait_for(ws.wait_closed(), 10)
            await ws.send(b"x")
    asyncio.run(flood())


def test_every_answer_says_that_its_connection_ends(patient):
    sid = patient.session()
    for method, path in (("GET", "/"), ("GET", "/none"), ("OPTIONS", "/socket.io/"),
                         ("GET", patient.path("transport=polling")),
                         ("POST", patient.path(f"transport=polling&sid={sid}"))):
        assert patient.request(method, path)[1]["Connection"] == "close", (method, path)


def test_who_is_turned_away_is_said(relay, agent, processes):
    server = relay(4, "--limit", "clients=1")
    server.session()
    assert server.request("GET", server.path("transport=polling"))[0] == 503
    assert "is turned away: the relay is full, with 1 clients" in processes[0].event("warning")["message"]
    wait_until(lambda: "is turned away" in processes[0].stderr, "it is said on stderr, too")


def test_a_probe_that_fails_leaves_the_polling_alone(patient):
    sid = patient.session()

    async def fail():
        for said in (["3probe"], ["2probe"], []):
            ws = await patient.websocket(f"transport=websocket&sid={sid}")
            for packet in said:
                await ws.send(packet)
                if packet == "2probe":
                    assert await ws.recv() == "3probe"
            await ws.close()
    asyncio.run(asyncio.wait_for(fail(), 20))
    other = patient.session()
    assert patient.post(other, f'42["dispatchEvent",{json.dumps(json.dumps({"type": "ringing"}))}]')[0] == 200
    said = ""
    while "ringing" not in said:
        status, packets = patient.poll(sid)
        assert status == 200
        said = str(packets)


# Pages from elsewhere, and who may call

def test_a_page_from_elsewhere(relay):
    server = relay(4, "--ping-interval", 25000, "--allow-origin", "https://elsewhere.example")
    origin = {"Origin": "https://elsewhere.example"}
    status, headers, _ = server.request("OPTIONS", server.path("transport=polling&sid=x"), headers={
        **origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
    assert status == 204
    assert headers["Access-Control-Allow-Headers"] == "content-type"
    assert "POST" in headers["Access-Control-Allow-Methods"]
    for _, headers, _ in (server.request("GET", server.path("transport=polling"), headers=origin),
                          server.request("GET", server.path("transport=polling&sid=x"), headers=origin)):
        assert headers["Access-Control-Allow-Origin"] == "https://elsewhere.example"
        assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "Access-Control-Allow-Origin" not in server.request("GET", "/", headers=origin)[1]


def test_the_token_is_demanded_of_every_request(relay):
    server = relay(4, "--token", "s3cret", "--ping-interval", "25000")
    assert server.request("GET", server.path("transport=polling"))[0] == 401
    assert server.request("GET", server.path("transport=polling&token=wrong"))[0] == 401
    status, _, body = server.request("GET", server.path("transport=polling&token=s3cret"))
    assert status == 200
    sid = json.loads(body[1:])["sid"]
    assert server.post(sid, "40")[0] == 401
    assert server.request("POST", server.path(f"transport=polling&sid={sid}"), "40",
                          {"Authorization": "Bearer s3cret"})[0] == 200
    with pytest.raises(websockets.InvalidStatusCode):
        asyncio.run(server.upgrade(sid))
