"""A signaling server that a test holds in its hand: plain WebSocket, everything passed on to everybody
else, and each message may be seen, altered, dropped or added to on its way. It can play the peer itself,
and it can die and come back on the same port."""

import asyncio
import json
import threading

import websockets
from websockets.frames import OP_TEXT


class Wire:
    """`alter(message, sender)` gets each JSON object and the index of the client that sent it (in the order
    in which they came), and returns the object to pass on, a list of them, or None."""

    def __init__(self, alter=None):
        self.alter = alter or (lambda message, sender: message)
        self.seen = []      # (sender, object), as sent
        self.clients = []   # None where one has gone
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self.start()

    @property
    def url(self):
        return f"ws://localhost:{self.port}/ws"

    # Life and death

    def start(self):
        async def serve():
            self._server = await websockets.serve(self._client, "127.0.0.1", self.port, max_size=None,
                                                  ping_interval=None, compression=None)
            self.port = self._server.sockets[0].getsockname()[1]
        self._do(serve())

    def die(self):
        """As a server that is killed: no closing handshake, nothing listens any more."""
        async def die():
            self._server.close()
            for client in filter(None, self.clients):
                client.transport.abort()
            await self._server.wait_closed()
        self._do(die())

    def close(self):
        self.die()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    # What is said

    def inject(self, what, to=None):
        """Sends an object as JSON, text as it is, bytes as a binary frame; to one client or to all."""
        self._do(self._send(what, to))

    def inject_all(self, frames, to=None):
        """Many at once, faster than one by one."""
        async def send():
            for frame in frames:
                await self._send(frame, to)
        self._do(send(), 120)

    def inject_bad_utf8(self, to=None):
        async def send():
            for client in self._to(to):
                await client.write_frame(True, OP_TEXT, b'{"type":"\xff\xfe"}')
        self._do(send())

    def wait_clients(self, count, seconds=10):
        self._wait(lambda: len(self.clients) >= count, seconds, f"{count} clients")

    def wait_message(self, kind, seconds=10, sender=None):
        """The first message of a type that a client has sent."""
        def found():
            return next((message for who, message in self.seen
                         if message.get("type") == kind and sender in (None, who)), None)
        self._wait(found, seconds, f"message {kind}")
        return found()

    # Inside

    def _wait(self, condition, seconds, what):
        with self._changed:
            assert self._changed.wait_for(condition, seconds), \
                f"no {what} within {seconds} s; seen: {[(w, m.get('type')) for w, m in self.seen]}"

    def _do(self, coroutine, seconds=30):
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(seconds)

    def _to(self, to):
        return [client for index, client in enumerate(self.clients)
                if client and to in (None, index)]

    async def _send(self, what, to=None, sender=None):
        frame = what if isinstance(what, (str, bytes)) else json.dumps(what)
        for client in self._to(to):
            if sender is None or client is not self.clients[sender]:
                try:
                    await client.send(frame)
                except websockets.ConnectionClosed:
                    pass

    async def _client(self, client):
        index = len(self.clients)
        with self._changed:
            self.clients.append(client)
            self._changed.notify_all()
        try:
            async for text in client:
                message = json.loads(text)
                with self._changed:
                    self.seen.append((index, message))
                    self._changed.notify_all()
                altered = self.alter(message, index)
                for each in altered if isinstance(altered, list) else [altered]:
                    if each is not None:
                        await self._send(each, sender=index)
        except websockets.ConnectionClosed:
            pass
        finally:
            self.clients[index] = None


def edit_sdp(change, kinds=("sdp", "sdpRemote")):
    """An `alter` that changes the text of descriptions: change(text) → text."""
    def alter(message, sender):
        if message.get("type") in kinds:
            message = json.loads(json.dumps(message))
            message["sdp"]["sdp"] = change(message["sdp"]["sdp"])
        return message
    return alter
