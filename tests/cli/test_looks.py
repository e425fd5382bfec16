"""--list-devices and --doctor: they look, print on stdout, and make no call."""

import socket
import threading

import pytest


def look(agent, *arguments, status=0, **options):
    process = agent(*arguments, name="agent", defaults=False, **options)
    assert process.wait(20) == status, process.stdout + process.stderr
    return process.stdout


@pytest.fixture
def stun():
    """A STUN server on loopback that says we are 192.0.2.1:32853. Gives its URI."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve():
        while True:
            request, sender = server.recvfrom(1500)
            if not request:
                return
            address = bytes([0, 0x20, 0, 8, 0, 1, 0xA1, 0x47, 0xE1, 0x12, 0xA6, 0x43])
            server.sendto(b"\x01\x01\x00\x0c" + request[4:20] + address, sender)

    thread = threading.Thread(target=serve)
    thread.start()
    yield "stun://127.0.0.1:%d" % server.getsockname()[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(b"", server.getsockname())
    thread.join()
    server.close()


def test_a_machine_without_devices_lists_what_to_use_instead(agent):
    text = look(agent, "--list-devices")
    for heading in ("Cameras:", "Microphones:", "Loudspeakers:", "Display:"):
        assert heading in text
    assert "no sound server answers" in text
    assert "--video-sink none" in text  # the tests' environment has no display


def test_a_sound_server_that_takes_no_client_has_no_devices(agent, tmp_path):
    """It accepts connections and hangs up, as one that is dying, or one that wants another's cookie."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "pulse"))
        server.listen()

        def hang_up():
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        listing = agent("--list-devices", name="agent", defaults=False, env={"PULSE_SERVER": f"unix:{tmp_path}/pulse"})
        assert listing.wait(20) == 0
        server.shutdown(socket.SHUT_RDWR)
    assert "no sound server answers" in listing.stdout
    assert "CRITICAL" not in listing.stderr


def test_the_doctor_finds_a_headless_call_possible(agent, stun):
    text = look(agent, "--doctor", "--stun", stun)
    assert "Headless calls can work here" in text
    assert f"ok       {stun}" in text and "sees us as 192.0.2.1:32853" in text
    assert "missing  a sound server" in text and "missing  a display" in text


def test_a_stun_server_that_is_silent_is_reported_and_no_failure(agent):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        uri = "stun://127.0.0.1:%d" % silent.getsockname()[1]
        text = look(agent, "--doctor", "--stun", uri)
    assert f"missing  {uri}" in text and "no answer" in text


def test_without_plugins_the_doctor_says_what_to_install(agent, tmp_path):
    nothing = tmp_path / "none"
    nothing.mkdir()
    text = look(agent, "--doctor", "--stun", "none", status=9,
                env={"GST_PLUGIN_SYSTEM_PATH_1_0": str(nothing), "GST_PLUGIN_PATH_1_0": str(nothing),
                     "GST_REGISTRY": str(tmp_path / "registry.bin")})
    assert "webrtcbin" in text and "apt install" in text and "gstreamer1.0-nice" in text
    assert "No call can work here" in text


def test_a_password_of_a_turn_server_is_not_printed(agent):
    text = look(agent, "--doctor", "--stun", "none", "--turn", "turn://alice:hush@127.0.0.1:9?transport=tcp")
    assert "turn://127.0.0.1:9" in text and "hush" not in text
