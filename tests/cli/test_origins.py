"""Which web pages may use a relay, and under which names it is asked for. A page that somebody has open in a browser on
this machine reaches loopback: without this, it sees the camera of whoever answers calls."""

import asyncio
import http.client
import json

import pytest
import websockets

ELSEWHERE = "https://elsewhere.example"
POLLING = "/socket.io/?EIO=4&transport=polling"


def request(url, path=POLLING, method="GET", **headers):
    """(status, headers, text)"""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def upgrade(url, path="/ws", **headers):
    """The status that the handshake of a WebSocket has: 101 where it succeeds."""
    async def shake():
        host = headers.pop("Host", None)
        address = url.replace("http", "ws") + path
        options = {"host": url.split("//")[1].split(":")[0], "port": int(url.rsplit(":", 1)[1])}
        if host:
            address = f"ws://{host}{path}"
        try:
            async with websockets.connect(address, extra_headers=headers, **options):
                return 101
        except websockets.InvalidStatusCode as refused:
            return refused.status_code
    return asyncio.run(shake())


@pytest.mark.parametrize("path", ["/ws", "/socket.io/?EIO=4&transport=websocket", "/socket.io/?EIO=3&transport=websocket"])
def test_a_page_from_elsewhere_gets_no_websocket(agent, path):
    url = agent("--relay", "--listen", "0").url()
    assert upgrade(url, path) == 101  # a program
    assert upgrade(url, path, Origin=url) == 101  # our own page
    assert upgrade(url, path, Origin="http://127.0.0.1:8080") == 101  # the tutorial's, on another port of this machine
    for origin in (ELSEWHERE, "null", url.replace("localhost", "localhost.evil.example")):
        assert upgrade(url, path, Origin=origin) == 403


def test_a_page_from_elsewhere_gets_no_session(agent):
    relay = agent("--relay", "--listen", "0")
    url = relay.url()
    status, headers, text = request(url, Origin=ELSEWHERE)
    assert (status, headers["Access-Control-Allow-Origin"]) == (403, None)
    assert "elsewhere.example" in text and "--allow-origin" in text
    assert request(url, Origin="null")[0] == 403
    assert request(url, method="OPTIONS", Origin=ELSEWHERE, Access_Control_Request_Method="POST")[0] == 403
    # Without CORS there is no Origin, and the browser says where it comes from.
    assert request(url, Sec_Fetch_Site="cross-site")[0] == 403
    assert request(url, Sec_Fetch_Site="same-origin")[0] == 200
    assert request(url, "/", Sec_Fetch_Site="cross-site")[0] == 200  # a link to our page
    message = relay.event("warning")["message"]
    assert "elsewhere.example" in message and "--allow-origin" in message


def test_a_name_that_leads_here_is_not_ours(agent):
    url = agent("--relay", "--listen", "0").url()
    assert request(url, Host="evil.example")[0] == 403
    assert request(url, "/", Host="evil.example:3000")[0] == 403
    assert upgrade(url, Host="evil.example", Origin="http://evil.example") == 403
    assert request(url, Host="127.0.0.1")[0] == 200


def test_what_is_allowed(agent):
    url = agent("--relay", "--listen", "0", "--allow-origin", ELSEWHERE, "--allow-origin", "http://b.example:8080").url()
    status, headers, _ = request(url, Origin=ELSEWHERE)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, ELSEWHERE)
    assert upgrade(url, Origin="http://b.example:8080") == 101
    assert upgrade(url, Origin="http://b.example") == 403
    assert request(url, Host="elsewhere.example")[0] == 200  # a proxy before it
    url = agent("--relay", "--listen", "0", "--allow-origin", "*").url()
    assert upgrade(url, Origin=ELSEWHERE) == 101
    assert upgrade(url, Origin="null") == 403


def test_a_relay_for_others_takes_its_own_pages(agent):
    url = agent("--relay", "--listen", ":0").url()
    assert upgrade(url, Host="studio.local:3000", Origin="https://studio.local:3000") == 101
    assert upgrade(url, Host="studio.local:3000", Origin=ELSEWHERE) == 403


def test_the_page_of_somebody_else_reaches_no_agent(agent):
    """The agent answers nobody: what comes from such a page is not even a client."""
    answer = agent("--answer", "--listen", "0", "--wait-timeout", "2")
    assert upgrade(answer.url(), Origin=ELSEWHERE) == 403
    answer.ends(4)
    assert not answer.events("peer")


def test_who_may_call_is_said_at_the_start(agent, tmp_path):
    """Anybody who reaches the port would be answered at once."""
    open_to_all = agent("--answer", "--listen", ":0")
    warning = open_to_all.event("warning")
    assert warning["code"] == "open-to-all" and "--token" in warning["message"] and "--no-auto" in warning["message"]
    open_to_all.signal(15)
    for less in (["--listen", "0"], ["--listen", ":0", "--token", "s3cret"], ["--listen", ":0", "--no-auto", "--control", tmp_path / "control"]):
        careful = agent("--answer", *less)
        careful.event("signaling", where=lambda event: event["state"] == "connected")
        assert not careful.events("warning"), less
        careful.signal(15)


@pytest.mark.parametrize("value", ["elsewhere.example", "null", "https://a.example/page", ""])
def test_what_is_no_origin(agent, value):
    refused = agent("--relay", "--allow-origin", value, defaults=False)
    assert refused.wait() == 2
    assert "--allow-origin" in refused.stderr
    if value.endswith("/page"):
        assert "https://a.example" in json.dumps(refused.stderr.split("write ")[-1])
