"""--simulate: the statistics of a call say what the simulated network did to it."""

import signal

import pytest

from harness.agent import in_call

pytestmark = pytest.mark.pictures


def simulated(agent, conditions, seconds, *options):
    """A call whose offerer has that network: the summaries of both, answerer first."""
    answer = agent("--answer", "--listen", "0", *options)
    offer = agent("--offer", answer.url(), "--simulate", conditions, *options)
    in_call(answer, offer)
    begun = offer.event("stats")["t"]
    offer.event("stats", seconds + 15, where=lambda event: event["t"] > begun + seconds)
    offer.signal(signal.SIGINT)
    return [each.ends(0)["summary"] for each in (answer, offer)]


def latency(summary):
    return summary["video"]["received"]["quality"]["latency_ms"]


@pytest.mark.alone
def test_losses_are_those_that_were_asked_for(agent):
    answer, offer = simulated(agent, "in.loss=5%", 32)
    there = offer["simulated"]
    assert there["out"]["lost"] == 0
    assert there["in"]["lost"] / there["in"]["packets"] == pytest.approx(0.05, abs=0.01)
    lost = sum(offer[medium]["received"]["packetsLost"] for medium in ("audio", "video"))
    first = sum(offer[medium]["received"]["packetsReceived"] for medium in ("audio", "video"))
    # Of some 2,800 of all those packets, which ones differs from call to call: more than three standard deviations.
    assert lost / (first + lost) == pytest.approx(0.05, abs=0.015)
    assert offer["video"]["received"]["nackCount"] > 0
    assert answer["video"]["received"]["packetsLost"] == 0
    assert "simulated" not in answer


@pytest.mark.alone
def test_a_delay_is_in_the_round_trip_and_in_the_picture(agent):
    near, _ = simulated(agent, "seed=1", 3)
    answer, offer = simulated(agent, "delay=80ms", 4)
    for summary in (answer, offer):
        assert summary["rtt_mean_ms"] == pytest.approx(160, abs=5)
        assert latency(summary) - latency(near) == pytest.approx(80, abs=5)
        assert summary["video"]["received"]["packetsLost"] == 0


@pytest.mark.alone
def test_one_direction_alone(agent):
    answer, offer = simulated(agent, "out.delay=100ms,out.jitter=20ms", 4)
    assert offer["rtt_mean_ms"] == pytest.approx(100, abs=20)
    assert latency(answer) > 80
    assert latency(offer) < 40
    assert offer["simulated"]["in"]["lost"] == offer["simulated"]["out"]["lost"] == 0


@pytest.mark.alone
def test_a_narrow_place(agent):
    answer, offer = simulated(agent, "out.rate=300k,out.queue=200ms", 6)
    for summary, most in ((answer, 300_000), (offer, 10_000_000)):
        received = [summary[medium]["received"]["bitrate_mean"] for medium in ("audio", "video")]
        assert sum(received) < most
    assert answer["video"]["received"]["framesDecoded"] > 100
    assert answer["rtt_max_ms"] < 600


def test_what_was_simulated_is_told(agent):
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--simulate", "loss=1%,in.loss=2%,rate=1M,seed=7", "--duration", "1")
    offer.ends(0)
    answer.ends(0)
    assert offer.events("start")[0]["simulate"] == {
        "seed": 7, "in": {"loss": 0.02, "rate": 1_000_000, "queue_ms": 200},
        "out": {"loss": 0.01, "rate": 1_000_000, "queue_ms": 200}}
    assert "simulate" not in answer.events("start")[0]


@pytest.mark.long
def test_a_network_that_loses_everything(agent):
    """ICE, which is not simulated, finds a path; DTLS does not get through."""
    answer = agent("--answer", "--listen", "0")
    offer = agent("--offer", answer.url(), "--simulate", "loss=100%")
    assert offer.wait(40) in (6, 7, 8, 11)
    assert answer.wait(40) in (6, 7, 8, 11)
