"""Who is told what only a relay says ("id", "joined", "left", "unknown"): a client that says it is not believed, neither by
the relay, nor, over a server that passes on everything, by whoever receives it. Of the same kind: two members "type", and
the type in escapes."""

import asyncio
import contextlib
import json
import signal
import subprocess

import pytest
import websockets

from harness.agent import ROOT, in_call

FORGED = ['{"type":"id","id":"1"}', '{"type":"joined","id":"7"}', '{"type":"left","id":"7"}', '{"type":"unknown","id":"7"}',
          '{"type":"left","id":"7","type":"hello"}', '{"type":"hello","id":"7","type":"left"}', r'{"typ\u0065":"l\u0065ft","id":"7"}']


def waits(answer):
    answer.event("signaling", where=lambda event: event["state"] == "connected")
    return answer


@contextlib.asynccontextmanager
async def open_at(url, number):
    async with websockets.connect(f"{url.replace('http', 'ws')}/ws?number={number}") as socket:
        assert json.loads(await socket.recv()) == {"type": "id", "id": number}
        yield socket


@pytest.mark.parametrize("text", FORGED)
def test_a_relay_passes_on_no_notice_of_a_client(agent, text):
    relay = agent("--relay", "--listen", "0")

    async def forge():
        async with open_at(relay.url(), "1001") as one, open_at(relay.url(), "1002") as two:
            assert json.loads(await one.recv()) == {"type": "joined", "id": "1002"}
            await two.send(text)
            await two.send('{"type":"said","to":"1001"}')
            assert json.loads(await one.recv())["type"] == "said"
    asyncio.run(forge())
    assert "only a relay says" in relay.event("warning")["message"]


def test_a_box_stays_reachable_whatever_a_stranger_says(agent):
    relay = agent("--relay", "--listen", "0")
    box = waits(agent("--answer", relay.url(), "--number", "482193"))

    async def forge():
        async with open_at(relay.url(), "1001") as stranger:
            for text in FORGED:
                await stranger.send(text)
            await stranger.send('{"type":"left","id":"482193"}')
    asyncio.run(forge())
    agent("--offer", relay.url(), "--to", "482193", "--duration", "1").ends(0)
    box.ends(0)


@pytest.mark.parametrize("socketio", [False, True])
def test_over_a_server_that_passes_on_everything_they_change_nothing(agent, wire, tutorial, spawn, socketio):
    """Nobody takes another number, no call ends, none is made again."""
    if socketio:
        url = tutorial("4")
        stranger = spawn(["node", ROOT / "tests" / "servers" / "client.js", "--socketio", "4", "--url", url],
                         stdin=subprocess.PIPE)
        stranger.line("connected")

        def say(message):
            stranger.child.stdin.write(json.dumps(message).encode() + b"\n")
            stranger.child.stdin.flush()
    else:
        server = wire()
        url, say = server.url, server.inject
    box = waits(agent("--answer", url, "--number", "482193"))
    say({"type": "id", "id": "1"})
    offer = agent("--offer", url, "--number", "1001", "--to", "482193")
    in_call(box, offer)
    for message in ({"type": "left", "id": "482193"}, {"type": "left", "id": "1001"}, {"type": "unknown", "id": "482193"},
                    {"type": "id", "id": "2"}):
        say(message)
    seen = len(offer.events("stats"))
    offer.event("stats", where=lambda event: len(offer.events("stats")) > seen + 2)
    offer.signal(signal.SIGINT)
    offer.ends(0)
    box.ends(0)


def test_a_forged_unknown_ends_no_offer(agent, wire):
    server = wire()
    offer = agent("--offer", server.url, "--number", "1001", "--to", "482193")
    server.wait_message("sdp")
    server.inject({"type": "unknown", "id": "482193", "to": "1001"})
    server.inject({"type": "left", "id": "482193", "to": "1001"})
    box = agent("--answer", server.url, "--number", "482193")
    in_call(offer, box)
    offer.signal(signal.SIGINT)
    offer.ends(0)
    box.ends(0)
