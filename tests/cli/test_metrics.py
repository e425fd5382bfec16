"""--metrics: what Prometheus would read while calls come and go."""

import signal
import socket
import urllib.error
import urllib.request

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from harness.agent import in_call

pytestmark = pytest.mark.pictures


def scrape(agent):
    """{(name, labels…): value} of what is served now."""
    url = agent.event("metrics")["url"]
    with urllib.request.urlopen(url, timeout=5) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        families = list(text_string_to_metric_families(answer.read().decode()))
    return {(sample.name, *sorted(sample.labels.items())): sample.value
            for family in families for sample in family.samples}


def test_a_call_as_prometheus_sees_it(agent):
    answer = agent("--answer", "--listen", "0", "--keep", "--metrics", "0", "--stats-interval", "0.5")
    answer.event("signaling")
    before = scrape(answer)
    assert before[("callagent_call_state", ("state", "waiting"))] == 1
    assert not any("fps" in name for name, *_ in before)

    offer = agent("--offer", answer.url())
    in_call(answer, offer)
    connected = answer.event("connected")["t"]
    answer.event("stats", where=lambda event: event["t"] > connected + 1.4)
    now = scrape(answer)
    newest = answer.events("stats")
    assert now[("callagent_call_state", ("state", "up"))] == 1
    assert 20 <= now[("callagent_video_fps_frames_per_second",)] <= 40
    assert 0 < now[("callagent_setup_seconds",)] < 2
    assert now[("callagent_loss_ratio",)] == 0
    assert 10_000 < now[("callagent_bitrate_in_bits_per_second",)] < 5_000_000
    video = next(entry for entry in newest[-1]["stats"] if entry["type"] == "inbound-rtp" and entry["kind"] == "video")
    labels = (("kind", "video"), ("ssrc", str(video["ssrc"])))
    decoded = [entry["framesDecoded"] for event in newest for entry in event["stats"] if entry["id"] == video["id"]]
    assert now[("callagent_inbound_rtp_frames_decoded_total", *labels)] in decoded
    assert now[("callagent_inbound_rtp_frame_width", *labels)] == 640

    offer.signal(signal.SIGINT)
    offer.ends(0)
    answer.event("call-ended")
    after = scrape(answer)
    assert after[("callagent_calls_ended_total", ("exit_code", "0"))] == 1
    answer.signal(signal.SIGTERM)
    answer.ends(0)


def test_nothing_else_is_served(agent):
    answer = agent("--answer", "--listen", "0", "--metrics", "0")
    url = answer.event("metrics")["url"]
    for path, method, status in (("/", "GET", 404), ("/metrics", "POST", 405)):
        request = urllib.request.Request(url.replace("/metrics", path), method=method, data=b"" if method == "POST" else None)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        assert refused.value.code == status
    answer.signal(signal.SIGINT)
    answer.ends(130)


def test_a_port_in_use_is_exit_2(agent):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = agent("--answer", "--listen", "0", "--metrics", f"127.0.0.1:{port}")
        answer.ends(2, says=f"--metrics: cannot listen on port {port}")
