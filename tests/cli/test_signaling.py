"""Signaling that fails before the call stands: exit status 3, and 4 where nobody comes."""

import http.server
import signal
import socket
import threading
import time

import pytest

from harness.process import free_port


@pytest.fixture
def certificate(make_cert):
    """For localhost, signed by itself."""
    return make_cert("localhost", "127.0.0.1")


@pytest.fixture
def listener():
    """A TCP server that does with a connection what it is told: listener(serve) → port."""
    sockets = []

    def start(serve):
        server = socket.create_server(("127.0.0.1", 0))
        sockets.append(server)

        def accept():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                sockets.append(connection)
                try:
                    serve(connection)
                except OSError:
                    pass
        threading.Thread(target=accept, daemon=True).start()
        return server.getsockname()[1]

    yield start
    for each in sockets:
        each.close()


@pytest.mark.parametrize("scheme", ["http", "ws"])
@pytest.mark.parametrize("mode", ["--offer", "--answer"])
def test_nothing_listens(agent, scheme, mode):
    url = f"{scheme}://localhost:{free_port()}"
    end = agent(mode, url).ends(3, seconds=40, says=url)
    assert "refused" in end["reason"].lower()


def test_a_host_that_does_not_exist(agent):
    agent("--offer", "http://no-such-host.invalid:3000").ends(3, seconds=40, says="no-such-host.invalid")


@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_a_web_server_is_not_a_signaling_server(agent, scheme):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        agent("--offer", f"{scheme}://localhost:{server.server_port}").ends(3, seconds=40, says="404")
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


def test_a_server_of_another_protocol(agent, listener):
    port = listener(lambda connection: connection.sendall(b"220 mail.example ESMTP\r\n"))
    agent("--offer", f"http://localhost:{port}").ends(3, seconds=40, says=f"localhost:{port}")


def test_a_server_that_never_says_anything(agent, listener):
    port = listener(lambda connection: None)
    agent("--offer", f"http://localhost:{port}").ends(3, seconds=60, says=f"localhost:{port}")


@pytest.mark.parametrize("scheme", ["https", "wss"])
def test_a_certificate_that_nobody_vouches_for_is_refused(agent, certificate, scheme):
    relay = agent("--relay", "--listen", "0", "--tls-cert", certificate[0], "--tls-key", certificate[1])
    url = relay.url().replace("https", scheme)
    begin = time.monotonic()
    end = agent("--offer", url).ends(3, seconds=20, says="certificate")
    assert "--ca" in end["reason"] or "--insecure" in end["reason"]
    assert time.monotonic() - begin < 10, "trying again cannot help"


def test_tls_to_a_server_without_tls(agent):
    relay = agent("--relay", "--listen", "0")
    agent("--offer", relay.url().replace("http", "https")).ends(3, seconds=40)


@pytest.mark.parametrize("trust", ["ca", "insecure"])
def test_a_call_over_tls(agent, certificate, trust):
    option = ["--ca", certificate[0]] if trust == "ca" else ["--insecure"]
    relay = agent("--relay", "--listen", "0", "--tls-cert", certificate[0], "--tls-key", certificate[1])
    assert relay.url().startswith("https://")
    answer = agent("--answer", relay.url(), *option)
    agent("--offer", relay.url().replace("https", "wss"), *option, "--duration", "1").ends(0)
    answer.ends(0)


def test_make_cert_replaces_nothing_unasked_and_keeps_the_key_to_its_owner(make_cert, spawn, tmp_path):
    files = make_cert("studio.local", "192.168.1.20", "fd00::1")
    assert files[1].stat().st_mode & 0o777 == 0o600
    text = spawn(["openssl", "x509", "-in", files[0], "-noout", "-text"])
    text.wait()
    assert "DNS:studio.local, IP Address:192.168.1.20, IP Address:FD00:0:0:0:0:0:0:1" in text.stdout
    before = files[0].read_bytes()
    make_cert("studio.local", status=2)
    for wrong in ("two words", "-x", "a..b", "*"):
        make_cert("--force", wrong, status=2)
    make_cert("--force", "1.2.3.999", status=1)
    assert files[0].read_bytes() == before
    make_cert("--force", "other.local")
    assert files[0].read_bytes() != before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["server.cert", "server.key"]


