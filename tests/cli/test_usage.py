"""What the command line refuses: exit status 2 and one line that names the mistake."""

import pytest

from harness.agent import ROOT

MISTAKES = {
    "unknown option": (["--offer", "--frobnicate"], "frobnicate"),
    "no mode": ([], "--offer"),
    "two modes": (["--offer", "--answer"], "--answer"),
    "three modes": (["--offer", "--answer", "--relay"], "--"),
    "URL and listen": (["--offer", "http://localhost:1", "--listen", "3000"], "--listen"),
    "relay with a URL": (["--relay", "http://localhost:1"], "--relay"),
    "two URLs": (["--offer", "http://localhost:1", "http://localhost:2"], "localhost:2"),
    "URL of another scheme": (["--offer", "ftp://localhost:1"], "ftp://localhost:1"),
    "URL without a host": (["--offer", "http://"], "http://"),
    "URL that is none": (["--offer", "http:/localhost"], "http:/localhost"),
    "URL with a port out of range": (["--offer", "http://localhost:99999"], "99999"),
    "URL with a port of letters": (["--offer", "http://localhost:abc"], "abc"),
    "listen out of range": (["--answer", "--listen", "65536"], "65536"),
    "listen on letters": (["--answer", "--listen", "localhost:http"], "http"),
    "negative number": (["--offer", "--duration", "-1"], "-1"),
    "number of letters": (["--offer", "--duration", "soon"], "soon"),
    "endless number": (["--offer", "--duration", "1e999"], "1e999"),
    "not a number": (["--offer", "--duration", "nan"], "nan"),
    "wait of letters": (["--offer", "--wait-timeout", "x"], "--wait-timeout"),
    "stats interval of zero": (["--offer", "--stats-interval", "0"], "--stats-interval"),
    "size without a height": (["--offer", "--size", "640"], "640"),
    "size of nothing": (["--offer", "--size", "0x0"], "0x0"),
    "size with a unit": (["--offer", "--size", "640x480px"], "640x480px"),
    "size of a planet": (["--offer", "--size", "100000x100000"], "100000x100000"),
    "no frames a second": (["--offer", "--framerate", "0"], "--framerate"),
    "fractional framerate": (["--offer", "--framerate", "29.97"], "29.97"),
    "bitrate with another suffix": (["--offer", "--video-bitrate", "1500x"], "1500x"),
    "bitrate of nothing": (["--offer", "--audio-bitrate", "0"], "--audio-bitrate"),
    "unknown codec": (["--offer", "--video-codec", "vp8,vp10"], "vp10"),
    "no codec": (["--offer", "--video-codec", ""], "--video-codec"),
    "telephone number of letters": (["--offer", "--to", "mum"], "mum"),
    "stun of another scheme": (["--offer", "--stun", "http://localhost"], "http://localhost"),
    "turn without a password": (["--offer", "--turn", "turn://localhost:3478"], "--turn"),
    "ICE policy": (["--offer", "--ice-policy", "some"], "some"),
    "port range backwards": (["--offer", "--port-range", "5000-4000"], "5000-4000"),
    "bind to no address": (["--offer", "--bind-address", "here"], "here"),
    "bind to another machine's address": (["--answer", "--listen", "0", "--bind-address", "192.0.2.1"],
                                          "--bind-address 192.0.2.1: no address of this machine, which has "),
    "authorities of nothing": (["--answer", "--listen", "0", "--ca", "/dev/null"],
                               "--ca /dev/null holds no certificate"),
    "certificate without a key": (["--relay", "--tls-cert", "/dev/null"], "--tls-key"),
    "recording of another kind": (["--offer", "--record", "out.mp4"], "out.mp4"),
    "snapshot of another kind": (["--offer", "--snapshot", "out.gif"], "out.gif"),
    "configuration that is not there": (["--offer", "--config", "/nonexistent/c"], "/nonexistent/c"),
    "token file that is not there": (["--offer", "--token-file", "/nonexistent/t"], "/nonexistent/t"),
    "argument missing": (["--offer", "--duration"], "--duration"),
}


@pytest.mark.parametrize("arguments, names", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_with_one_line_that_names_it(agent, arguments, names):
    process = agent(*arguments, name="agent", defaults=False)
    assert process.wait(10) == 2
    lines = [line for line in process.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, process.stderr
    assert names in lines[0]
    assert process.stdout == ""


@pytest.mark.parametrize("option, says", [("--help", "--offer"), ("--version", "0.1.0")])
def test_what_is_asked_for_goes_to_stdout(agent, option, says):
    process = agent(option, name="agent", defaults=False)
    assert process.wait(10) == 0
    assert says in process.stdout
    assert process.stderr == ""


def test_help_names_every_option_of_the_contract(agent):
    process = agent("--help", name="agent", defaults=False)
    process.wait(10)
    for option in """--offer --answer --relay --list-devices --doctor --listen --number --to --tls-cert --tls-key
                     --ca --insecure --token --token-file --ping-interval --ping-timeout --limit --wait-timeout --duration
                     --keep --stun --turn --ice-policy --port-range --no-ice-tcp --bind-address --video --audio
                     --video-sink --audio-sink --allow-one-way --headless --video-codec --size --framerate
                     --video-bitrate --audio-bitrate --record --snapshot --events --stats-interval
                     --pipelines --config --expect --list-metrics --junit --metrics
                     --report --from --control --auto --no-auto""".split():
        assert option in process.stdout


def test_the_readme_begins_with_its_title():
    assert (ROOT / "README.md").read_text().splitlines()[0] == "# callagent"