def test_certificates_that_cannot_be_used_are_refused_at_the_start(agent, make_cert, tmp_path):
    cert, key = make_cert("localhost")
    other = tmp_path / "other"
    other.mkdir()
    stranger = make_cert("localhost", out=other)
    text = tmp_path / "text"
    text.write_text("no certificate")
    for files, says in (((cert, stranger[1]), "not this certificate's"), ((cert, tmp_path / "none"), "none"),
                        ((text, key), "PEM"), ((tmp_path, key), "PEM"), ((key, key), "PEM")):
        refused = agent("--answer", "--listen", "0", "--tls-cert", files[0], "--tls-key", files[1])
        refused.ends(2, says=says)


def test_a_client_without_the_token_is_refused(agent):
    answer = agent("--answer", "--listen", "0", env={"CALLAGENT_TOKEN": "open-sesame"})
    agent("--offer", answer.url()).ends(3, says="token")
    agent("--offer", answer.url(), "--token", "open-barley").ends(3, says="token")
    agent("--offer", answer.url(), "--duration", "1", env={"CALLAGENT_TOKEN": "open-sesame"}).ends(0)
    answer.ends(0)
    assert "open-sesame" not in answer.stderr


def test_a_token_from_a_file(agent, tmp_path):
    (tmp_path / "token").write_text("open-sesame\n")
    answer = agent("--answer", "--listen", "0", "--token-file", tmp_path / "token")
    agent("--offer", answer.url(), "--token", "open-sesame", "--duration", "1").ends(0)
    answer.ends(0)


def test_the_port_is_taken(agent):
    relay = agent("--relay", "--listen", "0")
    port = relay.url().rsplit(":", 1)[1].strip("/")
    agent("--answer", "--listen", port).ends(3, says=port)


@pytest.mark.parametrize("mode", ["--offer", "--answer"])
def test_the_server_goes_before_the_call(agent, wire, mode):
    server = wire()
    process = agent(mode, server.url, "--wait-timeout", "4")
    server.wait_clients(1)
    process.event("signaling", where=lambda event: event["state"] == "connected")
    server.die()
    process.ends(3, says=server.url)
    assert "reconnecting" in [event["state"] for event in process.events("signaling")]


@pytest.mark.long
def test_trying_again_has_an_end(agent, wire):
    """Also where an answerer would wait for ever for somebody to call."""
    server = wire()
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    server.die()
    answer.ends(3, seconds=90, says=server.url)


def test_the_server_comes_back_before_the_call(agent, wire):
    server = wire()
    answer = agent("--answer", server.url)
    server.wait_clients(1)
    server.die()
    answer.event("signaling", where=lambda event: event["state"] == "reconnecting")
    server.start()
    server.wait_clients(2)
    agent("--offer", server.url, "--duration", "1").ends(0)
    answer.ends(0)


def test_nobody_answers(agent, wire):
    begin = time.monotonic()
    agent("--offer", wire().url, "--wait-timeout", "1").ends(4, says="within 1 s")
    assert 1 <= time.monotonic() - begin < 4


def test_nobody_calls(agent):
    agent("--answer", "--listen", "0", "--wait-timeout", "1").ends(4, says="within 1 s")


def test_nobody_has_that_number(agent):
    relay = agent("--relay", "--listen", "0")
    bystander = agent("--answer", relay.url(), "--number", "111111")
    bystander.event("signaling", where=lambda event: event["state"] == "connected")
    agent("--offer", relay.url(), "--to", "222222", "--wait-timeout", "2").ends(4, says="222222")
    assert not bystander.events("ringing")


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("mode", ["--offer", "--answer", "--relay"])
def test_a_signal_before_the_call(agent, number, status, mode):
    process = agent(mode, "--listen", "0")
    process.url()
    process.signal(number)
    # A relay has done what it was asked for.
    process.ends(0 if mode == "--relay" else status, seconds=5)
